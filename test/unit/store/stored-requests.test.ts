import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as v from 'valibot';
import { experimentRequestSchema } from '#contract/experiment.ts';
import { databaseName } from '#store/copies.ts';
import { openDatabase } from '#store/database.ts';
import { openStore } from '#store/store.ts';
import { temporaryHome, type Home } from './fixture.ts';

let home: Home;
beforeEach(() => (home = temporaryHome()));
afterEach(() => home.remove());

/** As the first version stored it: no ranges to search, no evaluation of its own, no device that runs are bound to. */
const first = {
  ...{ name: '', question: '', note: '', datasets: ['demo'], seeds: [1, 2] },
  models: [{ model: 'lightgcn', values: {}, vary: { n_layers: [1, 2] } }],
  budget: { epochs: 3, minEpochs: 0, patience: 20, batchSize: 2048, learningRate: 0.001, width: 64 },
  ...{ protocol: 'validation', itemGraph: 'computed', device: 'wasm', threads: 1, runKnown: true },
};

test('what an earlier version had no place for in a request is as it is where nothing is said', () => {
  const database = openDatabase(join(home.folder, databaseName));
  const row = { name: 'A', question: '', note: '', createdAt: 1, protocol: 'validation' };
  database.insert('experiment', { id: 'exp-a', ...row, request: JSON.stringify(first) });
  database.close();
  const store = openStore(home.folder);
  try {
    const { request } = store.experiments.get('exp-a')!;
    expect(request).toEqual(v.parse(experimentRequestSchema, first));
    expect(request.models[0]).toMatchObject({ vary: { n_layers: [1, 2] }, ranges: {} });
    store.experiments.insertImported({ id: 'import-a', name: 'B', note: '', createdAt: 2 });
    expect(store.experiments.get('import-a')!.request.datasets).toEqual([]);
  } finally {
    store.close();
  }
});
