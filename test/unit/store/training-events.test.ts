import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '#store/store.ts';
import { addRun, epoch, finished, openStore, sequence, started, temporaryHome, worked, type Home } from './fixture.ts';

let home: Home;
let store: Store;
beforeEach(() => {
  home = temporaryHome();
  store = openStore(home.folder);
  addRun(store, { id: 'run-a' });
});
afterEach(() => {
  store.close();
  home.remove();
});

const run = () => store.runs.summary('run-a')!;
const loss = () => store.series.of('run-a', ['loss'])[0];

test('a repeated batch changes nothing, and the record survives reopening', () => {
  const attempt = store.runs.beginAttempt('run-a', 1000);
  expect(run().state).toBe('preparing');
  const events = sequence([started(), ...worked(1), ...worked(2)]);
  expect(store.events.apply('run-a', attempt, events)).toMatchObject({ newEpochs: 2, ended: undefined });
  expect(store.events.apply('run-a', attempt, events)).toMatchObject({ newEpochs: 0, series: [], lines: [] });
  store.events.apply('run-a', attempt, [...events.slice(3), ...sequence(worked(3), 8)]);
  store.close();
  store = openStore(home.folder);
  expect(loss()).toMatchObject({ epochs: Int32Array.of(1, 2, 3), values: Float64Array.of(10, 5, 10 / 3) });
  expect(run()).toMatchObject({
    state: 'running',
    epochs: 3,
    bestEpoch: 3,
    secondsPerEpoch: 0.5,
    evaluationSeconds: 0.1,
    validation: { 'recall@20': 0.003 },
  });
  expect(run().progress).toMatchObject({ stage: 'train', epoch: 3, epochLimit: 100, misses: 0, bestValue: 0.003 });
  expect(store.runs.attempts('run-a')).toMatchObject([{ attempt: 1, fromEpoch: 0, recomputedEpochs: 0 }]);
});

test('the values of the best epoch stand, not those of the last', () => {
  const attempt = store.runs.beginAttempt('run-a', 1000);
  store.events.apply(
    'run-a',
    attempt,
    sequence([started(), ...worked(1), ...worked(2, { bestEpoch: 1, bestValue: 0.001, misses: 1, validation: { 'recall@20': 0.0005 } })]),
  );
  expect(run().validation).toEqual({ 'recall@20': 0.001, 'ndcg@20': 0.0005 });
  expect(run()).toMatchObject({ bestEpoch: 1, epochs: 2 });
});

