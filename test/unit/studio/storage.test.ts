import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Link } from '#contract/link.ts';
import type { StorageKind } from '#contract/storage.ts';
import { openStore } from '#store/store.ts';
import { freeSpace } from '#studio/free-space.ts';
import { kindOf } from '#studio/storage/sizes.ts';
import { chosenBy } from '#studio/storage/purge.ts';
import type { Studio } from '#studio/studio.ts';
import { addExperiment, addRun, finishRun } from '../store/fixture.ts';
import { closeAll, homeWith, openHere, refusal } from './fixture.ts';

let home: string;
let studio: Studio;
let link: Link;
const ids = Array.from({ length: 6 }, (_, at) => `run-${at}`);
const patience = { timeout: 60_000, interval: 50 };

function put(path: string, bytes: number): void {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, Buffer.alloc(bytes, 1));
}

/** Bytes and files of a folder by another way than the code's. */
function onDisk(folder = home): { bytes: number; files: number } {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return { bytes: all.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0), files: all.length };
}

beforeEach(async () => {
  home = homeWith((store) => {
    addExperiment(store, 'exp-a', 'Layers');
    for (const [at, id] of ids.entries()) {
      addRun(store, { id, seed: at, configuration: 'one', hyper: { n_layers: 2 } });
      finishRun(store, id, { 'recall@20': 0.1 });
    }
  });
  for (const [at, id] of ids.entries()) {
    put(`runs/${id}/checkpoint-best.bin`, 1000 * (at + 1));
    put(`runs/${id}/per-user-test.npy`, 10);
    put(`runs/${id}/top50.npy`, 20);
  }
  put('cache/stages/abc/result.bin', 500);
  put('cache/handover/def/features/image.npy', 300);
  put('bundles/paper.zip', 700);
  studio = await openHere(home, { resume: false });
  link = studio.link();
});
afterEach(closeAll);

