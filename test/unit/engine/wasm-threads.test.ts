import { describe, expect, it } from 'vitest';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { openDevice } from '#engine/devices/open.ts';
import { Adam } from '#engine/ops/adam.ts';
import * as basic from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { mutualNce } from '#engine/ops/mutual-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { frobenius, halfSquares } from '#engine/ops/norms.ts';
import { propagate, propagateRows, sparse, spmm, spmmRows } from '#engine/ops/sparse.ts';
import { topKMasked } from '#engine/ops/top-k.ts';
import { randomStream, randomStreams } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { createModel, drawnStage } from '#test/fixtures/model-context.ts';
import { draw } from './check.ts';

type Op = (inputs: readonly Tensor2D[]) => Tensor;
type Shape = readonly [number, number];

function ids(count: number, below: number, seed: number): Int32Array {
  const random = randomStream(seed, 'graph');
  return Int32Array.from({ length: count }, () => random.integer(below));
}

/** Rows of very different length, empty ones among them; enough of them for many chunks. */
function graph(rows: number, columns: number) {
  const random = randomStream(3, 'graph');
  const lengths = Int32Array.from({ length: rows }, (_, r) =>
    r % 7 === 0 ? 0 : Math.floor(60 * random.uniform() ** 4) + (r === 5 ? 900 : 0),
  );
  const offsets = new Int32Array(rows + 1);
  for (let r = 0; r < rows; r++) offsets[r + 1] = offsets[r]! + lengths[r]!;
  const count = offsets[rows]!;
  return { rows, columns, offsets, indices: ids(count, columns, 4), values: draw(count, 5) };
}

function pairs(queries: number, keys: number, count: number) {
  return {
    queryOf: ids(count, queries, 6),
    keyOf: ids(count, keys, 7),
    keyCounts: Float32Array.from({ length: keys }, (_, k) => 1 + (k % 3)),
  };
}

/** Ops at sizes that fall into several chunks, the last of them partial. */
const ops: readonly (readonly [string, readonly Shape[], Op])[] = [
  [
    'matMul',
    [
      [301, 67],
      [67, 203],
    ],
    ([a, b]) => basic.matMul(a!, b!),
  ],
  [
    'matMul, second transposed',
    [
      [301, 67],
      [203, 67],
    ],
    ([a, b]) => basic.matMul(a!, b!, false, true),
  ],
  [
    'matMul, first transposed',
    [
      [67, 301],
      [67, 203],
    ],
    ([a, b]) => basic.matMul(a!, b!, true),
  ],
  [
    'matMul over a long inner dimension',
    [
      [3001, 21],
      [3001, 19],
    ],
    ([a, b]) => basic.matMul(a!, b!, true),
  ],
  [
    'matMul into one column',
    [
      [5003, 64],
      [64, 1],
    ],
    ([a, b]) => basic.matMul(a!, b!),
  ],
  ['gather with repeats', [[2003, 37]], ([x]) => basic.concat(gatherParts(x!, [ids(1501, 2003, 1), ids(1201, 90, 2)]), 0)],
  ['normaliseRows', [[1501, 33]], ([x]) => normaliseRows(x!)],
  ['frobenius', [[1501, 33]], ([x]) => frobenius(x!)],
  ['halfSquares', [[1501, 33]], ([x]) => halfSquares(x!)],
  [
    'bpr',
    [
      [1501, 33],
      [1501, 33],
      [1501, 33],
    ],
    ([u, i, j]) => bprLoss(u!, i!, j!, 0),
  ],
  [
    'infoNce',
    [
      [501, 33],
      [403, 33],
    ],
    ([q, k]) => infoNceRows(normaliseRows(q!), normaliseRows(k!), pairs(501, 403, 700), 0.2),
  ],
  [
    'mutualNce',
    [
      [501, 33],
      [403, 33],
    ],
    ([q, k]) => {
      const { queryOf: firstOf, keyOf: secondOf, keyCounts: secondCounts } = pairs(501, 403, 700);
      const firstCounts = new Float32Array(501).fill(1);
      return basic.concat(mutualNce(normaliseRows(q!), normaliseRows(k!), { firstOf, secondOf, firstCounts, secondCounts }, 0.2), 0);
    },
  ],
  ['sum of all', [[1501, 64]], ([x]) => basic.sum(x!)],
  ['sum of rows', [[1501, 33]], ([x]) => basic.sum(x!, 1)],
  ['sum of columns', [[1501, 33]], ([x]) => basic.sum(x!, 0)],
  ['sigmoid, tanh, exp, leakyRelu', [[1501, 33]], ([x]) => basic.leakyRelu(basic.exp(basic.tanh(basic.sigmoid(x!))), 0.2)],
  [
    'add, sub, mul, div',
    [
      [1501, 33],
      [1501, 33],
    ],
    ([a, b]) => basic.div(basic.add(a!, basic.mul(a!, b!)), basic.sub(basic.square(b!), -2)),
  ],
  [
    'a row, a column and a value repeated',
    [
      [1501, 33],
      [1, 33],
      [1501, 1],
      [1, 1],
    ],
    ([x, row, column, one]) => basic.mul(basic.add(x!, row!), basic.sub(column!, one!)),
  ],
  ['slice, concat', [[1501, 33]], ([x]) => basic.concat([basic.slice(x!, [3, 2], [1400, 9]), basic.slice(x!, [90, 0], [1400, 30])], 1)],
];

