import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDevice } from '#engine/engine.ts';
import { openDevice } from '#engine/devices/open.ts';
import { csrFromEntries, entryRows } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import {
  binaryGraph,
  cosineGraph,
  intersectionGraph,
  largestGraph,
  linkGraph,
  mixedGraph,
  symmetrised,
  withoutSelf,
} from '#data/item-graph.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { cosineBlock, nearestNeighbours, plainSearch } from '#data/knn.ts';
import type { FeatureTable } from '#data/knn.ts';
import { randomStream } from '#data/random.ts';

function table(rows: number[][]): FeatureTable {
  return { rows: rows.length, width: rows[0]!.length, values: Float32Array.from(rows.flat()) };
}

function entries(matrix: CsrMatrix): [number, number, number][] {
  return [...entryRows(matrix)].map((row, entry) => [row, matrix.indices[entry]!, matrix.values[entry]!]);
}

function ones(pairs: [number, number][], size: number): CsrMatrix {
  return csrFromEntries({ rows: size, columns: size }, { rows: pairs.map(([row]) => row), columns: pairs.map(([, column]) => column) });
}

const corner = table([
  [1, 0],
  [3, 0],
  [0, 2],
  [1, 1],
  [0, 0],
]);

describe('nearest neighbours', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  it('ranks by cosine, ties to the lower id, and leaves zero rows alone', () => {
    const found = nearestNeighbours(corner, { k: 3, self: true });
    const rows = Array.from({ length: 5 }, (_, r) => [...found.ids.subarray(3 * r, 3 * r + 3)]);
    expect(rows).toEqual([
      [0, 1, 3],
      [0, 1, 3],
      [2, 3, 0],
      [3, 0, 1],
      [-1, -1, -1],
    ]);
    expect(found.cosines[2]).toBeCloseTo(Math.SQRT1_2, 7);
  });

  it('can leave the row itself out', () => {
    const found = nearestNeighbours(corner, { k: 2, self: false });
    expect([...found.ids]).toEqual([1, 3, 0, 3, 3, 0, 0, 1, -1, -1]);
  });

  it('fills up with −1 where there are fewer rows than k', () => {
    const found = nearestNeighbours(table([[1], [2]]), { k: 4, self: false });
    expect([...found.ids]).toEqual([1, -1, -1, -1, 0, -1, -1, -1]);
  });

  it('agrees with ranking every cosine, on any table, on a device and without', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (rows, width, k, seed) => {
          const random = randomStream(seed, 'features');
          // Few distinct values, so that equal rows and equal cosines occur.
          const features = { rows, width, values: Float32Array.from({ length: rows * width }, () => random.integer(3) - 1) };
          const cosines = cosineBlock(features, 0, rows);
          const isZero = (row: number) => features.values.subarray(row * width, (row + 1) * width).every((value) => value === 0);
          for (const search of [plainSearch, deviceSearch]) {
            const found = nearestNeighbours(features, { k, self: true, search });
            for (let row = 0; row < rows; row++) {
              const best = isZero(row)
                ? []
                : [...Array(rows).keys()]
                    .filter((id) => !isZero(id))
                    .map((id) => cosines[row * rows + id]!)
                    .sort((a, b) => b - a)
                    .slice(0, k);
              const ids = [...found.ids.subarray(row * k, (row + 1) * k)].filter((id) => id >= 0);
              expect(new Set(ids).size).toBe(best.length);
              ids.forEach((id, place) => expect(cosines[row * rows + id]).toBeCloseTo(best[place]!, 6));
            }
          }
        },
      ),
      { numRuns: 40, seed: 11 },
    );
  });

  it('gives the same lists from a device as from the plain loop', () => {
    const random = randomStream(4, 'features');
    const features = { rows: 1100, width: 17, values: Float32Array.from({ length: 1100 * 17 }, () => random.normal()) };
    const plain = nearestNeighbours(features, { k: 10, self: true });
    expect(nearestNeighbours(features, { k: 10, self: true, search: deviceSearch })).toEqual(plain);
  });
});

