/** What a cell of the Runs table is, by the names of studio.md: mean ± sd (n) of seeds (G2), and the value at the best validation epoch (G3). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Store } from '#store/store.ts';
import { addRun, epoch, finished, finishRun, query, sequence, started } from './fixture.ts';
import { storeForEach } from './opened-store.ts';

let store: Store;
storeForEach((opened) => (store = opened));

const reference = JSON.parse(readFileSync(new URL('../../fixtures/statistics/reference.json', import.meta.url), 'utf8')) as {
  aggregates: { values: number[]; mean: number; sd: number }[];
};

test('G2: collapsed seeds are the mean, the sample sd and n of a reference script, to 1e-12', () => {
  for (const [at, { values }] of reference.aggregates.entries())
    for (const [seed, value] of values.entries()) {
      const id = `run-${at}-${seed}`;
      addRun(store, { id, configuration: `set-${at}`, hyper: { n_layers: at + 1 }, seed });
      finishRun(store, id, { 'recall@20': value });
    }
  const { rows } = store.page(query({ collapse: true, columns: ['val.recall@20'], sort: [{ field: 'n_layers', descending: false }] }));
  expect(rows).toHaveLength(reference.aggregates.length);
  for (const [at, { values, mean, sd }] of reference.aggregates.entries()) {
    const cell = rows[at]!.cells!['val.recall@20']!;
    expect(cell.n).toBe(values.length);
    expect(Math.abs(cell.value! - mean)).toBeLessThanOrEqual(1e-12 * mean);
    expect(Math.abs(cell.sd! - sd)).toBeLessThanOrEqual(1e-12 * sd);
    expect(rows[at]!.n).toBe(values.length);
  }
});

test('G3: of a run that over-fits late every metric is that of the best validation epoch, and other readings are asked for', () => {
  // Recall peaks at epoch 3, while NDCG goes on rising for an epoch and the loss falls to the end.
  const recall = [0.1, 0.2, 0.3, 0.25, 0.15, 0.05];
  const ndcg = [0.05, 0.1, 0.15, 0.18, 0.12, 0.02];
  const values = (at: number) => ({ 'recall@20': recall[at]!, 'ndcg@20': ndcg[at]! });
  addRun(store, { id: 'late', seed: 1 });
  const attempt = store.runs.beginAttempt('late', 1);
  const epochs = recall.map((_, at) =>
    epoch(at + 1, {
      validation: values(at),
      bestEpoch: Math.min(3, at + 1),
      bestValue: Math.max(...recall.slice(0, at + 1)),
      misses: Math.max(0, at - 2),
    }),
  );
  const told = { 'recall@20': 0.29, 'ndcg@20': 0.14 };
  store.events.apply('late', attempt, sequence([started(), ...epochs, finished(6, values(2), told, { bestEpoch: 3 })]));
  const columns = ['val.recall@20', 'val.ndcg@20', 'bestEpoch'];
  const read = (reading: 'best' | 'last' | 'min' | 'max') => {
    const cells = store.pages.cells([['late']], columns, reading)[0]!;
    return columns.map((column) => cells[column]!.value);
  };
  // One epoch for both metrics: the higher NDCG of epoch 4 is not taken.
  expect(read('best')).toEqual([0.3, 0.15, 3]);
  expect(read('last')).toEqual([0.05, 0.02, 3]);
  expect(read('max')).toEqual([0.3, 0.18, 3]);
  expect(read('min')).toEqual([0.05, 0.02, 3]);
  expect(query({}).reading).toBe('best');
  expect(store.page(query({ columns })).rows[0]!.cells!['val.ndcg@20']!.value).toBe(0.15);
});
