import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as basic from '#engine/ops/basic.ts';
import { propagate, propagateRows, sparse, spmm, spmmRows } from '#engine/ops/sparse.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice, SparseMatrix } from '#engine/engine.ts';
import { randomStream } from '#data/random.ts';
import * as hand from './by-hand.ts';
import type { Numbers, Triplet } from './by-hand.ts';
import { checkOp, draw, orSkipped, probedDevices } from './check.ts';

interface Drawn {
  readonly entries: readonly Triplet[];
  readonly held: SparseMatrix;
}

/** A square matrix whose rows before the split reach only columns from it on; row 1 is empty, the last one full of what it may hold. */
function graph(size: number, split: number, options: { corner?: boolean; symmetric?: boolean } = {}): Drawn {
  const random = randomStream(size + split, 'graph');
  const entries: Triplet[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (row === 1 || (row < split && column < split)) continue;
      if (row >= split && split > 0 && column >= split && options.corner !== true) continue;
      if (options.symmetric === true && (column === 1 || column < row)) continue;
      if (row !== size - 1 && random.uniform() > 0.4) continue;
      const value = Math.fround(random.normal());
      entries.push({ row, column, value });
      if (options.symmetric === true && column !== row) entries.push({ row: column, column: row, value });
    }
  }
  entries.sort((a, b) => a.row - b.row || a.column - b.column);
  return { entries, held: upload(entries, size, size, { split, symmetric: options.symmetric === true }) };
}

function upload(
  entries: readonly Triplet[],
  rows: number,
  columns: number,
  options: { split?: number; symmetric?: boolean },
): SparseMatrix {
  const offsets = new Int32Array(rows + 1);
  for (const { row } of entries) offsets[row + 1]! += 1;
  for (let r = 0; r < rows; r++) offsets[r + 1]! += offsets[r]!;
  const indices = Int32Array.from(entries, (e) => e.column);
  const values = Float32Array.from(entries, (e) => e.value);
  return sparse({ rows, columns, offsets, indices, values }, options);
}

function matrix(rows: number, width: number, seed: number): { shape: number[]; values: Float32Array } {
  return { shape: [rows, width], values: draw(rows * width, seed) };
}

function chosen(x: Numbers, rows: readonly number[], width: number): Numbers {
  return Float64Array.from(rows.flatMap((row) => [...x.subarray(row * width, (row + 1) * width)]));
}