describe('item graphs', () => {
  const neighbours = { rows: 3, k: 2, ids: Int32Array.from([0, 1, 1, 2, 2, -1]), cosines: Float32Array.from([1, 0.5, 1, 0.25, 1, 0]) };

  it('keeps cosines and divides by both row sums (MGCN)', () => {
    const [r0, r1, r2] = [1.5, 1.25, 1];
    const expected = [
      [0, 0, 1 / r0],
      [0, 1, 0.5 / Math.sqrt(r0 * r1)],
      [1, 1, 1 / r1],
      [1, 2, 0.25 / Math.sqrt(r1 * r2)],
      [2, 2, 1],
    ];
    entries(cosineGraph(neighbours)).forEach((entry, e) =>
      entry.forEach((value, place) => expect(value).toBeCloseTo(expected[e]![place]!, 6)),
    );
  });

  it('weighs neighbours 1/√(counts) and mixes by weight (FREEDOM)', () => {
    const binary = binaryGraph(neighbours);
    expect(entries(binary).map(([, , value]) => value)).toEqual([0.5, 0.5, 0.5, Math.fround(Math.SQRT1_2), 1]);
    const mixed = mixedGraph([
      { weight: 0.1, matrix: binary },
      {
        weight: 0.9,
        matrix: ones(
          [
            [0, 1],
            [2, 0],
          ],
          3,
        ),
      },
    ]);
    expect(entries(mixed).map(([row, column]) => [row, column])).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 2],
      [2, 0],
      [2, 2],
    ]);
    expect(entries(mixed)[1]![2]).toBeCloseTo(0.95, 6);
  });

  it('intersects neighbour sets without self', () => {
    const image = ones(
      [
        [0, 0],
        [0, 1],
        [0, 2],
        [1, 2],
        [2, 0],
      ],
      3,
    );
    const text = ones(
      [
        [0, 0],
        [0, 2],
        [1, 0],
        [2, 0],
        [2, 1],
      ],
      3,
    );
    expect(entries(intersectionGraph([image, text]))).toEqual([
      [0, 2, 1],
      [2, 0, 1],
    ]);
    expect(entries(withoutSelf(image)).map(([row, column]) => [row, column])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
      [2, 0],
    ]);
  });

  it('takes the largest value of an entry, and what one matrix alone has as it is', () => {
    const [a, b] = [
      [
        [0, 1, 0.5],
        [0, 2, -0.25],
        [2, 0, 1],
      ],
      [
        [0, 0, 3],
        [0, 1, 0.75],
        [2, 0, 0.5],
      ],
    ].map((given) =>
      csrFromEntries(
        { rows: 3, columns: 3 },
        { rows: given.map(([row]) => row!), columns: given.map(([, column]) => column!), values: given.map(([, , value]) => value!) },
      ),
    );
    expect(entries(largestGraph([a!, b!]))).toEqual([
      [0, 0, 3],
      [0, 1, 0.75],
      [0, 2, -0.25],
      [2, 0, 1],
    ]);
    expect(largestGraph([a!])).toEqual(a);
  });

  it('symmetrises by max, mutual or not at all', () => {
    const directed = csrFromEntries({ rows: 3, columns: 3 }, { rows: [0, 1, 2], columns: [1, 0, 0], values: [1, 0.5, 2] });
    expect(entries(symmetrised(directed, 'max'))).toEqual([
      [0, 1, 1],
      [0, 2, 2],
      [1, 0, 1],
      [2, 0, 2],
    ]);
    expect(entries(symmetrised(directed, 'mutual'))).toEqual([
      [0, 1, 0.5],
      [1, 0, 0.5],
    ]);
    expect(symmetrised(directed, 'none')).toBe(directed);
  });

  it('links with weight 1 or with cosines cut at 0', () => {
    const lists = { rows: 2, k: 1, ids: Int32Array.from([1, 0]), cosines: Float32Array.from([-0.25, 0.75]) };
    expect(entries(linkGraph(lists, 'binary'))).toEqual([
      [0, 1, 1],
      [1, 0, 1],
    ]);
    expect(entries(linkGraph(lists, 'cosine'))).toEqual([[1, 0, 0.75]]);
  });
});
