import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { followMoves, movedName } from '#studio/home.ts';
import { openStudio, type Studio, type StudioOptions } from '#studio/studio.ts';
import { addExperiment, addRun, finishRun, openStore } from '#test/unit/store/fixture.ts';

let root: string;
let home: string;
let studio: Studio | undefined;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'avocet-move-')));
  home = join(root, 'Dåta folder');
  mkdirSync(home);
  const store = openStore(home);
  addExperiment(store, 'exp-a', 'Layers');
  addRun(store, { id: 'run-a' });
  finishRun(store, 'run-a', { 'recall@20': 0.1 });
  store.close();
  mkdirSync(join(home, 'runs', 'run-a'), { recursive: true });
  writeFileSync(join(home, 'runs', 'run-a', 'users.npy'), Buffer.alloc(3_000_000, 7));
  mkdirSync(join(home, 'empty'));
  symlinkSync('runs/run-a', join(home, 'latest'));
});
afterEach(async () => {
  await studio?.close();
  studio = undefined;
  rmSync(root, { recursive: true, force: true });
});

const options: Omit<StudioOptions, 'home'> = {
  // Nothing here needs a worker.
  spawn: () => {
    throw new Error('no worker');
  },
  resume: false,
  demo: false,
  host: { capabilities: { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: 'linux' } },
};

async function open(): Promise<Studio> {
  studio = await openStudio({ ...options, home });
  return studio;
}

async function move(link: Link, path: string): Promise<string[]> {
  const types: string[] = [];
  for await (const event of link.stream('storage.move', { path })) types.push(event.type);
  return types;
}