describe('after a kill', () => {
  test('an epoch worked on twice counts as recomputed; what is only told again does not', () => {
    const first = store.runs.beginAttempt('run-a', 1000);
    store.events.apply('run-a', first, sequence([started(), ...worked(1), ...worked(2), ...worked(3, { loss: 33 })]));
    store.runs.endAttempt('run-a', 'killed');
    const second = store.runs.beginAttempt('run-a', 20_000);
    // The checkpoint of epoch 3 was not written: epochs 1 and 2 are told, epoch 3 is worked on again.
    store.events.apply('run-a', second, sequence([started(2), epoch(1), epoch(2), ...worked(3, { loss: 33 }), ...worked(4)], 1, 30_000));
    expect(store.runs.attempts('run-a').map((entry) => [entry.fromEpoch, entry.recomputedEpochs])).toEqual([
      [0, 0],
      [2, 1],
    ]);
    expect(loss()!.epochs).toEqual(Int32Array.of(1, 2, 3, 4));
  });

  test('an epoch that was checkpointed but never heard of is taken from the telling', () => {
    const first = store.runs.beginAttempt('run-a', 1000);
    store.events.apply('run-a', first, sequence([started(), ...worked(1)]));
    const second = store.runs.beginAttempt('run-a', 20_000);
    const applied = store.events.apply('run-a', second, sequence([started(3), epoch(1), epoch(2), epoch(3), ...worked(4)]));
    expect(applied.newEpochs).toBe(3);
    expect(loss()!.epochs).toEqual(Int32Array.of(1, 2, 3, 4));
    expect(store.runs.attempts('run-a')[1]).toMatchObject({ recomputedEpochs: 0 });
  });

  test('a finished run told again by a second process is the same run', () => {
    const told = [started(), epoch(1), epoch(2), finished(2, { 'recall@20': 0.2 }, { 'recall@20': 0.1 })];
    const first = store.runs.beginAttempt('run-a', 1000);
    store.events.apply('run-a', first, sequence([started(), ...worked(1), ...worked(2)]));
    const second = store.runs.beginAttempt('run-a', 20_000);
    expect(store.events.apply('run-a', second, sequence(told))).toMatchObject({ ended: 'finished', newEpochs: 0 });
    expect(run()).toMatchObject({ state: 'finished', epochs: 2, validation: { 'recall@20': 0.2 } });
    expect(store.runs.attempts('run-a')[1]!.recomputedEpochs).toBe(0);
  });

  test('a process of an attempt that is over is not listened to', () => {
    const first = store.runs.beginAttempt('run-a', 1000);
    store.runs.beginAttempt('run-a', 20_000);
    expect(store.events.apply('run-a', first, sequence([started(), ...worked(1)]))).toMatchObject({ newEpochs: 0 });
    expect(loss()).toBeUndefined();
  });

  test('runs found working are lost until somebody takes them up, and their attempts closed at their last sign of life', () => {
    const attempt = store.runs.beginAttempt('run-a', 1000);
    store.events.apply('run-a', attempt, sequence([started()], 1, 5000));
    expect(store.runs.markLost()).toEqual(['run-a']);
    expect(store.runs.markLost()).toEqual(['run-a']);
    expect(run().state).toBe('lost');
    expect(run().elapsedSeconds).toBe(4);
    expect(store.runs.attempts('run-a')).toMatchObject([{ endedAt: 5000, outcome: 'the owner ended' }]);
  });
});

