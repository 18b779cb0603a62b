/** Twelve faults (studio.md G22), each injected where it happens, with the words and the action that a person is offered. */
import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Driver from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { ExperimentRequest } from '#contract/experiment.ts';
import type { Link } from '#contract/link.ts';
import type { Problem } from '#contract/problem.ts';
import { inspect } from '#data/inspect.ts';
import { remedies } from '#renderer/state/run-words.ts';
import { crashProblem } from '#studio/crash-problem.ts';
import { RunProcess, type AttemptEnd } from '#studio/run-process.ts';
import { storeProblem } from '#studio/store-problem.ts';
import { problemOf } from '#training/failure.ts';
import { brokenDatasets } from '#test/fixtures/broken-datasets.ts';
import { folderWith, goodFolder } from '#test/fixtures/dataset-files.ts';
import { addRun, openStore, temporaryHome } from '#test/unit/store/fixture.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, request, until } from './fixture.ts';
import { HandWorker, nextAttempt } from './hand-worker.ts';

const patience = 600_000;
let template = '';
beforeAll(async () => {
  template = await drawDemo();
}, patience);
afterEach(async () => {
  vi.useRealTimers();
  await closeAll();
}, patience);
afterAll(() => rmSync(template, { recursive: true, force: true }));

const budget = { learningRate: 1e-3, batchSize: 2048 };
/** What the page offers for it, first the one to take. */
const offered = (problem: Problem, hasCheckpoint = false) =>
  remedies(problem, { seed: 1 }, budget, hasCheckpoint).map(({ label }) => label);

async function failed(link: Link, more: Partial<ExperimentRequest> = {}): Promise<Problem> {
  const { runIds } = await link.call('experiments.start', request(more));
  const [run] = await until(link, runIds, ...ended);
  expect(run!.state).toBe('failed');
  return run!.problem!;
}

async function inspected(name: string): Promise<Problem> {
  const { files } = brokenDatasets.find((each) => each.name === name)!;
  const kept = Object.entries({ ...goodFolder(), ...files }).filter((entry): entry is [string, string | Uint8Array] => entry[1] !== null);
  for await (const finding of inspect(await folderWith(Object.fromEntries(kept))))
    if (finding.type === 'problem' && finding.blocking) return finding.problem as Problem;
  throw new Error(`nothing was found in a folder with ${name}`);
}

/** How an attempt ends that is told by hand. */
function attempt(tell: (worker: HandWorker) => void): AttemptEnd {
  const home = temporaryHome();
  const store = openStore(home.folder);
  addRun(store, { id: 'run-a' });
  const worker = new HandWorker();
  const ends: AttemptEnd[] = [];
  const listener = {
    onApplied: () => undefined,
    onOutput: () => undefined,
    onMemory: () => undefined,
    onEnd: (end: AttemptEnd) => ends.push(end),
  };
  new RunProcess(() => worker, store, nextAttempt(store, 'run-a'), listener);
  worker.say({ type: 'ready' });
  tell(worker);
  store.close();
  home.remove();
  return ends[0]!;
}

const crashed = (end: AttemptEnd) => crashProblem(end as Extract<AttemptEnd, { kind: 'crashed' }>);

test(
  'a missing file of the dataset is named with its place (G22, 1 of 12)',
  async () => {
    const home = homeLike(template);
    rmSync(join(home, 'datasets/demo/modality.image.f32'));
    const link = (await openHere(home)).link();
    const problem = await failed(link, { models: [{ model: 'mgcn' }] });
    expect(problem).toMatchObject({ kind: expect.stringMatching(/^(data|disk)$/) });
    expect(`${problem.where} ${problem.message}`).toContain('modality.image.f32');
    expect(problem.fix).not.toBe('');
    expect(offered(problem)[0]).toMatch(/^(Clone and change|Run again)$/);
  },
  patience,
);

test('features of a wrong type are named before anything is imported (G22)', async () => {
  const problem = await inspected('integer features');
  expect(problem).toMatchObject({ kind: 'data', where: expect.stringContaining('image_feat.npy'), fix: expect.stringMatching(/float/i) });
});

test('features with other rows than the dataset has items are named with both numbers', async () => {
  const problem = await inspected('features with a row too few');
  expect(problem).toMatchObject({ kind: 'data', code: 'features.row-count' });
  expect(problem.message).toMatch(/\d+.*\d+/);
  expect(problem.fix).not.toBe('');
});

test(
  'an unknown key names the nearest that is known',
  async () => {
    const link = (await openHere(homeLike(template))).link();
    await expect(link.call('experiments.plan', request({ models: [{ model: 'lightgcn', values: { n_layer: 2 } }] }))).rejects.toMatchObject(
      {
        problem: { kind: 'config', code: 'config.unknown-setting', fix: expect.stringContaining('Did you mean n_layers?') },
      },
    );
  },
  patience,
);

