import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findingSchema, importEventSchema } from '#contract/dataset-import.ts';
import { datasetSummarySchema } from '#contract/dataset.ts';
import { calibrationSchema } from '#contract/task.ts';
import type { Task, TrainingEvent, TrainTask } from '#contract/task.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { importedFolder } from '#test/fixtures/dataset-folder.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome } from '#test/fixtures/training.ts';
import { holdsEvent, workerEntry, WorkerOfTest } from '#test/fixtures/worker.ts';

let folder: string;
let datasetFolder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'avocet-worker-'));
  datasetFolder = await importedFolder(drawnDataset(), folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

let runs = 0;
function trainTask(changes: Partial<TrainTask> = {}): TrainTask {
  runs += 1;
  return {
    kind: 'train',
    runId: `run-${runs}`,
    attempt: 1,
    config: trainConfig('egra', { budget: { epochs: 3 } }),
    datasetFolder,
    runFolder: join(folder, `run-${runs}`),
    cacheFolder: join(folder, `cache-${runs}`),
    codeVersion: 'test',
    resume: false,
    goesOn: false,
    eventIntervalMs: 0,
    ...changes,
  };
}

async function finishedWorker(task: Task): Promise<WorkerOfTest> {
  const worker = new WorkerOfTest();
  await worker.next(({ type }) => type === 'ready');
  worker.send({ type: 'start', task });
  expect(await worker.exited, worker.stderr).toEqual({ code: 0, signal: null });
  return worker;
}

function resultOf(worker: WorkerOfTest): unknown {
  return worker.messages.find((message) => message.type === 'result')?.value;
}

describe('a worker that trains', () => {
  it('says ready, reports in numbered batches, and leaves with everything told', async () => {
    const worker = await finishedWorker(trainTask({ eventIntervalMs: 250 }));
    expect(worker.messages[0]?.type).toBe('ready');
    const batches = worker.messages.filter((message) => message.type === 'events');
    const numbers = batches.flatMap(({ events }) => events.map(({ seq }) => seq));
    expect(numbers).toEqual(numbers.map((_, place) => place + 1));
    expect(batches.length).toBeLessThan(numbers.length / 2);
    expect(worker.events.at(-1)?.type).toBe('finished');
    expect(only(worker.events, 'epochFinished')).toHaveLength(6);
  });

  it('killed in any phase, ends as if undisturbed when it is started again', async () => {
    const undisturbed = outcome((await finishedWorker(trainTask())).events);
    for (const [stage, phase] of [
      ['pretrain', 'checkpoint'],
      ['train', 'train'],
      ['train', 'artifacts'],
    ]) {
      const task = await killedIn((event) => event.type === 'phase' && event.stage === stage && event.phase === phase);
      const again = await finishedWorker({ ...task, attempt: 2, resume: true });
      expect(outcome(again.events), `killed in ${stage} ${phase}`).toEqual(undisturbed);
    }
  });

  it('pauses, and counts a pause or stop that came before the task', async () => {
    const task = trainTask();
    const worker = new WorkerOfTest();
    worker.send({ type: 'pause' });
    worker.send({ type: 'start', task });
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.events.at(-1)).toEqual({ type: 'paused', epoch: 0 });

    const dropped = new WorkerOfTest();
    const dropping = trainTask({ config: trainConfig('egra', { budget: { epochs: 3 } }) });
    dropped.send({ type: 'pause', now: true });
    dropped.send({ type: 'start', task: dropping });
    expect(await dropped.exited).toEqual({ code: 0, signal: null });
    expect(dropped.events.at(-1)).toEqual({ type: 'paused', epoch: 0 });

    const stopped = new WorkerOfTest();
    // More epochs than any machine ends before the stop arrives.
    const config = trainConfig('egra', { budget: { epochs: 1000, patience: 1000 } });
    stopped.send({ type: 'start', task: { ...trainTask(), config } });
    await stopped.next(holdsEvent((event) => event.type === 'epochFinished'));
    stopped.send({ type: 'stop', keep: false });
    await stopped.exited;
    expect(stopped.events.at(-1)).toMatchObject({ type: 'failed', problem: { kind: 'cancelled' } });
  });

  it('tells a missing dataset and an unavailable device as problems of their kind', async () => {
    const missing = await finishedWorker(trainTask({ datasetFolder: join(folder, 'nowhere') }));
    expect(missing.events.at(-1)).toMatchObject({ type: 'failed', problem: { kind: 'data', code: 'dataset.missing' } });
    const libraryFolder = join(folder, 'no-library');
    const device = await finishedWorker(trainTask({ config: trainConfig('lightgcn', { device: 'tensorflow' }), libraryFolder }));
    expect(device.events.at(-1)).toMatchObject({ type: 'failed', problem: { kind: 'device' } });
  });

  it('leaves Ctrl-C to its owner', async () => {
    const worker = new WorkerOfTest();
    worker.send({ type: 'start', task: trainTask({ config: trainConfig('lightgcn') }) });
    await worker.next(holdsEvent((event) => event.type === 'epochFinished'));
    worker.process.kill('SIGINT');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.events.at(-1)?.type).toBe('finished');
  });

  it('refuses a message it does not know', async () => {
    const worker = new WorkerOfTest();
    worker.process.send({ type: 'start', task: { kind: 'train', runId: 3 } });
    expect((await worker.exited).code).toBe(1);
    expect(worker.messages.at(-1)).toMatchObject({ type: 'problem', problem: { code: 'worker.message' } });
  });
});

