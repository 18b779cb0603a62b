import { describe, expect, it } from 'vitest';
import { csrFromEntries, entryRows, isSymmetric } from '#data/csr.ts';
import { principalGraph } from '#data/principal-graph.ts';
import { randomStream } from '#data/random.ts';
import { leadingTriplets } from '#data/singular-vectors.ts';
import { trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 30, items: 20 });
const block = userItemBlock(userItemGraph(trainEdges(dataset)), dataset.users);
const dense = Array.from({ length: block.rows }, () => new Float64Array(block.columns));
entryRows(block).forEach((row, entry) => (dense[row]![block.indices[entry]!] = block.values[entry]!));

const times = (x: readonly number[]) => dense.map((row) => row.reduce((sum, value, c) => sum + value * x[c]!, 0));
const timesBack = (y: readonly number[]) =>
  Array.from({ length: block.columns }, (_, c) => dense.reduce((sum, row, r) => sum + row[c]! * y[r]!, 0));

describe('singular vectors', () => {
  const { count, values, left, right } = leadingTriplets(block, 6, randomStream(1, 'start'));
  const column = (table: Float64Array, j: number) => Array.from({ length: table.length / count }, (_, r) => table[r * count + j]!);

  it('are unit vectors that the matrix turns into each other', () => {
    for (let j = 0; j < count; j++) {
      const [p, q] = [column(left, j), column(right, j)];
      times(q).forEach((x, r) => expect(x).toBeCloseTo(values[j]! * p[r]!, 7));
      timesBack(p).forEach((x, c) => expect(x).toBeCloseTo(values[j]! * q[c]!, 6));
      for (let other = 0; other <= j; other++) {
        const product = column(right, other).reduce((sum, x, c) => sum + x * q[c]!, 0);
        expect(product).toBeCloseTo(other === j ? 1 : 0, 9);
      }
    }
  });

  it('belong to the largest values: what is left of the matrix turns no vector by more than the last', () => {
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
    const random = randomStream(2, 'probe');
    let probe = Array.from({ length: block.columns }, () => random.normal());
    let length = 0;
    for (let power = 0; power < 200; power++) {
      for (let j = 0; j < count; j++) {
        const q = column(right, j);
        const share = probe.reduce((sum, x, c) => sum + x * q[c]!, 0);
        probe = probe.map((x, c) => x - share * q[c]!);
      }
      const next = timesBack(times(probe));
      length = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0));
      probe = next.map((x) => x / length);
    }
    expect(Math.sqrt(length)).toBeLessThanOrEqual(values[count - 1]! + 1e-6);
  });

  it('are as many as the matrix has', () => {
    const small = csrFromEntries({ rows: 2, columns: 2 }, { rows: [0, 1], columns: [1, 0], values: [3, 2] });
    expect([...leadingTriplets(small, 5, randomStream(1, 'start')).values].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([3, 2]);
  });
});

describe('the principal graph', () => {
  it('sums the leading quarter of pairs, each weighed by its value and one of the last quarter’s, without small entries', () => {
    // Rank 16: triplets 0–3 are the first two pairs, 12–15 the last two of eight.
    const graph = principalGraph(block, 16, randomStream(3, 'start'));
    const { values, left, right, count } = leadingTriplets(block, 8, randomStream(4, 'start'));
    const entries = new Map<string, number>();
    entryRows(graph).forEach((row, entry) => entries.set(`${row} ${graph.indices[entry]!}`, graph.values[entry]!));
    let dropped = 0;
    for (let user = 0; user < block.rows; user++) {
      for (let item = 0; item < block.columns; item++) {
        const value = [0, 1].reduce((sum, j) => sum + values[j]! * values[6 + j]! * left[user * count + j]! * right[item * count + j]!, 0);
        const found = entries.get(`${user} ${block.rows + item}`);
        if (Math.abs(value) < 1e-3) {
          expect(found).toBeUndefined();
          dropped++;
        } else expect(found).toBeCloseTo(value, 6);
      }
    }
    expect(dropped).toBeGreaterThan(0);
    expect(isSymmetric(graph)).toBe(true);
    expect(graph.indices.length).toBe(2 * (block.rows * block.columns - dropped));
  });
});
