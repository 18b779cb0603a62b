import { fill, tensor2d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryRows } from '#data/csr.ts';
import type { Dataset, ImportedGraph, Modality } from '#data/dataset.ts';
import { cosineGraph } from '#data/item-graph.ts';
import { nearestNeighbours } from '#data/knn.ts';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { binaryItemGraph, cosineItemGraph, mixedItemGraph, modalityWeights } from '#models/parts/modal-graphs.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const drawn = drawnDataset({ users: 30, items: 40 });

function withModalities(names: readonly string[]): Dataset {
  const random = randomStream(names.length, 'modalities');
  const modality = (name: string, place: number): Modality => {
    const width = 5 + place;
    const drawnValues = Float32Array.from({ length: drawn.items * width }, () => random.normal());
    return { name, width, values: drawnValues, sourceType: 'float32', hash: name, missing: new Uint8Array(drawn.items) };
  };
  return { ...drawn, modalities: names.map(modality) };
}

describe('any number of modalities', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  const cases = [
    'vbpr',
    'freedom',
    'mgcn',
    'egra',
    'siger',
    'bm3',
    'mmgcf',
    'dragon',
    'dualgnn',
    'grcn',
    'mmgcn',
    'slmrec',
    'lattice',
    'mvgae',
    'lgmrec',
    'smore',
    'igdmrec',
    'gume',
    'pgl',
    'damrs',
    'mentor',
  ].flatMap((id) => [['text'], ['image', 'audio'], ['image', 'text', 'audio']].map((names) => ({ id, names })));

  it.each(cases)('$id trains on $names', ({ id, names }) => {
    const dataset = withModalities(names);
    const hyper = id === 'egra' ? { ii_source: 'raw_intersection' } : id === 'freedom' ? { reg_weight: 0.1 } : {};
    const model = createModel(id, { dataset, hyper });
    model.beforeEpoch?.(0);
    const { total, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(drawnBatch(dataset, 24), 0)));
    expect(total).toBeGreaterThan(0);
    const withGradient = [...gradients].filter(([, gradient]) => gradient !== null).map(([name]) => name);
    // With one modality its softmax weight is 1 whatever the query says.
    const expected = [...model.parameters.keys()].filter((name) => names.length > 1 || !/^query\.(hidden|score)\./.test(name));
    expect(withGradient).toEqual(expected);
    for (const gradient of gradients.values()) gradient?.dispose();
    model.dispose();
  });

  const told = ['vbpr', 'mgcn', 'egra', 'siger'].flatMap((id) => [['text'], ['image', 'text', 'audio']].map((names) => ({ id, names })));

  it.each(told)('$id says what ids and each of $names add to its items', ({ id, names }) => {
    const dataset = withModalities(names);
    const model = createModel(id, { dataset, hyper: id === 'egra' ? { ii_source: 'raw_intersection' } : {} });
    const { items } = model.represent();
    const shares = model.itemShares!().map((share) => [...values(share)]);
    expect(shares).toHaveLength(1 + names.length);
    values(items).forEach((value, place) => expect(shares.reduce((sum, share) => sum + share[place]!, 0)).toBeCloseTo(value, 5));
    // A gate or projection that no longer lets a modality through takes its share and no other's ids.
    const last = names.at(-1)!;
    if (id === 'vbpr') {
      const table = [...model.parameters].find(([name]) => name === 'project.weight')![1];
      const width = dataset.modalities.at(-1)!.width;
      table.assign(
        tensor2d(
          values(table).map((value, at) => (at < (table.shape[0]! - width) * table.shape[1]! ? value : 0)),
          [table.shape[0]!, table.shape[1]!],
        ),
      );
    } else
      for (const part of ['weight', 'bias']) {
        const table = model.parameters.get(`gate.${last}.${part}`)!;
        table.assign(fill(table.shape, part === 'weight' ? 0 : -100));
      }
    const without = model.itemShares!().map((share) => [...values(share)]);
    expect(without.at(-1)!.every((value) => Math.abs(value) < 1e-6)).toBe(true);
    expect(without[0]).toEqual(shares[0]);
    model.dispose();
  });

  it('weigh alike in MGCN whatever their order', () => {
    const forward = withModalities(['image', 'text', 'audio']);
    const backward = { ...forward, modalities: [...forward.modalities].reverse() };
    const [a, b] = [forward, backward].map((dataset) => createModel('mgcn', { dataset, hyper: { cl_loss: 0.1 } }));
    for (const [name, variable] of a!.parameters) b!.parameters.get(name)!.assign(variable.clone());
    const [first, second] = [a!, b!].map((model) => {
      const { users, items } = model.represent();
      return [...values(users), ...values(items)];
    });
    first!.forEach((value, place) => expect(value).toBeCloseTo(second![place]!, 5));
    a!.dispose();
    b!.dispose();
  });
});

