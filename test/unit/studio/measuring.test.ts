import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import type { Calibration } from '#contract/task.ts';
import type { Store } from '#store/store.ts';
import { Hub } from '#studio/hub.ts';
import { Jobs, type Job } from '#studio/jobs.ts';
import { machineOf, type MachineFacts } from '#studio/machine.ts';
import { Measuring } from '#studio/measuring.ts';
import { SpeedBook, type Way } from '#studio/speeds.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';

const calibration = ({ device, threads }: Way, milliseconds: number): Calibration => ({
  device,
  threads,
  name: device,
  version: '1',
  compile: 'eager',
  layers: 3,
  edges: 80_000,
  width: 64,
  batchSize: 2048,
  parameters: 192_000,
  secondsPerStep: milliseconds / 4000,
  secondsPerMultimodalStep: (3 * milliseconds) / 4000,
  secondsPerMillionScores: 0.05,
  startSeconds: 1,
});

/** A worker that answers by hand. */
interface FakeWorker {
  readonly way: Way;
  progress(fraction: number): void;
  answer(value: unknown): void;
  fail(message: string): void;
}

let store: Store;
let workers: FakeWorker[];
let timers: { readonly at: number; readonly work: () => void }[];
let isRunning: boolean;
let changes: number;
let book: SpeedBook;
let jobs: Jobs;
let measuring: Measuring;

