import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { Adam } from '#engine/ops/adam.ts';
import { add, addN, concat, dispose, mul, values, variable } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { frobenius } from '#engine/ops/norms.ts';
import { propagate, sparse, spmm } from '#engine/ops/sparse.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { randomStream } from '#data/random.ts';
import { draw, orSkipped, probedDevices } from './check.ts';

/** Losses of three steps on the fixture below, recorded from the float64 computation in `byHand`. */
const recorded = [0.643372569191, 0.629629314102, 0.60964388261] as const;

const [users, items, width, layers, batch] = [37, 23, 13, 3, 50];
const [regularisation, rate] = [1e-2, 1e-2];
const nodes = users + items;

function fixture(): { edges: (readonly [number, number])[]; batches: { u: Int32Array; i: Int32Array; j: Int32Array }[] } {
  const random = randomStream(7, 'graph');
  const edges: (readonly [number, number])[] = [];
  for (let u = 0; u < users; u++) {
    // The last user has no interaction: an empty row of the graph.
    for (let i = 0; i < items; i++) if (u < users - 1 && random.uniform() < 0.15) edges.push([u, users + i]);
  }
  const batches = [0, 1, 2].map(() => {
    const rows = Array.from({ length: batch }, () => edges[random.integer(edges.length)]!);
    return {
      u: Int32Array.from(rows, ([u]) => u),
      i: Int32Array.from(rows, ([, i]) => i),
      j: Int32Array.from(rows, () => users + random.integer(items)),
    };
  });
  return { edges, batches };
}

/** The normalised graph as sorted triplets. */
function triplets(edges: readonly (readonly [number, number])[]): { row: number; column: number; value: number }[] {
  const degree = new Float64Array(nodes);
  for (const [u, i] of edges) {
    degree[u]! += 1;
    degree[i]! += 1;
  }
  const entries = edges.flatMap(([u, i]) => {
    const value = Math.fround(1 / Math.sqrt(degree[u]! * degree[i]!));
    return [
      { row: u, column: i, value },
      { row: i, column: u, value },
    ];
  });
  return entries.sort((a, b) => a.row - b.row || a.column - b.column);
}

/** Losses of the three steps in float64, gradients written out: propagation is its own transpose here. */
function byHand(): number[] {
  const { edges, batches } = fixture();
  const graph = triplets(edges);
  const spread = (x: Float64Array): Float64Array => {
    const out = new Float64Array(x.length);
    for (const { row, column, value } of graph) {
      for (let c = 0; c < width; c++) out[row * width + c]! += value * x[column * width + c]!;
    }
    return out;
  };
  const readout = (x: Float64Array): Float64Array => {
    const sum = Float64Array.from(x);
    let layer = x;
    for (let l = 0; l < layers; l++) {
      layer = spread(layer);
      layer.forEach((value, k) => (sum[k]! += value));
    }
    return sum.map((value) => value / (layers + 1));
  };
  const table = Float64Array.from([...draw(users * width, 1, 0.5), ...draw(items * width, 2, 0.5)]);
  const [m, v] = [new Float64Array(table.length), new Float64Array(table.length)];
  return batches.map(({ u, i, j }, t) => {
    const final = readout(table);
    const slope = new Float64Array(table.length);
    const gradient = new Float64Array(table.length);
    let loss = 0;
    for (let r = 0; r < batch; r++) {
      const [a, b, c] = [u[r]! * width, i[r]! * width, j[r]! * width];
      let delta = 0;
      for (let k = 0; k < width; k++) delta += final[a + k]! * (final[b + k]! - final[c + k]!);
      loss += Math.log1p(Math.exp(-delta)) / batch;
      const by = -1 / (1 + Math.exp(delta)) / batch;
      for (let k = 0; k < width; k++) {
        slope[a + k]! += by * (final[b + k]! - final[c + k]!);
        slope[b + k]! += by * final[a + k]!;
        slope[c + k]! -= by * final[a + k]!;
      }
    }
    for (const rows of [u, i, j]) {
      let square = 0;
      for (const row of rows) for (let k = 0; k < width; k++) square += table[row * width + k]! ** 2;
      const norm = Math.sqrt(square);
      loss += (regularisation * norm) / batch;
      for (const row of rows) {
        for (let k = 0; k < width; k++) gradient[row * width + k]! += (regularisation * table[row * width + k]!) / norm / batch;
      }
    }
    readout(slope).forEach((value, k) => (gradient[k]! += value));
    gradient.forEach((g, k) => {
      m[k] = 0.9 * m[k]! + 0.1 * g;
      v[k] = 0.999 * v[k]! + 0.001 * g * g;
      table[k]! -= (rate * (m[k]! / (1 - 0.9 ** (t + 1)))) / (Math.sqrt(v[k]! / (1 - 0.999 ** (t + 1))) + 1e-8);
    });
    return loss;
  });
}