test('a process that runs out of memory says so, and half the batch is one click away', () => {
  const end = attempt((worker) => worker.aborts('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'));
  const problem = crashed(end);
  expect(problem).toMatchObject({ kind: 'memory', code: 'run.out-of-memory', fix: expect.stringMatching(/smaller batch/) });
  expect(remedies(problem, { seed: 1 }, budget, false)[0]).toEqual({
    label: 'Clone with batch 1024',
    deed: 'clone',
    set: { batchSize: '1024' },
  });
});

test(
  'a loss that is no number names epoch and batch, and a tenth of the learning rate is one click away',
  async () => {
    const link = (await openHere(homeLike(template))).link();
    const problem = await failed(link, { budget: { epochs: 3, learningRate: 1e300 } });
    expect(problem.kind).toBe('diverged');
    expect(`${problem.where} ${problem.message}`).toMatch(/epoch 1/);
    expect(offered(problem)).toEqual(['Clone with learning rate 0.0001', 'Rerun with seed 2']);
  },
  patience,
);

test(
  'a device without its library says what is missing and that another runs everywhere',
  async () => {
    const home = homeLike(template);
    const link = (await openHere(home)).link();
    const outside = process.env['AVOCET_TENSORFLOW'];
    process.env['AVOCET_TENSORFLOW'] = join(home, 'no-such-library');
    try {
      const problem = await failed(link, { device: 'tensorflow' });
      expect(problem).toMatchObject({ kind: 'device', message: expect.stringMatching(/tensorflow/i) });
      expect(problem.fix).toMatch(/install|Settings/i);
      expect(offered(problem)).toEqual(['Run again', 'Clone']);
    } finally {
      if (outside === undefined) delete process.env['AVOCET_TENSORFLOW'];
      else process.env['AVOCET_TENSORFLOW'] = outside;
    }
  },
  patience,
);

test('a full disk says which, and the run resumes from its checkpoint', () => {
  const problem = problemOf(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', path: '/data/run' }));
  expect(problem).toMatchObject({ kind: 'disk', code: 'disk.full', where: '/data/run', fix: expect.stringMatching(/^Free some space/) });
  expect(offered(problem, true)[0]).toBe('Resume from the last checkpoint');
});

test('a process that is killed again and again says killed, and resuming is offered', () => {
  const problem = crashed(attempt((worker) => worker.kill('SIGKILL')));
  expect(problem).toMatchObject({ kind: 'killed', code: 'run.killed', message: expect.stringContaining('SIGKILL') });
  expect(offered(problem, true)[0]).toBe('Resume from the last checkpoint');
});

test('a process without a sign of life is ended after ten minutes and named so', () => {
  vi.useFakeTimers();
  const end = attempt(() => void vi.advanceTimersByTime(11 * 60_000));
  const problem = crashed(end);
  expect(problem).toMatchObject({
    kind: 'killed',
    code: 'run.silent',
    message: expect.stringContaining('no sign of life for ten minutes'),
  });
  expect(offered(problem, true)[0]).toBe('Resume from the last checkpoint');
});

test(
  'a broken checkpoint of the best epoch is a problem of the disk that names the file',
  async () => {
    const home = homeLike(template);
    const link = (await openHere(home)).link();
    const { runIds } = await link.call('experiments.start', request());
    await until(link, runIds, ...ended);
    const id = runIds[0]!;
    truncateSync(join(home, 'runs', id, 'checkpoint-best.bin'), 100);
    await link.call('verifications.start', { id });
    for await (const at of link.stream('verifications.watch', { id })) {
      if (at.state !== 'none') continue;
      expect(at.problem).toMatchObject({
        kind: 'disk',
        code: 'checkpoint.best-damaged',
        where: expect.stringContaining('checkpoint-best.bin'),
        fix: expect.stringContaining('start the run again'),
      });
      return;
    }
  },
  patience,
);

test('a store that another program holds is told apart from a full disk', () => {
  const home = temporaryHome();
  const file = join(home.folder, 'avocet.sqlite');
  const store = openStore(home.folder);
  const other = new Driver(file);
  other.exec('BEGIN EXCLUSIVE');
  const own = openedAside(file);
  let problem: Problem | undefined;
  try {
    own.exec('BEGIN IMMEDIATE');
  } catch (error) {
    problem = storeProblem(error);
  }
  expect(problem).toMatchObject({ kind: 'disk', code: 'store.locked', fix: expect.stringContaining('avocet.sqlite') });
  other.exec('ROLLBACK');
  for (const driver of [other, own]) driver.close();
  store.close();
  home.remove();
  expect(storeProblem(new Error('database or disk is full')).code).toBe('store.write');
});

/** A second connection that does not wait. */
function openedAside(file: string): Driver.Database {
  const driver = new Driver(file);
  driver.exec('PRAGMA busy_timeout = 0');
  return driver;
}
