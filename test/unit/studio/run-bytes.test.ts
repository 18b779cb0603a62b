import { expect, test } from 'vitest';
import type { Store } from '#store/store.ts';
import { finishRun } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { experimentsOf, parsed, planned, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

const bytesOf = async (model: string, seeds = [1]) => (await planned(store, { models: [{ model }], seeds })).diskBytes;

test('the disk a plan asks for holds both checkpoints: with two moments of each value the last one is three times the best', async () => {
  // 800 users and 500 items by 64: vectors 332,800, checkpoints 332,800 and 998,400; lists with scores 320,000, values of users 217,600.
  // LightGCN on the demo dataset, of these sizes, left 2,210,064 bytes; the plan had said 1,203,200.
  expect(await bytesOf('lightgcn')).toBe(332_800 + 332_800 + 998_400 + 320_000 + 217_600);
  expect(await bytesOf('lightgcn', [1, 2, 3])).toBe(3 * 2_201_600);
  // Trains nothing, and left 539,952.
  expect(await bytesOf('itemknn')).toBe(320_000 + 217_600);
});

test('what past runs of the model on the dataset left is known better', async () => {
  const experiments = experimentsOf(store);
  const { experimentId } = experiments.start(parsed({ models: [{ model: 'lightgcn' }], seeds: [1, 2] }), 1);
  for (const [at, { runId }] of store.experiments.cells(experimentId).entries()) finishRun(store, runId, {}, {}, { bytes: 5000 + at });
  expect(await bytesOf('lightgcn', [3, 4])).toBe(2 * 5001);
  expect(await bytesOf('lightgcn', [1, 2, 3])).toBe(5001);
  expect(await bytesOf('bpr')).toBe(2_201_600);
});