it('has a fixture whose recorded losses are those of the float64 computation', () => {
  byHand().forEach((loss, t) => expect(loss).toBeCloseTo(recorded[t]!, 9));
});

for (const probe of await probedDevices()) {
  describe.skipIf(!probe.available)(`device ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id);
    });
    afterAll(() => device.close());

    function train(isFused: boolean): { losses: number[]; tables: Float32Array[] } {
      const { edges, batches } = fixture();
      const entries = triplets(edges);
      const offsets = new Int32Array(nodes + 1);
      for (const { row } of entries) offsets[row + 1]! += 1;
      for (let r = 0; r < nodes; r++) offsets[r + 1]! += offsets[r]!;
      const graph = sparse(
        {
          rows: nodes,
          columns: nodes,
          offsets,
          indices: Int32Array.from(entries, (e) => e.column),
          values: Float32Array.from(entries, (e) => e.value),
        },
        { symmetric: true },
      );
      const parameters = new Map([
        ['users', variable(draw(users * width, 1, 0.5), [users, width], 'users')],
        ['items', variable(draw(items * width, 2, 0.5), [items, width], 'items')],
      ]);
      const adam = new Adam(parameters);
      const losses = batches.map(({ u, i, j }) => {
        const { total, gradients } = lossAndGradients(parameters, () => {
          const ego = concat([...parameters.values()], 0) as Tensor2D;
          const final = isFused ? propagate(graph, ego, layers) : layerByLayer(ego);
          const [eu, ei, ej] = gatherParts(final, [u, i, j]) as [Tensor2D, Tensor2D, Tensor2D];
          const bpr = bprLoss(eu, ei, ej, 0);
          const norms = gatherParts(ego, [u, i, j]).map((x) => frobenius(x));
          const reg = mul(addN(norms), regularisation / batch) as Scalar;
          return { total: add(bpr, reg) as Scalar, terms: { bpr, reg } };
        });
        adam.step(gradients, rate);
        dispose([...gradients.values()].filter((g) => g !== null));
        return total;
      });
      function layerByLayer(ego: Tensor2D): Tensor2D {
        const all = [ego];
        for (let l = 0; l < layers; l++) all.push(spmm(graph, all[l]!));
        return mul(addN(all), 1 / (layers + 1)) as Tensor2D;
      }
      const tables = [...parameters.values()].map(values);
      adam.dispose();
      graph.dispose();
      dispose([...parameters.values()]);
      return { losses, tables };
    }

    it('gives the recorded losses in three LightGCN steps, with the fused readout and layer by layer', () => {
      for (const isFused of [true, false]) {
        train(isFused).losses.forEach((loss, t) => expect(Math.abs(loss - recorded[t]!)).toBeLessThan(5e-7));
      }
    });

    it('repeats a training bit for bit, leaves no tensors and runs on no stock kernel', () => {
      const before = device.memory();
      const first = train(true);
      expect(train(true)).toEqual(first);
      expect(device.memory()).toEqual(before);
      expect(device.fallbacks()).toEqual([]);
    });
  });
}
