import { expect, test } from 'vitest';
import * as v from 'valibot';
import { runConfigSchema } from '#contract/run.ts';
import type { RunRow } from '#store/run-rows.ts';
import { requestOf } from '#studio/request-of-run.ts';

test('a clone repeats settings as values and the training settings as budget', () => {
  const config = v.parse(runConfigSchema, {
    dataset: 'demo',
    model: 'lightgcn',
    hyper: { n_layers: 2, reg_weight: 1e-4 },
    seed: 3,
    budget: { learningRate: 0.01, batchSize: 512 },
    protocol: 'validation',
    itemGraph: 'imported',
    device: 'wasm',
    threads: 1,
  });
  const differences = [
    { key: 'n_layers', value: '2' },
    { key: 'lr', value: '0.01' },
    { key: 'batch_size', value: '512' },
    { key: 'item_graph', value: 'imported' },
  ];
  const request = requestOf({ differences } as RunRow, config);
  expect(request.models[0]?.values).toEqual({ n_layers: 2 });
  expect(request).toMatchObject({ seeds: [3], budget: { learningRate: 0.01, batchSize: 512 }, itemGraph: 'imported' });
});
