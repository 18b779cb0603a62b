import { describe, expect, test } from 'vitest';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { cards } from '#models/cards.ts';
import type { Store } from '#store/store.ts';
import { pretrainingOf } from '#studio/stage-supply.ts';
import { finishRun } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { experimentsOf, parsed, planned, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

const start = (request: Partial<ExperimentRequest>) => experimentsOf(store).start(parsed(request), 1);
const words = (atOnce = 1) => {
  const open = store.runs.open();
  return pretrainingOf(open, {
    cards,
    atOnce,
    isWaiting: () => true,
    hasFinished: ({ config: { dataset, seed, device }, dataHash }, configuration) =>
      store.past.equal(dataset, dataHash, configuration, seed, device)?.state === 'finished',
  }).words(atOnce);
};
const planWords = async (request: Partial<ExperimentRequest>, atOnce = 1) => {
  const { notes, pretraining } = await planned(store, request, atOnce);
  return [pretraining.stages, ...notes.flatMap(({ text }) => (text.includes('takes over') ? [text] : []))];
};
const [mgcn, egra] = [{ model: 'mgcn' }, { model: 'egra' }];
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