describe('the end', () => {
  test('finished: both parts, why it stopped, test scored once, stage done', () => {
    const attempt = store.runs.beginAttempt('run-a', 9000);
    const artifacts = [{ name: 'top50', file: 'top50.npy', bytes: 10, sha256: 'ab' }];
    store.events.apply(
      'run-a',
      attempt,
      sequence([started(), ...worked(1), finished(1, { 'recall@20': 0.25 }, { 'recall@20': 0.5 }, { artifacts })]),
    );
    expect(run()).toMatchObject({
      state: 'finished',
      stopReason: 'early-stopping',
      validation: { 'recall@20': 0.25 },
      peakMemoryBytes: 1e8,
      estimatedSeconds: 12,
    });
    expect(run().elapsedSeconds).toBeCloseTo(1.04, 6);
    expect(store.runs.artifacts('run-a')).toEqual(artifacts);
    expect(store.runs.stages('run-a')).toMatchObject([{ id: 'train', state: 'done', epochs: 1, bestEpoch: 1 }]);
    expect(run().progress).toBeUndefined();
  });

  test('what only the end knows joins the provenance: kernels that fell back, how steps ran', () => {
    const attempt = store.runs.beginAttempt('run-a', 9000);
    const provenance = {
      codeVersion: '0.1.0',
      libraries: {},
      device: 'tensorflow: TensorFlow 2.21.0 (CPU)',
      deviceVersion: '2.21.0',
      threads: 2,
      platform: 'linux x64',
      processor: 'a processor',
      fallbacks: [],
      compile: 'compiled',
      splitHash: 'split',
      featureHashes: {},
      itemGraph: 'computed',
      model: {},
    };
    const prepared = { type: 'prepared' as const, provenance, parameters: 1, evaluatedUsers: { validation: 1, test: 1, dropped: 0 } };
    const found = { fallbacks: ['Einsum'], compile: 'eager: it reads a result back before it ends' };
    store.events.apply(
      'run-a',
      attempt,
      sequence([prepared, started(), ...worked(1), finished(1, { 'recall@20': 0.25 }, { 'recall@20': 0.5 }, found)]),
    );
    expect(store.runs.provenance('run-a')).toEqual({ ...provenance, ...found });
  });

  test('masked test values never leave the store; shown ones do', () => {
    const attempt = store.runs.beginAttempt('run-a', 9000);
    store.events.apply(
      'run-a',
      attempt,
      sequence([
        started(),
        ...worked(1, { test: { 'recall@20': 0.123456 } }),
        finished(1, { 'recall@20': 0.25 }, { 'recall@20': 0.654321 }),
      ]),
    );
    expect(run().test).toMatchObject({ state: 'masked' });
    expect(JSON.stringify([run(), store.series.of('run-a').map(({ key, values }) => [key, ...values])])).not.toMatch(/0\.654321|0\.123456/);
    store.runs.showTest('run-a', true);
    expect(run().test).toEqual({ state: 'shown', values: { 'recall@20': 0.654321 } });
    expect(store.series.of('run-a', ['test/recall@20'])[0]!.values).toEqual(Float64Array.of(0.123456));
  });

  test('diverged: failed with its problem, out of history; a stop before the first epoch is a stop', () => {
    const problem = { kind: 'diverged' as const, code: 'training.diverged', message: 'diverged at epoch 3', values: {} };
    const attempt = store.runs.beginAttempt('run-a', 9000);
    expect(
      store.events.apply('run-a', attempt, sequence([started(), ...worked(1), { type: 'failed', problem, artifacts: [] }])),
    ).toMatchObject({ ended: 'failed' });
    expect(run()).toMatchObject({ state: 'failed', problem });
    expect(store.past.history('lightgcn', 'demo', 'wasm')).toEqual([]);
    expect(store.runs.stages('run-a')).toMatchObject([{ state: 'failed', epochs: 1, seconds: 0.6 }]);
    addRun(store, { id: 'run-b' });
    const other = store.runs.beginAttempt('run-b', 9000);
    store.events.apply('run-b', other, sequence([{ type: 'failed', problem: { ...problem, kind: 'cancelled' }, artifacts: [] }]));
    expect(store.runs.summary('run-b')).toMatchObject({ state: 'stopped' });
    expect(store.runs.summary('run-b')!.problem).toBeUndefined();
  });

  test('stopped by a person with the best kept is stopped, not finished; paused waits', () => {
    const attempt = store.runs.beginAttempt('run-a', 9000);
    store.events.apply('run-a', attempt, sequence([started(), ...worked(1), { type: 'paused', epoch: 1 }]));
    expect(run().state).toBe('paused');
    const next = store.runs.beginAttempt('run-a', 20_000);
    store.events.apply(
      'run-a',
      next,
      sequence([started(1), finished(1, { 'recall@20': 0.1 }, {}, { stopReason: 'stopped-by-user' })], 1, 21_000),
    );
    expect(run()).toMatchObject({ state: 'stopped', stopReason: 'stopped-by-user', validation: { 'recall@20': 0.1 } });
  });
});

test('a stage before training is recorded with its own epochs and does not count as epochs of the run', () => {
  addRun(store, {
    id: 'run-e',
    model: 'egra',
    stages: [
      { id: 'pretrain', model: 'mgcn', key: 'k' },
      { id: 'train', model: 'egra', key: '' },
    ],
  });
  const attempt = store.runs.beginAttempt('run-e', 9000);
  store.events.apply(
    'run-e',
    attempt,
    sequence([started(0, 'pretrain'), ...worked(1, { stage: 'pretrain' }), ...worked(2, { stage: 'pretrain' })]),
  );
  expect(store.runs.summary('run-e')).toMatchObject({ epochs: 0, progress: { stage: 'pretrain', stageIndex: 0, stageCount: 2, epoch: 2 } });
  expect(store.past.hasStage('k')).toBe(false);
  store.events.apply(
    'run-e',
    attempt,
    sequence(
      [{ type: 'stageFinished', stage: 'pretrain', epochs: 2, bestEpoch: 1, seconds: 3, reused: false }, started(), ...worked(1)],
      100,
    ),
  );
  expect(store.past.hasStage('k')).toBe(true);
  expect(store.runs.stages('run-e')).toMatchObject([
    { id: 'pretrain', state: 'done', epochs: 2, bestEpoch: 1, seconds: 3 },
    { id: 'train', state: 'running', epochs: 1 },
  ]);
  expect(store.runs.summary('run-e')).toMatchObject({ epochs: 1, progress: { stageIndex: 1 } });
});