describe('item graphs of a model', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('cpu');
  });
  afterAll(() => device.close());

  const two = withModalities(['image', 'audio']);
  const imported = (name: string, k: number): ImportedGraph => {
    const modality = two.modalities.find((candidate) => candidate.name === name)!;
    // Rolled by one item, so that it differs from what would be computed.
    const rolled = new Float32Array(modality.values.length);
    rolled.set(modality.values.subarray(modality.width));
    rolled.set(modality.values.subarray(0, modality.width), rolled.length - modality.width);
    const lists = nearestNeighbours({ rows: two.items, width: modality.width, values: rolled }, { k, self: true });
    return { name: `${name}_adj_${k}_True`, form: 'knn-cosine', modality: name, k, matrix: cosineGraph(lists), hash: name };
  };
  const dataset = { ...two, graphs: [imported('image', 4), imported('audio', 4)] };
  const image = dataset.modalities[0]!;

  it('come from the features or from the files, and say so', () => {
    const computed = cosineItemGraph({ dataset, source: 'computed', k: 4 }, image);
    const taken = cosineItemGraph({ dataset, source: 'imported', k: 4 }, image);
    expect(computed.record).toContain('computed k=4');
    expect(taken.record).toContain('imported image_adj_4_True');
    expect(taken.matrix).toBe(dataset.graphs[0]!.matrix);
    expect(computed.matrix).not.toEqual(taken.matrix);
    const model = createModel('mgcn', { dataset, itemGraph: 'imported', hyper: { knn_k: 4 } });
    expect(model.record['graph.items.audio']).toContain('imported audio_adj_4_True');
    model.dispose();
  });

  it('take an imported graph’s neighbours with weight 1/k in FREEDOM’s form', () => {
    const { matrix } = binaryItemGraph({ dataset, source: 'imported', k: 4 }, image);
    expect(matrix.indices).toEqual(dataset.graphs[0]!.matrix.indices);
    for (const value of matrix.values) expect(value).toBeCloseTo(0.25, 7);
  });

  it('are refused with the graphs there are where k is another', () => {
    expect(() => cosineItemGraph({ dataset, source: 'imported', k: 10 }, image)).toThrow(
      'has no imported image neighbour graph with k=10 (its graphs: image_adj_4_True (k=4), audio_adj_4_True (k=4))',
    );
  });

  it('use an imported mix of the same k and weight as it is, else mix anew', () => {
    const mix: ImportedGraph = { ...dataset.graphs[0]!, name: 'mm_adj_freedomdsp_4_1', form: 'freedom-mix', imageWeight: 0.1 };
    const ready = { ...dataset, graphs: [...dataset.graphs, mix] };
    expect(mixedItemGraph({ dataset: ready, source: 'imported', k: 4 }, 0.1).matrix).toBe(mix.matrix);
    const anew = mixedItemGraph({ dataset: ready, source: 'imported', k: 4 }, 0.3);
    expect(anew.record).toContain('imported k=4, 0.3 image + 0.7 audio');
    const rows = entryRows(anew.matrix);
    const sum = [...anew.matrix.values].filter((_, entry) => rows[entry] === 0).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(1, 6);
  });

  it('share what the image leaves evenly', () => {
    expect(modalityWeights(['image', 'audio'], 0.1)).toEqual([0.1, 0.9]);
    expect(modalityWeights(['text', 'image', 'audio'], 0.2)).toEqual([0.4, 0.2, 0.4]);
    expect(modalityWeights(['text', 'audio'], 0.1)).toEqual([0.5, 0.5]);
    expect(modalityWeights(['image'], 0.1)).toEqual([1]);
  });
});