/** Value and gradients of an op, as their bits. */
function bitsOf(shapes: readonly Shape[], op: Op): Int32Array[] {
  const parameters = new Map(
    shapes.map((shape, i) => [`x${i}`, basic.variable(draw(shape[0] * shape[1], i + 1), [...shape], `x${i}`)] as const),
  );
  const run = (): Tensor => op([...parameters.values()]);
  const value = basic.tidy(() => run());
  const out = [value.dataSync().slice() as Float32Array];
  value.dispose();
  const { gradients } = lossAndGradients(parameters, () => ({ total: basic.sum(basic.square(run())), terms: {} }));
  for (const gradient of gradients.values()) out.push(basic.values(gradient!));
  basic.dispose([...parameters.values(), ...gradients.values()] as Tensor[]);
  return out.map((values) => new Int32Array(values.buffer, values.byteOffset, values.length));
}

/** The same on one, two and three threads. */
async function onThreads<T>(work: () => T): Promise<T[]> {
  const found: T[] = [];
  for (const threads of [1, 2, 3]) {
    const device = await openDevice('wasm', { threads });
    expect(device.threads).toBe(threads);
    found.push(work());
    expect(device.fallbacks()).toEqual([]);
    device.close();
  }
  return found;
}

describe('the wasm device on 1, 2 and 3 threads', () => {
  it.each(ops)('gives the same bits: %s', async (_name, shapes, op) => {
    const [one, two, three] = await onThreads(() => bitsOf(shapes, op));
    expect(one!.length).toBe(shapes.length + 1);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  it('gives the same bits: rows of propagation, with a split and with repeats', async () => {
    const [users, size, width] = [900, 1503, 37];
    const parts = [
      Int32Array.from({ length: 400 }, (_, r) => (r * 7) % users),
      Int32Array.from({ length: 300 }, (_, r) => (r * r) % 603),
    ] as const;
    const upper = graph(size, size);
    // Users meet items alone.
    const split = { ...upper, indices: upper.indices.map((column) => users + (column % (size - users))) };
    const [one, two, three] = await onThreads(() => {
      const [held, square] = [sparse(split, { split: users }), sparse(upper)];
      const found = [0, 1, 2, 3].flatMap((layers) =>
        bitsOf([[size, width]], ([table]) => {
          const { rows, start, lower } = propagateRows(held, table as Tensor2D, { layers, parts, withStart: true, withLower: true });
          const further = spmmRows(square, basic.slice(basic.concat([rows, rows, rows], 0), [0, 0], [size, width]) as Tensor2D, parts[0]);
          return basic.concat([rows, start!, lower!, further], 0);
        }),
      );
      held.dispose();
      square.dispose();
      return found;
    });
    expect(one!.length).toBe(8);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  it('goes over a row that is longer than what is looked through at once', async () => {
    const [rows, width] = [70_001, 3];
    const long = {
      rows,
      columns: 2,
      offsets: Int32Array.from({ length: rows + 1 }, (_, r) => r),
      indices: new Int32Array(rows),
      values: draw(rows, 1),
    };
    const device = await openDevice('wasm', { threads: 2 });
    const held = sparse(long);
    const every = Int32Array.from({ length: rows }, (_, r) => r);
    expect(bitsOf([[2, width]], ([x]) => spmmRows(held, x as Tensor2D, every))).toEqual(
      bitsOf([[2, width]], ([x]) => spmm(held, x as Tensor2D)),
    );
    held.dispose();
    device.close();
  });

  it('gives the same bits: products with a graph, propagation and Adam', async () => {
    const [one, two, three] = await onThreads(() => {
      const [held, square] = [sparse(graph(1503, 803)), sparse(graph(1503, 1503))];
      const table = basic.variable(draw(1503 * 37, 1), [1503, 37], 'table');
      const parameters = new Map([['table', table]]);
      const adam = new Adam(parameters);
      for (let step = 0; step < 3; step++) {
        const { gradients } = lossAndGradients(parameters, () => {
          const spread = spmm(held, basic.slice(propagate(square, table as Tensor2D, 2), [0, 0], [803, 37]));
          return { total: halfSquares(spread), terms: {} };
        });
        adam.step(gradients, 0.01);
        for (const gradient of gradients.values()) gradient?.dispose();
      }
      const bits = [basic.values(table), adam.save().moments['table']!.second].map((values) => new Int32Array(values.buffer));
      adam.dispose();
      held.dispose();
      square.dispose();
      table.dispose();
      return bits;
    });
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  it('gives the same ranking', async () => {
    const [rows, items, width] = [203, 1501, 33];
    const offsets = Int32Array.from({ length: rows + 1 }, (_, r) => r * 5);
    const indices = Int32Array.from({ length: rows * 5 }, (_, e) => (e % 5) * 300 + (e % 290));
    const [one, two, three] = await onThreads(() => {
      const users = basic.tensor2d(draw(rows * width, 1), [rows, width]);
      const table = basic.tensor2d(draw(items * width, 2), [items, width]);
      const ranked = topKMasked(users, table, { offsets, indices }, 20);
      basic.dispose([users, table]);
      return ranked;
    });
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  const dataset = drawnDataset({ users: 900, items: 700 });
  it.each(['lightgcn', 'mgcn', 'egra', 'freedom'])('trains %s to the same bits', async (id) => {
    const stages = drawnStage(dataset, 3, 64);
    const [one, two, three] = await onThreads(() => {
      const model = createModel(id, { dataset, stages, width: 64, batchSize: 512 });
      const adam = new Adam(model.parameters);
      const sampler = new Sampler(dataset, { batchSize: 512, random: randomStreams(1) });
      model.beforeEpoch?.(0);
      const losses: number[] = [];
      for (const batch of sampler.epoch()) {
        const { total, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
        adam.step(gradients, 0.01);
        losses.push(total);
        for (const gradient of gradients.values()) gradient?.dispose();
        if (losses.length === 4) break;
      }
      const tables = [...model.parameters.values()].map((table) => new Int32Array(basic.values(table).buffer));
      adam.dispose();
      model.dispose();
      return { losses, tables };
    });
    expect(one!.losses.length).toBeGreaterThan(1);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });
});
