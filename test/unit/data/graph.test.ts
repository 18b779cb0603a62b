import { describe, expect, it } from 'vitest';
import { degreeNormalised, entryRows, graphHash, isSymmetric, rowSums, selectRows, transpose } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { enhancedGraph } from '#data/enhanced-graph.ts';
import { edgeWeights, neighbourMeans, prunedGraph, rowNormalisedGraph, trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import { csrFromEntries } from '#data/csr.ts';
import { randomStream } from '#data/random.ts';
import type { Random } from '#data/random.ts';
import { symmetrised } from '#data/item-graph.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

/** 3 users, 3 items; user 2 and item 2 have no train row; (0, 1) stands twice. */
const dataset = {
  users: 3,
  items: 3,
  train: { users: Int32Array.from([1, 0, 0, 0]), items: Int32Array.from([1, 1, 0, 1]) },
};

function dense(matrix: CsrMatrix): number[][] {
  const rows = Array.from({ length: matrix.rows }, () => new Array<number>(matrix.columns).fill(0));
  entryRows(matrix).forEach((row, entry) => {
    rows[row]![matrix.indices[entry]!] = matrix.values[entry]!;
  });
  return rows;
}

describe('graphs over users and items', () => {
  it('sorts train edges by item, then user, without repeats', () => {
    const edges = trainEdges(dataset);
    expect([...edges.users]).toEqual([0, 0, 1]);
    expect([...edges.items]).toEqual([0, 1, 1]);
  });

  it('gives 1/√(n_u n_i) in both directions and empty rows without edges', () => {
    const graph = userItemGraph(trainEdges(dataset));
    const [a, b, c] = [1 / Math.sqrt(2), 1 / 2, 1 / Math.sqrt(2)];
    const expected = [
      [0, 0, 0, a, b, 0],
      [0, 0, 0, 0, c, 0],
      [0, 0, 0, 0, 0, 0],
      [a, 0, 0, 0, 0, 0],
      [b, c, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ];
    dense(graph).forEach((row, r) => row.forEach((value, column) => expect(value).toBeCloseTo(expected[r]![column]!, 7)));
    expect(isSymmetric(graph)).toBe(true);
    const block = userItemBlock(graph, 3);
    expect([block.rows, block.columns]).toEqual([3, 3]);
    expect(dense(block)[0]![1]).toBeCloseTo(0.5, 7);
  });

  it('prunes to ⌊(1−ρ)|R|⌋ edges in edge order, degrees counted anew', () => {
    const asked: number[] = [];
    const random = {
      sampleWithoutReplacement: (weights: ArrayLike<number>, count: number) => {
        asked.push(weights.length, count);
        return Int32Array.from([2, 0]);
      },
    } as unknown as Random;
    const edges = trainEdges(dataset);
    const graph = prunedGraph(edges, edgeWeights(edges), 0.3, random);
    expect(asked).toEqual([3, 2]);
    // Kept: (0, 0) and (1, 1); every degree is 1 now.
    expect(dense(graph)[0]![3]).toBeCloseTo(1, 6);
    expect(dense(graph)[1]![4]).toBeCloseTo(1, 6);
    expect(graph.indices.length).toBe(4);
  });

  it('draws light edges more often', () => {
    const drawn = drawnDataset({ users: 40, items: 20 });
    const edges = trainEdges(drawn);
    const weights = edgeWeights(edges);
    const kept = randomStream(1, 'graph').sampleWithoutReplacement(weights, 100);
    expect(new Set(kept).size).toBe(100);
    const mean = (places: Iterable<number>) => {
      const values = [...places].map((place) => weights[place]!);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(mean(kept)).toBeGreaterThan(mean(weights.keys()));
  });

  it('draws what the largest keys of all would be, in their order', () => {
    for (const size of [1, 2, 7, 100, 1001]) {
      const weights = Float64Array.from({ length: size }, (_, i) => (i % 5 === 3 ? 0 : 1 + (i % 7)));
      for (const count of [0, 1, Math.floor(size / 3), size]) {
        const [stream, same] = [randomStream(size, 'graph'), randomStream(size, 'graph')];
        const keys = Array.from(weights, (weight) => Math.log(1 - same.uniform()) / weight);
        const order = [...keys.keys()].sort((a, b) => keys[b]! - keys[a]! || a - b);
        expect([...stream.sampleWithoutReplacement(weights, count)]).toEqual(order.slice(0, count));
        expect(stream.save()).toEqual(same.save());
      }
    }
  });

  it('takes means over neighbours, nothing for a node that has none', () => {
    const graph = neighbourMeans(trainEdges(dataset));
    const plain = userItemGraph(trainEdges(dataset));
    expect(graph.indices).toEqual(plain.indices);
    rowSums(graph).forEach((sum, row) => expect(sum).toBeCloseTo(plain.offsets[row + 1]! > plain.offsets[row]! ? 1 : 0, 6));
  });

  it('row-normalises with self-loops in the LATTICE form', () => {
    const graph = rowNormalisedGraph(trainEdges(dataset));
    for (const sum of rowSums(graph)) expect(sum).toBeCloseTo(1, 6);
    expect(dense(graph)[2]![2]).toBe(1);
    expect(dense(graph)[0]!.filter((value) => value > 0)).toHaveLength(3);
  });
});

describe('compressed rows', () => {
  const matrix = csrFromEntries({ rows: 2, columns: 3 }, { rows: [1, 0, 1, 1], columns: [2, 1, 0, 2], values: [1, 2, 3, 4] });

  it('sorts columns and adds repeats', () => {
    expect([...matrix.offsets]).toEqual([0, 1, 3]);
    expect([...matrix.indices]).toEqual([1, 0, 2]);
    expect([...matrix.values]).toEqual([2, 3, 5]);
  });

  it('refuses entries outside the shape', () => {
    expect(() => csrFromEntries({ rows: 1, columns: 1 }, { rows: [0], columns: [1] })).toThrow('(0, 1) lies outside a matrix of 1 × 1');
  });

  it('transposes, selects rows and hashes by content', () => {
    expect(dense(transpose(matrix))).toEqual([
      [0, 3],
      [2, 0],
      [0, 5],
    ]);
    expect(dense(selectRows(matrix, Int32Array.from([1, 1, 0])))).toEqual([
      [3, 0, 5],
      [3, 0, 5],
      [0, 2, 0],
    ]);
    expect(graphHash(matrix)).not.toBe(graphHash({ ...matrix, values: matrix.values.map((value) => value + 1) }));
    expect(graphHash(matrix)).toBe(graphHash({ ...matrix, values: matrix.values.slice() }));
  });
});

describe('the enhanced behaviour graph', () => {
  const drawn = drawnDataset({ users: 30, items: 24 });
  const edges = trainEdges(drawn);
  const random = randomStream(2, 'links');
  const k = 3;
  const links = csrFromEntries(
    { rows: 24, columns: 24 },
    {
      rows: Array.from({ length: 24 * k }, (_, entry) => Math.floor(entry / k)),
      columns: Array.from({ length: 24 * k }, (_, entry) => (Math.floor(entry / k) + 1 + (entry % k) * 7 + random.integer(6)) % 24),
    },
  );
  const both = symmetrised({ ...links, values: links.values.map(() => 1) }, 'max');

  it('is the plain graph exactly for coefficient 0', () => {
    expect(enhancedGraph(edges, both, { coefficient: 0, norm: 'joint' })).toEqual(userItemGraph(edges));
    expect(enhancedGraph(edges, both, { coefficient: 0, norm: 'block' })).toEqual(userItemGraph(edges));
  });

  it.each(['block', 'joint'] as const)('is symmetric with 2|R| + nnz(S) entries (%s)', (norm) => {
    const graph = enhancedGraph(edges, both, { coefficient: 0.5, norm });
    expect(isSymmetric(graph)).toBe(true);
    expect(graph.indices.length).toBe(2 * edges.users.length + both.indices.length);
    expect(both.indices.length).toBeLessThanOrEqual(2 * k * 24);
  });

  it.each([
    ['joint', 1],
    ['block', 1.5],
  ] as const)('has a spectral radius within its bound (%s)', (norm, bound) => {
    const radius = spectralRadius(enhancedGraph(edges, both, { coefficient: 0.5, norm }));
    expect(radius).toBeLessThanOrEqual(bound + 1e-5);
    expect(radius).toBeGreaterThan(0.9);
  });

  it('adds the normalised links to the plain graph in block form, and shares degrees in joint form', () => {
    const block = dense(enhancedGraph(edges, both, { coefficient: 0.5, norm: 'block' }));
    const joint = dense(enhancedGraph(edges, both, { coefficient: 0.5, norm: 'joint' }));
    const plain = dense(userItemGraph(edges));
    const own = dense(degreeNormalised(both));
    const sums = rowSums(both);
    const degree = (node: number) => plain[node]!.filter((value) => value > 0).length + (node < 30 ? 0 : 0.5 * sums[node - 30]!);
    for (let a = 0; a < 54; a++) {
      for (let b = 0; b < 54; b++) {
        const link = a >= 30 && b >= 30 ? own[a - 30]![b - 30]! : 0;
        expect(block[a]![b]).toBeCloseTo(plain[a]![b]! + 0.5 * link, 6);
        const raw = (plain[a]![b]! > 0 ? 1 : 0) + 0.5 * (link > 0 ? 1 : 0);
        expect(joint[a]![b]).toBeCloseTo(raw === 0 ? 0 : raw / Math.sqrt(degree(a) * degree(b)), 6);
      }
    }
  });
});

/** Largest |eigenvalue| of a symmetric matrix by power iteration on its square. */
function spectralRadius(matrix: CsrMatrix): number {
  let x = Float64Array.from({ length: matrix.rows }, (_, r) => 1 + (r % 7) / 10);
  let norm = 0;
  const times = (v: Float64Array) =>
    Float64Array.from({ length: matrix.rows }, (_, r) => {
      let sum = 0;
      for (let e = matrix.offsets[r]!; e < matrix.offsets[r + 1]!; e++) sum += matrix.values[e]! * v[matrix.indices[e]!]!;
      return sum;
    });
  for (let step = 0; step < 500; step++) {
    x = times(times(x)) as Float64Array<ArrayBuffer>;
    norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
    x = x.map((value) => value / norm);
  }
  return Math.sqrt(norm);
}