/** The task of a worker that was killed at an event. A busy machine may tell of a short phase when its worker is done: then another one. */
async function killedIn(at: (event: TrainingEvent) => boolean): Promise<TrainTask> {
  for (let tries = 0; tries < 20; tries++) {
    const task = trainTask();
    const worker = new WorkerOfTest();
    worker.send({ type: 'start', task });
    await worker.next(holdsEvent(at));
    worker.kill();
    const { signal } = await worker.exited;
    if (signal === 'SIGKILL') return task;
  }
  throw new Error('no worker was killed before it was done');
}

describe('a worker whose owner is gone', () => {
  it('exits when the channel closes', async () => {
    const worker = new WorkerOfTest();
    worker.send({ type: 'start', task: trainTask({ config: trainConfig('egra', { budget: { epochs: 100_000, patience: 100_000 } }) }) });
    await worker.next(holdsEvent((event) => event.type === 'epochFinished'));
    // A channel that this side closed keeps "close" from coming; "exit" comes.
    const exit = once(worker.process, 'exit');
    worker.process.disconnect();
    expect(await exit).toEqual([0, null]);
  });

  it('exits when the owner is killed, and its run can be taken up at once', async () => {
    const task = trainTask({ config: trainConfig('lightgcn', { budget: { epochs: 100_000, patience: 100_000 } }) });
    const script = join(folder, 'owner.mjs');
    await writeFile(
      script,
      `import { fork } from 'node:child_process';
       const worker = fork(${JSON.stringify(workerEntry)}, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
       worker.on('message', (message) => {
         if (message.type === 'events' && message.events.some(({ event }) => event.type === 'checkpointWritten')) process.send(worker.pid);
       });
       worker.send(${JSON.stringify({ type: 'start', task })});`,
    );
    const owner = fork(script, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const workerId = await new Promise<number>((resolve) => owner.once('message', (id) => resolve(id as number)));
    owner.kill('SIGKILL');
    // The next worker waits for the lock of the first, so its start shows that the first one is gone.
    const next = new WorkerOfTest();
    next.send({ type: 'start', task: { ...task, attempt: 2, resume: true } });
    await next.next(holdsEvent((event) => event.type === 'stageStarted' && event.fromEpoch >= 1));
    expect(() => process.kill(workerId, 0)).toThrow(/ESRCH/);
    next.send({ type: 'stop', keep: false });
    await next.exited;
  });

  it('refuses to be started by hand', async () => {
    const run = promisify(execFile)(process.execPath, [workerEntry]);
    await expect(run).rejects.toThrow(/the studio starts it/);
  });
});

describe('a worker with other work', () => {
  it('inspects and imports a folder, and refuses a broken one with its problem', async () => {
    const source = join(folder, 'source');
    const inspected = await finishedWorker({ kind: 'inspect', request: { path: source } });
    const findings = inspected.messages.flatMap((message) => (message.type === 'progress' ? [v.parse(findingSchema, message.value)] : []));
    expect(findings.at(-1)).toMatchObject({ type: 'finished', importable: true });

    const datasetsFolder = join(folder, 'datasets');
    const request = { from: 'folder', folder: source, name: 'a copy', choices: {} };
    const imported = await finishedWorker({ kind: 'import', request, datasetsFolder });
    for (const message of imported.messages) if (message.type === 'progress') v.parse(importEventSchema, message.value);
    const summary = v.parse(datasetSummarySchema, resultOf(imported));
    expect(existsSync(join(datasetsFolder, summary.id))).toBe(true);

    const broken = new WorkerOfTest();
    broken.send({
      type: 'start',
      task: { kind: 'import', request: { ...request, folder: join(folder, 'nowhere'), name: 'other' }, datasetsFolder },
    });
    expect((await broken.exited).code).toBe(1);
    expect(broken.messages.at(-1)).toMatchObject({ type: 'problem' });
    expect((await readdir(datasetsFolder)).sort()).toEqual([summary.id, 'drawn'].sort());
  });

  it('draws the demo', async () => {
    const datasetsFolder = join(folder, 'demo-root');
    const summary = v.parse(datasetSummarySchema, resultOf(await finishedWorker({ kind: 'demo', datasetsFolder, seed: 7 })));
    expect(summary.id).toBe('demo');
    expect(existsSync(join(datasetsFolder, 'demo', 'manifest.json'))).toBe(true);
  });

  it('measures this machine', async () => {
    const worker = await finishedWorker({ kind: 'calibrate', device: 'wasm', threads: 1 });
    const calibration = v.parse(calibrationSchema, resultOf(worker));
    const told = worker.messages.flatMap((message) => (message.type === 'progress' ? [message.value as number] : []));
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    expect(calibration).toMatchObject({ device: 'wasm', layers: 3, edges: 80_000, width: 64, parameters: 3000 * 64 });
    expect(calibration).toMatchObject({
      threads: 1,
      name: expect.stringContaining('WebAssembly'),
      compile: expect.stringMatching(/^(compiled|eager: )/),
    });
    for (const seconds of [calibration.secondsPerStep, calibration.secondsPerMultimodalStep, calibration.secondsPerMillionScores])
      expect(seconds).toBeGreaterThan(0);
  });

  it('probes every device', async () => {
    const { devices } = resultOf(await finishedWorker({ kind: 'probe' })) as { devices: { id: string; available: boolean }[] };
    expect(devices.find(({ id }) => id === 'wasm')?.available).toBe(true);
  });
});
