import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { ToldReason } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { openDevice } from '#engine/devices/open.ts';
import { TrainControl } from '#training/control.ts';
import { externalRun } from '#training/external/external-run.ts';
import { commandRecord, gitPatch, gitState } from '#training/external/git-state.ts';
import { importedFolder } from '#test/fixtures/dataset-folder.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'avocet-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command of this mode until it is stopped after its second epoch, to be kept. */
async function stopped(mode: string, patienceMs: number, reason?: ToldReason, place = fixtures): Promise<TrainingEvent[]> {
  const own = mkdtempSync(join(folder, 'run-'));
  const datasetFolder = await importedFolder(drawnDataset(), own);
  const control = new TrainControl();
  const command = `${JSON.stringify(process.execPath)} own-command.mjs`;
  const external = { kind: 'command', title: 'Mine', command, folder: place } as const;
  const { dataset: _dataset, ...config } = trainConfig('lightgcn', { seed: 1 });
  const device = await openDevice('wasm', { threads: 1 });
  const events: TrainingEvent[] = [];
  const run = externalRun({
    runId: 'run',
    attempt: 1,
    external,
    config: { ...config, dataset: 'drawn', model: 'external-mine', hyper: { mode }, external },
    dataset: await openDataset(datasetFolder),
    datasetFolder,
    device,
    threads: 1,
    runFolder: join(own, 'run'),
    cacheFolder: join(own, 'cache'),
    codeVersion: '1',
    resume: false,
    control,
    patienceMs,
  });
  for await (const event of run) {
    events.push(event);
    if (event.type === 'epochFinished' && event.epoch === 2) control.stop('keep', reason);
  }
  device.close();
  return events;
}

const losses = (events: readonly TrainingEvent[]) => events.flatMap((event) => (event.type === 'epochFinished' ? [event.loss] : []));

test('a command that will not end when it is asked is ended, and its best epoch is kept', async () => {
  const events = await stopped('stubborn', 200);
  expect(events.at(-1)).toMatchObject({ type: 'finished', stopReason: 'stopped-by-user', epochs: 2 });
  expect(losses(events)).toEqual([1, 1 / 2]);
});

test('a command that its search ends says so, and not that somebody stopped it', async () => {
  const events = await stopped('stubborn', 200, 'successive-halving');
  expect(events.at(-1)).toMatchObject({ type: 'finished', stopReason: 'successive-halving', epochs: 2 });
});

test('a command that saves when it is asked to end has the time for it', async () => {
  if (process.platform === 'win32') return;
  const events = await stopped('saving', 120_000);
  expect(events.at(-1)).toMatchObject({ type: 'finished', stopReason: 'stopped-by-user', epochs: 3 });
  expect(losses(events)).toEqual([1, 1 / 2, 1 / 3]);
});

test('the record of a command has its hash, those of the files it names, and the state of its repository', async () => {
  const place = join(folder, 'repository');
  writeFileSync(join(folder, 'train.py'), 'print()\n');
  const record = await commandRecord('python train.py --layers 2', folder);
  expect(record).toMatchObject({
    command: 'python train.py --layers 2',
    folder,
    'command sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(record['train.py sha256']).toBe(createHash('sha256').update('print()\n').digest('hex'));

  expect(await gitState(join(folder, 'no-such-folder'))).toEqual({});
  if (spawnSync('git', ['--version']).status !== 0) return;
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], { cwd: place, encoding: 'utf8' });
  execFileSync('git', ['init', '-q', place]);
  writeFileSync(join(place, 'a'), '1');
  git('add', 'a');
  git('commit', '-q', '-m', 'first');
  expect(await gitState(place)).toEqual({ 'git commit': git('rev-parse', 'HEAD').trim(), 'git changes': 'none' });
  writeFileSync(join(place, 'a'), '2');
  expect(await gitState(place)).toMatchObject({ 'git changes': '1 file differs from the commit' });
  // Another repository at that commit gets the change back by it.
  const patch = (await gitPatch(place)) as Buffer;
  expect(patch.toString()).toContain('-1\n');
  git('checkout', '-q', '--', 'a');
  expect(await gitPatch(place)).toBeUndefined();
  execFileSync('git', ['apply'], { cwd: place, input: patch });
  expect(readFileSync(join(place, 'a'), 'utf8')).toBe('2');
  expect(await gitPatch(join(folder, 'no-such-folder'))).toBeUndefined();
  // Words that are no UTF-8, and settings under which git writes patches that it does not take back.
  const latin = Buffer.from([0x67, 0x72, 0xf6, 0xdf, 0x65, 0x0a]);
  for (const setting of ['noprefix', 'relative']) git('config', `diff.${setting}`, 'true');
  git('config', 'diff.context', '0');
  writeFileSync(join(place, 'a'), latin);
  const bytes = (await gitPatch(place)) as Buffer;
  git('checkout', '-q', '--', 'a');
  for (const setting of ['noprefix', 'relative', 'context']) git('config', '--unset', `diff.${setting}`);
  execFileSync('git', ['apply'], { cwd: place, input: bytes });
  expect(readFileSync(join(place, 'a'))).toEqual(latin);
  // One that a run should not hold says so.
  expect(await gitPatch(place, { bytes: 16, ms: 10_000 })).toMatch(/^not kept: it is larger than/);
  expect(await gitPatch(place, { bytes: 1e6, ms: 1 })).toBe('not kept: git took longer than 0.001 s');
});

test('what the repository of a command had changed as it began is a file of the run', async () => {
  if (process.platform === 'win32' || spawnSync('git', ['--version']).status !== 0) return;
  const place = join(folder, 'own');
  cpSync(fixtures, place, { recursive: true });
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], { cwd: place, encoding: 'utf8' });
  execFileSync('git', ['init', '-q', place]);
  git('add', 'own-command.mjs');
  git('commit', '-q', '-m', 'first');
  const patches = (events: readonly TrainingEvent[]) => {
    const last = events.at(-1)!;
    return last.type === 'finished' ? last.artifacts.filter(({ name }) => name === 'git-patch') : undefined;
  };
  expect(patches(await stopped('stubborn', 200, undefined, place))).toEqual([]);
  appendFileSync(join(place, 'own-command.mjs'), '// another line\n');
  const [patch] = patches(await stopped('stubborn', 200, undefined, place))!;
  expect(patch).toMatchObject({ file: 'changes.patch', bytes: git('diff').length });
});