storeForEach((opened) => {
  store = opened;
  workers = [];
  timers = [];
  isRunning = false;
  changes = 0;
  book = new SpeedBook(store, { id: 'here', words: 'Here' }, () => 1, 2);
  jobs = new Jobs(new Hub());
  measuring = new Measuring({
    speeds: book,
    jobs,
    isRunning: () => isRunning,
    onChange: () => (changes += 1),
    version: () => '7',
    now: () => 42,
    after: (at, work) => {
      const timer = { at, work };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    start: (way, onProgress) => {
      let settle: { done: (value: unknown) => void; fail: (error: Error) => void };
      const result = new Promise<unknown>((done, fail) => (settle = { done, fail }));
      workers.push({
        way,
        progress: onProgress,
        answer: (value) => settle.done(value),
        fail: (message) => settle.fail(new ProblemError({ kind: 'device', code: 'x', message, fix: 'Install it.' })),
      });
      return {
        result,
        ask: () => undefined,
        cancel: () => settle.fail(new ProblemError({ kind: 'cancelled', code: 'task.cancelled', message: 'Cancelled' })),
      };
    },
  });
});
afterEach(async () => {
  await measuring.close();
});

const turn = () => new Promise<void>((done) => setImmediate(done));
const names = () => workers.map(({ way }) => `${way.device} ${way.threads}`);

/** Answers every worker as it comes, until none comes any more. */
async function answerAll(milliseconds: Readonly<Record<string, number>>): Promise<void> {
  for (let at = workers.length - 1; ; at++) {
    await turn();
    const worker = workers[at];
    if (worker === undefined) return;
    const ms = milliseconds[worker.way.device];
    if (ms === undefined) worker.fail(`no ${worker.way.device} here`);
    else worker.answer(calibration(worker.way, ms));
  }
}

describe('measuring', () => {
  it('begins after a quiet start, takes one way after the other, and keeps what it finds', async () => {
    measuring.begin();
    expect(workers).toEqual([]);
    expect(timers).toHaveLength(1);
    timers[0]!.work();
    expect(measuring.state).toBe('measuring');
    expect(jobs.list).toEqual([{ id: 'job-1', text: 'Measuring devices', fraction: 0, canCancel: true }]);
    workers[0]!.progress(0.5);
    expect(measuring.fraction).toBeCloseTo(0.5 / 6, 9);
    await answerAll({ wasm: 12, cpu: 900 });
    // A device that cannot run is tried once, not with every number of threads.
    expect(names()).toEqual(['wasm 2', 'wasm 1', 'tensorflow 2', 'webgpu 1', 'cpu 1']);
    expect(measuring.state).toBe('idle');
    expect(jobs.list).toEqual([]);
    expect(book.device('fastest')).toEqual({ device: 'wasm', because: 'fastest' });
    expect(book.rows().map(({ device, threads, missing, remedy }) => [device, threads, missing, remedy])).toEqual([
      ['wasm', 2, undefined, undefined],
      ['wasm', 1, undefined, undefined],
      ['tensorflow', 2, 'no tensorflow here', 'Install it.'],
      ['webgpu', 1, 'no webgpu here', 'Install it.'],
      ['cpu', 1, undefined, undefined],
    ]);
    // The same store on another machine knows nothing of it.
    expect(new SpeedBook(store, { id: 'there', words: 'There' }, () => 1, 2).isTried('wasm')).toBe(false);
    // Nothing is measured twice by itself.
    measuring.missing();
    expect(workers).toHaveLength(5);
  });

  it('makes room for a run, and goes on when all is quiet', async () => {
    measuring.missing();
    isRunning = true;
    measuring.noticed();
    await turn();
    expect(measuring.state).toBe('waiting');
    expect(jobs.list).toEqual([]);
    expect(book.isTried('wasm')).toBe(false);
    // Between two runs of a queue there is no gap.
    measuring.noticed();
    await turn();
    expect(workers).toHaveLength(1);
    isRunning = false;
    measuring.noticed();
    await turn();
    expect(names()).toEqual(['wasm 2', 'wasm 2']);
  });

  it('waits for other work of the studio too, not for its own', async () => {
    const demo: Job = jobs.begin('Drawing the demo dataset');
    measuring.missing();
    await turn();
    expect(workers).toEqual([]);
    demo.end();
    measuring.noticed();
    await turn();
    expect(workers).toHaveLength(1);
    measuring.noticed();
    workers[0]!.answer(calibration(workers[0]!.way, 3));
    await turn();
    expect(workers).toHaveLength(2);
  });

  it('ends when it is cancelled, with what it had found', async () => {
    measuring.again();
    workers[0]!.answer(calibration(workers[0]!.way, 5));
    await turn();
    measuring.cancel();
    await turn();
    expect(measuring.state).toBe('idle');
    expect(workers).toHaveLength(2);
    expect(book.outcome({ device: 'wasm', threads: 2 })).toMatchObject({ secondsPerStep: 0.00125 });
    expect(book.outcome({ device: 'wasm', threads: 1 })).toBeUndefined();
    expect(changes).toBeGreaterThan(0);
  });

  it('gives up a way that takes too long, and says so', async () => {
    measuring.missing();
    expect(timers.map(({ at }) => at)).toEqual([30_000]);
    timers[0]!.work();
    await turn();
    expect(book.outcome({ device: 'wasm', threads: 2 })).toEqual({ missing: 'No result within 30 s', version: '7' });
    expect(names()).toEqual(['wasm 2', 'tensorflow 2']);
  });

  it('measures first what an estimate needs, and lets nobody wait for a run', async () => {
    measuring.missing();
    let isKnown = false;
    const known = measuring.need('cpu').then(() => (isKnown = true));
    workers[0]!.answer(calibration(workers[0]!.way, 5));
    await turn();
    expect(names()).toEqual(['wasm 2', 'cpu 1']);
    expect(isKnown).toBe(false);
    workers[1]!.answer(calibration(workers[1]!.way, 500));
    await known;
    // Known ones cost nothing; one that a run interrupts is given up.
    await measuring.need('cpu');
    const interrupted = measuring.need('webgpu');
    isRunning = true;
    measuring.noticed();
    await interrupted;
    await measuring.need('tensorflow');
    expect(book.isTried('webgpu')).toBe(false);
  });
});

describe('the speeds of a machine', () => {
  it('offer the device that runs get fastest by default; a choice wins', () => {
    book.keep({ device: 'wasm', threads: 2 }, calibration({ device: 'wasm', threads: 2 }, 12), 1);
    book.keep({ device: 'tensorflow', threads: 2 }, calibration({ device: 'tensorflow', threads: 2 }, 31), 1);
    // Faster, but with threads that no run gets unasked.
    book.keep({ device: 'tensorflow', threads: 1 }, calibration({ device: 'tensorflow', threads: 1 }, 9), 1);
    expect(book.device('fastest')).toEqual({ device: 'wasm', because: 'fastest' });
    expect(book.device('tensorflow')).toEqual({ device: 'tensorflow', because: 'chosen' });
    expect(book.calibration('tensorflow')?.threads).toBe(2);
    expect(book.calibration('tensorflow', 1)?.threads).toBe(1);
    book.forget('wasm');
    expect(book.device('fastest').device).toBe('tensorflow');
    book.forget();
    expect(book.device('fastest')).toEqual({ device: 'wasm', because: 'unmeasured' });
  });

  it('belong to what computes: another processor, driver or version is another machine', () => {
    const facts: MachineFacts = {
      processor: 'P',
      cores: 4,
      memoryBytes: 16 * 1024 ** 3,
      graphics: [],
      platform: 'linux x64',
      versions: ['1', 'v24'],
    };
    const { id, words } = machineOf(facts);
    expect(words).toBe('P, 4 cores, 17.2 GB, no graphics processor seen');
    expect(machineOf({ ...facts, memoryBytes: 16 * 1024 ** 3 - 4096 }).id).toBe(id);
    const others = [{ processor: 'Q' }, { cores: 8 }, { memoryBytes: 1 }, { graphics: ['NVIDIA L4'] }, { versions: ['2', 'v24'] }];
    expect(new Set(others.map((other) => machineOf({ ...facts, ...other }).id)).add(id).size).toBe(6);
  });
});