function joined(...parts: readonly Numbers[]): Numbers {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

const graphs: readonly { readonly name: string; readonly size: number; readonly split: number; readonly make: () => Drawn }[] = [
  { name: 'without a split', size: 13, split: 0, make: () => graph(13, 0) },
  { name: 'of users and items', size: 13, split: 8, make: () => graph(13, 8) },
  { name: 'of users and items, symmetric', size: 17, split: 10, make: () => graph(17, 10, { symmetric: true }) },
  { name: 'with links between items', size: 12, split: 5, make: () => graph(12, 5, { corner: true }) },
];

/** Rows before the split and from it on: some repeat, as spare places do; row 1 has no entries. */
const choices: readonly (readonly [number[], number[]])[] = [
  [
    [3, 0, 1, 3, 0, 0],
    [2, 0, 3, 2],
  ],
  [[4], []],
  [[], [1, 0]],
];

for (const probe of await probedDevices()) {
  describe.skipIf(!probe.available)(`rows of products on ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id);
    });
    afterAll(() => device.close());

    it.each(graphs)('are those of all rows, in a graph $name', ({ size, split, make }) => {
      const { entries, held } = make();
      expect(held.split).toBe(split);
      for (const layers of [0, 1, 2, 3, 4, 5, 6]) {
        const width = [1, 5, 33, 64, 67, 4, 3][layers]!;
        for (const [upper, lower] of choices) {
          // Without a split every row counts from 0.
          const parts = [Int32Array.from(split === 0 ? [] : upper), Int32Array.from(split === 0 ? [...upper, ...lower] : lower)] as const;
          const rows = [...parts[0], ...parts[1].map((row) => row + split)];
          const name = `${layers} layers, width ${width}, rows ${rows.join()}`;
          checkOp(device, name, {
            inputs: { x: matrix(size, width, 3) },
            hand: ({ x }) => chosen(hand.layerMean(entries, x!, width, layers), rows, width),
            op: ({ x }) => propagateRows(held, x as Tensor2D, { layers, parts }).rows,
          });
          checkOp(device, `${name}, start and lower`, {
            inputs: { x: matrix(size, width, 4) },
            hand: ({ x }) =>
              joined(chosen(hand.layerMean(entries, x!, width, layers), rows, width), chosen(x!, rows, width), x!.subarray(split * width)),
            op: ({ x }) => {
              const found = propagateRows(held, x as Tensor2D, { layers, parts, withStart: true, withLower: true });
              return basic.concat([found.rows, found.start!, found.lower!], 0);
            },
          });
        }
      }
      held.dispose();
    });

    it.each([0, 1, 2, 3, 4, 5])('leave %i layers over all rows as they are', (layers) => {
      const { entries, held } = graph(15, 9, { corner: true });
      checkOp(device, 'propagate', {
        inputs: { x: matrix(15, 7, 3) },
        hand: ({ x }) => hand.layerMean(entries, x!, 7, layers),
        op: ({ x }) => propagate(held, x as Tensor2D, layers),
      });
      checkOp(device, 'spmm', {
        inputs: { x: matrix(15, 7, 3) },
        hand: ({ x }) => hand.sparseProduct(entries, 15, x!, 7),
        op: ({ x }) => spmm(held, x as Tensor2D),
      });
      held.dispose();
    });

    it.each([1, 4, 31, 64, 67])('of a single product are those of all rows, width %i', (width) => {
      const random = randomStream(width, 'graph');
      const entries: Triplet[] = [];
      for (let row = 0; row < 9; row++) {
        for (let column = 0; column < 23; column++) {
          if (row !== 1 && (row === 8 || random.uniform() < 0.3)) entries.push({ row, column, value: Math.fround(random.normal()) });
        }
      }
      const held = upload(entries, 9, 23, {});
      for (const rows of [[8, 1, 0, 8, 5], [1]]) {
        checkOp(device, `rows ${rows.join()}`, {
          inputs: { x: matrix(23, width, 2) },
          hand: ({ x }) => chosen(hand.sparseProduct(entries, 9, x!, width), rows, width),
          op: ({ x }) => spmmRows(held, x as Tensor2D, Int32Array.from(rows)),
        });
      }
      const x = basic.tensor2d(draw(23 * width, 2), [23, width]);
      const none = spmmRows(held, x, new Int32Array(0));
      expect(none.shape).toEqual([0, width]);
      basic.dispose([x, none]);
      held.dispose();
    });

    it('refuse what does not fit', () => {
      const { held } = graph(6, 2);
      const x = basic.tensor2d(draw(12, 1), [6, 2]);
      const of = (upper: number[], lower: number[]) => () =>
        propagateRows(held, x, { layers: 1, parts: [Int32Array.from(upper), Int32Array.from(lower)] });
      expect(of([2], [0])).toThrow('propagateRows: row 2 of 2 at place 0');
      expect(of([0], [1, 4])).toThrow('propagateRows: row 4 of 4 at place 1');
      expect(() => spmmRows(held, x, Int32Array.of(0, -1))).toThrow('spmmRows: row -1 of 6 at place 1');
      const joins = { rows: 2, columns: 2, offsets: Int32Array.of(0, 1, 1), indices: Int32Array.of(0), values: Float32Array.of(1) };
      expect(() => sparse(joins, { split: 1 })).toThrow('an entry before row 1 is in column 0');
      expect(() => sparse(joins, { split: 3 })).toThrow('cannot be split at 3');
      x.dispose();
      held.dispose();
    });
  });
}
