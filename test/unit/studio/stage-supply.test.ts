import { describe, expect, test } from 'vitest';
import type { ExperimentRequest } from '#contract/experiment.ts';
import type { TrainingEvent } from '#contract/task.ts';
import type { Store } from '#store/store.ts';
import { RunView } from '#studio/run-view.ts';
import { pretrainingOf } from '#studio/stage-supply.ts';
import { finished, finishRun, sequence, started, worked } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { experimentsOf, parsed, planned, plannerOf, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

const start = (request: Partial<ExperimentRequest>) => experimentsOf(store).start(parsed(request), 1);
const words = (atOnce = 1) => {
  const open = store.runs.open();
  return pretrainingOf(open, { ...plannerOf(store), atOnce, isWaiting: () => true }).words(atOnce);
};
/** What times are estimated from: runs of both models with a seed that no other has. */
const addPast = () => {
  for (const device of ['wasm', 'cpu'] as const)
    for (const id of start({ models: [mgcn, egra], seeds: [99], device, runKnown: true }).runIds) finishRun(store, id, {}, {});
};
/** Whether each open run pretrains for itself, as its time tells. */
const pretrainsItself = (atOnce = 1) => {
  const view = new RunView(plannerOf(store), (id) => `/runs/${id}`);
  const open = store.runs.open().filter(({ config }) => config.model === 'egra');
  const all = view.timesLeft(store.runs.open(), atOnce);
  const whole = Math.min(...view.timesLeft(open.map((run) => ({ ...run, id: 'nobody' }))).map((time) => time!.seconds));
  return store.runs.open().flatMap(({ config }, at) => (config.model === 'egra' ? [all[at]!.seconds > whole * 1.01] : []));
};
const planWords = async (request: Partial<ExperimentRequest>, atOnce = 1) => {
  const { notes, pretraining } = await planned(store, request, atOnce);
  return [pretraining.stages, ...notes.flatMap(({ text }) => (text.includes('takes over') ? [text] : []))];
};
const record = {
  libraries: {},
  device: 'wasm',
  deviceVersion: '1',
  threads: 1,
  platform: 'linux x64',
  processor: 'a processor',
  fallbacks: [],
  splitHash: 'split',
  featureHashes: {},
  itemGraph: 'computed',
  model: {},
};
const [mgcn, egra] = [{ model: 'mgcn' }, { model: 'egra' }];
const finishedWords = 'EGRA takes over the finished MGCN of its seed';
const pretrained: TrainingEvent = { type: 'stageFinished', stage: 'pretrain', epochs: 1, bestEpoch: 1, seconds: 1, reused: false };
const pretrains = 'EGRA pretrains MGCN once per dataset and seed';

describe('what is said of pretraining', () => {
  test('is that a run takes over the one of its seed that trains before it, in the queue and in the plan', async () => {
    const request = { models: [mgcn, egra], seeds: [1, 2] };
    expect(await planWords(request)).toEqual([0, 'EGRA takes over the MGCN of its seed that trains before it.']);
    start(request);
    expect(words()).toEqual(['EGRA takes over the MGCN of its seed that trains before it']);
    expect(await planWords({ models: [egra], seeds: [3], note: 'another seed' })).toEqual([1]);
    expect(await planWords({ models: [{ model: 'egra', values: { tau: 0.4 } }], seeds: [1] })).toEqual([
      0,
      'EGRA takes over the MGCN of its seed that trains before it.',
    ]);
  });

  test('is that it pretrains where that one comes later, begins beside it, or trains otherwise', async () => {
    start({ models: [egra, mgcn] });
    expect(words()).toEqual([pretrains]);
    expect(await planWords({ models: [mgcn, egra], seeds: [5] }, 2)).toEqual([1]);
    expect(await planWords({ models: [mgcn, egra], seeds: [5, 6] }, 2)).toEqual([
      0,
      'EGRA takes over the MGCN of its seed where that has ended by then, and else pretrains it.',
    ]);
    const other = { model: 'mgcn', values: { batch_size: 512 } };
    expect(await planWords({ models: [other, egra], seeds: [5] })).toEqual([1]);
    start({ models: [other, egra], seeds: [5] });
    expect(words()).toEqual([pretrains]);
  });

  test('counts the runs where some take over and some pretrain', () => {
    const budget = { minEpochs: 40 };
    const { runIds } = start({ models: [mgcn], seeds: [1], budget });
    finishRun(store, runIds[0]!, {}, {});
    start({ models: [egra], seeds: [1, 2], budget });
    expect(words()).toEqual([`${pretrains} (1 of 2 runs)`, 'EGRA takes over the finished MGCN of its seed (1 of 2 runs)']);
  });

  test('is that it pretrains where the one of its seed computed on another device, whose stages are its own', async () => {
    const budget = { minEpochs: 40 };
    const { runIds } = start({ models: [mgcn], device: 'wasm', budget });
    finishRun(store, runIds[0]!, {}, {});
    expect(await planWords({ models: [egra], device: 'wasm', budget })).toEqual([0, 'EGRA takes over the finished MGCN of its seed.']);
    expect(await planWords({ models: [egra], device: 'cpu', budget })).toEqual([1]);
    start({ models: [egra], device: 'cpu', budget });
    expect(words()).toEqual([pretrains]);
  });

  test('and the time of the queue ask for the same run: of its settings, its device, its version, ended by then', () => {
    addPast();
    const budget = { minEpochs: 40 };
    start({ models: [{ model: 'mgcn', values: { batch_size: 512 } }, egra], seeds: [5] });
    expect([words(), pretrainsItself()]).toEqual([[pretrains], [true]]);
    start({ models: [mgcn], seeds: [6], device: 'wasm', budget });
    start({ models: [egra], seeds: [6], device: 'cpu', budget });
    start({ models: [egra], seeds: [6], device: 'wasm', budget, runKnown: true });
    expect(pretrainsItself()).toEqual([true, true, false]);
    expect(pretrainsItself(3)).toEqual([true, true, true]);
  });

  test('is that it pretrains where another version of the program trained the one of its seed', async () => {
    addPast();
    const budget = { minEpochs: 40 };
    const trainedBy = (codeVersion: string, seed: number) => {
      const [id] = start({ models: [mgcn], seeds: [seed], budget }).runIds;
      const provenance = { ...record, codeVersion };
      const prepared = { type: 'prepared' as const, provenance, parameters: 1, evaluatedUsers: { validation: 1, test: 1, dropped: 0 } };
      const attempt = store.runs.beginAttempt(id!, 9000);
      store.events.apply(id!, attempt, sequence([prepared, started(), ...worked(1), finished(1, {}, {})]));
    };
    trainedBy('1', 1);
    trainedBy('0', 2);
    const [taken, own] = [
      { models: [egra], seeds: [1], budget },
      { models: [egra], seeds: [2], budget },
    ];
    expect([await planWords(taken), await planWords(own)]).toEqual([[0, 'EGRA takes over the finished MGCN of its seed.'], [1]]);
    start(taken);
    start(own);
    expect(words()).toEqual([`${pretrains} (1 of 2 runs)`, 'EGRA takes over the finished MGCN of its seed (1 of 2 runs)']);
    expect(pretrainsItself()).toEqual([false, true]);
  });

  test('is that it takes over what another EGRA pretrains for itself: at work, waiting in the queue, or planned before it', async () => {
    addPast();
    const tau = (value: number) => ({ model: 'egra', values: { tau: value } });
    const shared = 'EGRA takes over the MGCN that another run pretrains for its seed';
    expect(await planWords({ models: [tau(0.3), tau(0.4)], seeds: [1, 2] })).toEqual([2, `${shared} (2 of 4 runs).`]);
    const [first] = start({ models: [tau(0.3)] }).runIds;
    expect(await planWords({ models: [tau(0.4)] })).toEqual([0, `${shared}.`]);
    expect((await planned(store, { models: [tau(0.4)] })).pretraining.seconds).toBe(0);
    start({ models: [tau(0.4)] });
    expect(words()).toEqual([`${pretrains} (1 of 2 runs)`, `${shared} (1 of 2 runs)`]);
    expect(pretrainsItself()).toEqual([true, false]);
    // At work it is no longer spoken of; what it pretrained has ended then.
    const attempt = store.runs.beginAttempt(first!, 9000);
    const open = store.runs.open();
    const ofWaiting = () => pretrainingOf(open, { ...plannerOf(store), atOnce: 2, isWaiting: (id) => id !== first }).words(2);
    expect(ofWaiting()).toEqual([shared]);
    store.events.apply(first!, attempt, sequence([started(0, 'pretrain'), ...worked(1, { stage: 'pretrain' }), pretrained]));
    expect(ofWaiting()).toEqual([finishedWords]);
  });

  test('is that it pretrains once more after the caches were emptied', async () => {
    addPast();
    const budget = { minEpochs: 40 };
    finishRun(store, start({ models: [mgcn], seeds: [1], budget }).runIds[0]!, {}, {});
    const [waits] = start({ models: [egra], seeds: [1, 2], budget }).runIds;
    const other = { models: [{ model: 'egra', values: { tau: 0.4 } }], seeds: [1], budget };
    expect(words()).toEqual([`${pretrains} (1 of 2 runs)`, `${finishedWords} (1 of 2 runs)`]);
    expect(await planWords(other)).toEqual([0, `${finishedWords}.`]);
    store.past.cachesCleared(store.runs.summary(waits!)!.createdAt + 1e9);
    expect(words()).toEqual([pretrains]);
    expect(pretrainsItself()).toEqual([true, true]);
    expect(await planWords(other)).toEqual([0, 'EGRA takes over the MGCN that another run pretrains for its seed.']);
    expect(await planWords({ models: [egra], seeds: [99], budget, runKnown: true })).toEqual([1]);
  });

  test('is that a run that had failed by then pretrains once more too, when it is put back into the queue', () => {
    const [failing] = start({ models: [egra], seeds: [1, 2] }).runIds;
    const attempt = store.runs.beginAttempt(failing!, 9000);
    const failed: TrainingEvent = { type: 'failed', problem: { kind: 'memory', code: 'x', message: 'Full', values: {} }, artifacts: [] };
    const pretraining: TrainingEvent[] = [{ type: 'stageStarted', stage: 'pretrain', model: 'mgcn', fromEpoch: 0 }, pretrained];
    store.events.apply(failing!, attempt, sequence([...pretraining, failed]));
    store.past.cachesCleared(Date.now() + 1e9);
    store.runs.requeue(failing!);
    expect(words()).toEqual([pretrains]);
  });

  test('follows the settings of each run', () => {
    start({
      models: [
        { model: 'egra', values: { pre_model: 'LightGCN' } },
        { model: 'egra', values: { ii_source: 'none' } },
      ],
    });
    expect(words()).toEqual(['EGRA pretrains LightGCN once per dataset and seed']);
  });
});