const sizes = async () => new Map((await link.call('storage.sizes', {})).kinds.map(({ kind, bytes }) => [kind, bytes] as const));
describe('sizes', () => {
  test('are those on the disk, each file under one kind', async () => {
    await link.call('runs.trash', { ids: ['run-5'] });
    const found = await link.call('storage.sizes', {});
    const kinds = new Map(found.kinds.map((kind) => [kind.kind, kind]));
    expect(kinds.get('checkpoints')).toEqual({ kind: 'checkpoints', bytes: 15_000, files: 5 });
    expect(kinds.get('per-user')).toEqual({ kind: 'per-user', bytes: 50, files: 5 });
    expect(kinds.get('run-files')).toEqual({ kind: 'run-files', bytes: 100, files: 5 });
    expect(kinds.get('trash')).toEqual({ kind: 'trash', bytes: 6030, files: 3 });
    expect(kinds.get('caches')).toEqual({ kind: 'caches', bytes: 800, files: 2 });
    expect(kinds.get('bundles')).toEqual({ kind: 'bundles', bytes: 700, files: 1 });
    expect(kinds.get('database')!.bytes).toBeGreaterThan(0);
    expect(found.kinds.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(found.bytes);
    // The owner's socket is a file of none: everything else is counted.
    expect(found.bytes).toBe(onDisk().bytes);
  });

  test.each<[string, StorageKind]>([
    ['avocet.sqlite', 'database'],
    ['avocet.sqlite-wal', 'database'],
    ['owner.lock', 'other'],
    ['runs/run-1/checkpoint-last-3.bin', 'checkpoints'],
    ['runs/run-9/checkpoint-best.bin', 'trash'],
    ['runs/run-1/checkpoint-best.bin', 'trash'],
    ['cache-removed-1/stages/x', 'caches'],
    ['models/mine/model.ts', 'models'],
    ['desktop/Preferences', 'other'],
  ])('%s is %s', (path, kind) => {
    const trashed = { runs: new Set(['run-9']), files: new Set(['run-1/checkpoint-best.bin']) };
    expect(kindOf(path.split('/'), trashed)).toBe(kind);
  });
});

describe('purging the trash', () => {
  test('deletes exactly what was shown, and frees exactly these bytes', async () => {
    await link.call('runs.trash', { ids: ['run-1', 'run-2', 'run-3'] });
    const plan = await link.call('storage.trash', {});
    expect(plan).toMatchObject({ runs: 3, checkpoints: 0, bytes: 2030 + 3030 + 4030, files: 9, locked: 0 });
    // A run that is put there after the list was shown is not among what was confirmed.
    await link.call('runs.trash', { ids: ['run-4'] });
    const before = onDisk(join(home, 'runs'));
    const freed = await link.call('storage.purge', { items: plan.items });
    const after = onDisk(join(home, 'runs'));
    expect(freed).toEqual({ runs: 3, checkpoints: 0, bytes: plan.bytes, files: plan.files });
    expect(before.bytes - after.bytes).toBe(freed.bytes);
    expect(before.files - after.files).toBe(freed.files);
    expect(readdirSync(join(home, 'runs')).sort()).toEqual(['run-0', 'run-4', 'run-5']);
    expect(await link.call('storage.trash', {})).toMatchObject({ runs: 1, bytes: 5030 });
    expect((await link.call('storage.purge', { items: plan.items })).runs).toBe(0);
  });

  test('leaves locked runs, and what was never in the trash, whatever is asked', async () => {
    await link.call('runs.trash', { ids: ['run-1', 'run-2'] });
    await link.call('runs.change', { ids: ['run-2'], change: { type: 'lock', locked: true } });
    const plan = await link.call('storage.trash', {});
    expect(plan).toMatchObject({ runs: 1, bytes: 2030, locked: 1 });
    const freed = await link.call('storage.purge', { items: [{ run: 'run-0' }, { run: 'run-1' }, { run: 'run-2' }] });
    expect(freed).toMatchObject({ runs: 1, bytes: 2030 });
    expect(readdirSync(join(home, 'runs'))).toContain('run-2');
    expect(readdirSync(join(home, 'runs'))).toContain('run-0');
  });

  test('goes by age and by what may stay, the oldest first', () => {
    const day = 86_400_000;
    const all = [
      { bytes: 10, files: 1, trashedAt: 5 * day },
      { bytes: 20, files: 1, trashedAt: 1 * day },
      { bytes: 40, files: 1, trashedAt: 9 * day },
    ];
    const bytes = (rule: { olderThanDays?: number; keepBytes?: number }) => chosenBy(all, rule, 10 * day).map((each) => each.bytes);
    expect(bytes({})).toEqual([20, 10, 40]);
    expect(bytes({ olderThanDays: 5 })).toEqual([20, 10]);
    expect(bytes({ keepBytes: 50 })).toEqual([20]);
    expect(bytes({ keepBytes: 70 })).toEqual([]);
    expect(bytes({ olderThanDays: 9, keepBytes: 0 })).toEqual([20]);
  });
});

test('caches go with their bytes, the rest stays', async () => {
  const before = await sizes();
  expect(await link.call('storage.clearCaches', {})).toEqual({ bytes: 800, files: 2 });
  expect(existsSync(join(home, 'cache'))).toBe(false);
  const after = await sizes();
  expect(after.get('caches')).toBe(0);
  expect(after.get('checkpoints')).toBe(before.get('checkpoints'));
  // What was left of a purge that was killed goes with the next one.
  put('cache-removed-former/x', 5);
  expect(await link.call('storage.clearCaches', {})).toEqual({ bytes: 5, files: 1 });
  // Plans and the queue know of it: no finished run supplies a stage.
  await studio.close();
  const store = openStore(home);
  expect(store.past.suppliers('demo', 'one')).toEqual([]);
  store.close();
});

describe('copies of the database', () => {
  test('are restored after a check, and what they replace is kept', async () => {
    const made = await link.call('backups.make', {});
    await link.call('runs.annotate', { ids: ['run-0'], note: 'written after the copy' });
    await link.call('runs.trash', { ids: ['run-5'] });
    await link.call('storage.purge', { items: (await link.call('storage.trash', {})).items });
    expect(await link.call('backups.check', { name: made.name })).toMatchObject({ runs: 6, experiments: 1, lost: 0, withoutFiles: 1 });
    await link.call('backups.restore', { name: made.name });
    // The folder is opened anew: the old link closes, a new one finds what the copy holds.
    await vi.waitFor(async () => {
      link = studio.link();
      expect((await link.call('runs.get', { id: 'run-0' })).summary.note).toBe('');
    }, patience);
    expect((await link.call('runs.page', {})).totalRuns).toBe(6);
    const { backups } = await link.call('backups.list', {});
    expect(backups.map(({ reason }) => reason).sort()).toEqual(['asked', 'restore']);
    const former = backups.find(({ reason }) => reason === 'restore')!;
    expect(await link.call('backups.check', { name: former.name })).toMatchObject({ runs: 5, lost: 1 });
    expect(existsSync(join(home, 'avocet-restore.sqlite'))).toBe(false);
  });

  test('that are torn, unknown or no names are refused, and nothing changes', async () => {
    const made = await link.call('backups.make', {});
    const path = join(home, 'backups', made.name);
    const bytes = readFileSync(path);
    bytes.fill(7, 4096, bytes.length - 512);
    writeFileSync(path, bytes);
    expect((await refusal(link.call('backups.restore', { name: made.name })))?.code).toBe('backup.damaged');
    expect((await refusal(link.call('backups.restore', { name: 'none.sqlite' })))?.code).toBe('backup.unknown');
    expect(await refusal(link.call('backups.remove', { name: '../avocet.sqlite' }))).toBeDefined();
    expect(existsSync(join(home, 'avocet-restore.sqlite'))).toBe(false);
    expect((await link.call('runs.page', {})).totalRuns).toBe(6);
    utimesSync(path, 1, 1);
    expect((await link.call('backups.remove', { name: made.name })).bytes).toBe(bytes.length);
    expect(await link.call('backups.list', {})).toEqual({ backups: [] });
  });
});

test('settings go back to those of a first start, by name, and every window hears of it', async () => {
  const other = studio.link();
  const seen: string[] = [];
  const watching = new AbortController();
  const watched = (async () => {
    for await (const { theme, concurrency } of other.stream('settings.watch', {}, watching.signal)) seen.push(`${theme} ${concurrency}`);
  })().catch(() => undefined);
  const first = await link.call('settings.get', {});
  await link.call('settings.set', { theme: 'dark', concurrency: 7, shortcuts: { rail: ['Ctrl+KeyJ'] } });
  await vi.waitFor(() => expect(seen[seen.length - 1]).toBe('dark 7'), patience);
  const reset = await link.call('settings.reset', { keys: ['concurrency', 'shortcuts'] });
  expect(reset).toEqual({ ...first, theme: 'dark' });
  await vi.waitFor(() => expect(seen[seen.length - 1]).toBe(`dark ${first.concurrency}`), patience);
  watching.abort();
  await watched;
  await studio.close();
  const again = await openHere(home, { resume: false });
  expect(await again.link().call('settings.get', {})).toEqual(reset);
});

describe('diagnostics', () => {
  test('say versions, devices, failures and storage, and neither the folder nor the person', async () => {
    const { text } = await link.call('diagnostics.report', {});
    for (const title of ['Versions', 'Devices', 'What the doctor found', 'Settings', 'Data folder', 'Runs', 'Notices since the start'])
      expect(text).toContain(`== ${title}`);
    expect(text).toContain('finished 6');
    expect(text).not.toContain(home);
    if (homedir().length > 3) expect(text).not.toContain(`${homedir()}/`);
    // As a whole word: a short name may be part of another.
    if (hostname().length > 2) expect(text.split(/[^\p{L}\p{N}_.-]+/u)).not.toContain(hostname());
  });

  test('crashes are kept only where Settings allow it, redacted, until they are deleted', async () => {
    const report = { text: `page Error: no\n    at ${home}/runs/run-1 token=abcdefgh` };
    expect(await link.call('diagnostics.crash', report)).toEqual({ isKept: false });
    expect((await link.call('diagnostics.crashes', {})).text).toBe('');
    await link.call('settings.set', { keepsCrashes: true });
    expect(await link.call('diagnostics.crash', report)).toEqual({ isKept: true });
    const { text } = await link.call('diagnostics.crashes', {});
    expect(text).toContain('page Error: no');
    expect(text).toContain('at <data folder>/runs/run-1 token=<removed>');
    expect((await link.call('diagnostics.report', {})).text).toContain('page Error: no');
    await link.call('diagnostics.forgetCrashes', {});
    expect((await link.call('diagnostics.crashes', {})).text).toBe('');
  });
});

test('where the system does not say how much is free, nothing is said', async () => {
  expect(await freeSpace(tmpdir())).toBeGreaterThan(0);
  expect(await freeSpace(join(tmpdir(), 'avocet-nowhere', 'unplugged'))).toBe(0);
});