/** A link to the studio once it answers from this folder. */
async function movedTo(folder: string): Promise<Link> {
  for (;;) {
    try {
      const link = studio!.link();
      for await (const status of link.stream('studio.watch', {})) {
        if (status.home === folder) return link;
        break;
      }
    } catch {
      // Closed between two folders.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof ProblemError ? error.problem.code : String(error)),
  );

describe('moving the data folder', () => {
  test('copies everything, compares it and goes on in the new place; the old one says where, and its copy can go', async () => {
    const target = join(root, 'new place', 'below');
    await open();
    const types = await move(studio!.link(), target);
    expect(types.filter((type) => type !== 'progress')).toEqual(['switching', 'moved']);
    const link = await movedTo(target);
    expect((await link.call('runs.get', { id: 'run-a' })).summary.validation).toMatchObject({ 'recall@20': 0.1 });
    expect(readFileSync(join(target, 'runs', 'run-a', 'users.npy'))).toEqual(Buffer.alloc(3_000_000, 7));
    expect(existsSync(join(target, 'empty'))).toBe(true);
    expect(realpathSync(join(target, 'latest'))).toBe(join(target, 'runs', 'run-a'));
    expect(readdirSync(target)).not.toContain('moving.json');
    expect(followMoves(home)).toBe(target);

    expect(await link.call('storage.former', {})).toEqual({ folder: home });
    expect((await link.call('storage.removeFormer', {})).bytes).toBeGreaterThan(3_000_000);
    expect(readdirSync(home)).toEqual([movedName]);
    expect(await link.call('storage.former', {})).toEqual({});
    // Asked for by its old name it opens where it is now, also after a start anew; and it can go back.
    await studio!.close();
    await open();
    expect(studio!.home).toBe(target);
    await move(studio!.link(), home);
    const back = await movedTo(home);
    expect((await back.call('runs.get', { id: 'run-a' })).summary.id).toBe('run-a');
    expect(followMoves(target)).toBe(home);
  });

  test('that is left in the middle leaves the old folder whole and nothing of the copy', async () => {
    const target = join(root, 'elsewhere', 'deep');
    const before = readdirSync(home).sort();
    await open();
    const link = studio!.link();
    const abort = new AbortController();
    for await (const event of link.stream('storage.move', { path: target }, abort.signal)) if (event.type === 'progress') abort.abort();
    // The generator ends after its reader has left.
    while (existsSync(join(root, 'elsewhere'))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(followMoves(home)).toBe(home);
    expect(readdirSync(home).filter((name) => !name.startsWith('owner.') && !/-(?:wal|shm)$/.test(name))).toEqual(before);
    expect((await link.call('runs.get', { id: 'run-a' })).summary.id).toBe('run-a');
    // The half of a move that was killed may be filled again.
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'moving.json'), JSON.stringify({ from: home }));
    writeFileSync(join(target, 'half'), 'x');
    await move(link, target);
    await movedTo(target);
    expect(readdirSync(target)).not.toContain('half');
  });

  test('back to where the data once were, left in the middle, keeps the word there of where they are', async () => {
    const target = join(root, 'elsewhere');
    await open();
    await move(studio!.link(), target);
    await (await movedTo(target)).call('storage.removeFormer', {});
    await studio!.close();
    await open();
    const abort = new AbortController();
    for await (const event of studio!.link().stream('storage.move', { path: home }, abort.signal))
      if (event.type === 'progress') abort.abort();
    while (readdirSync(home).length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync(home)).toEqual([movedName]);
    expect(followMoves(home)).toBe(target);
  });

  test('whose last part cannot be copied ends where it began, and says why', async () => {
    const target = join(root, 'elsewhere');
    await open();
    // In the way of the database, which is copied last, when everything else is there.
    for await (const event of studio!.link().stream('storage.move', { path: target }))
      if (event.type === 'switching') mkdirSync(join(target, 'avocet.sqlite', 'in the way'), { recursive: true });
    const codes = new Set<string>();
    let link = studio!.link();
    // Until it is back, nothing is answered with a fault of the program.
    for (;;) {
      const code = await codeOf(link.call('runs.get', { id: 'run-a' }));
      codes.add(code);
      const former = await link.call('storage.former', {}).catch(() => undefined);
      if (former?.failed !== undefined) break;
      if (code === 'link.closed') link = studio!.link();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect([...codes].filter((code) => !['done', 'studio.reopening', 'link.closed'].includes(code))).toEqual([]);
    expect(studio!.home).toBe(home);
    expect(followMoves(home)).toBe(home);
    expect((await link.call('runs.get', { id: 'run-a' })).summary.id).toBe('run-a');
  });

  test('takes along who else has the folder open', async () => {
    const target = join(root, 'elsewhere');
    await open();
    const other = await openStudio({ ...options, home });
    try {
      expect(other.role).toBe('client');
      await move(studio!.link(), target);
      await movedTo(target);
      while (other.home !== target) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(readdirSync(home).filter((name) => name.startsWith('owner.'))).not.toContain('owner.sock');
      expect([studio!.role, other.role].sort()).toEqual(['client', 'owner']);
    } finally {
      await other.close();
    }
  });

  test('is refused into itself, into a folder in use and beside work', async () => {
    await open();
    const link = studio!.link();
    expect(await codeOf(move(link, join(home, 'inside')))).toBe('move.inside');
    expect(await codeOf(move(link, join(home, '..inside')))).toBe('move.inside');
    expect(await codeOf(move(link, root))).toBe('move.inside');
    expect(await codeOf(move(link, 'relative/place'))).toBe('move.relative');
    const used = join(root, 'used');
    mkdirSync(used);
    writeFileSync(join(used, 'thesis.tex'), 'x');
    expect(await codeOf(move(link, used))).toBe('move.not-empty');
    // A file of the name that marks a copy, but not our own, makes nothing beside it ours.
    writeFileSync(join(used, 'moving.json'), '{"van":"Tuesday"}');
    expect(await codeOf(move(link, used))).toBe('move.not-empty');
    expect(readdirSync(used).sort()).toEqual(['moving.json', 'thesis.tex']);
    expect(followMoves(home)).toBe(home);
  });

  test('a folder whose data are on a disk that is not there says so instead of beginning anew', () => {
    writeFileSync(join(home, movedName), JSON.stringify({ to: join(root, 'unplugged') }));
    expect(() => followMoves(home)).toThrow(/unplugged/);
    writeFileSync(join(home, movedName), '{"to":');
    expect(() => followMoves(home)).toThrow(/cannot be read/);
  });
});
