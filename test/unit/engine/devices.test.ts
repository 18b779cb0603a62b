import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engine } from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { Adam } from '#engine/ops/adam.ts';
import * as basic from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { frobenius, halfSquares } from '#engine/ops/norms.ts';
import { propagate, sparse, spmm } from '#engine/ops/sparse.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice, SparseMatrix } from '#engine/engine.ts';
import { randomStream } from '#data/random.ts';
import * as hand from './by-hand.ts';
import type { Numbers, Triplet } from './by-hand.ts';
import { checkOp, draw, expectClose, orSkipped, probedDevices } from './check.ts';

/** A matrix with an empty row, a full row and about a third of the other places filled. */
function randomMatrix(rows: number, columns: number, seed: number): Triplet[] {
  const random = randomStream(seed, 'graph');
  const entries: Triplet[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const isFull = row === rows - 1;
      if (row !== 1 && (isFull || random.uniform() < 0.3)) {
        entries.push({ row, column, value: Math.fround(random.normal()) });
      }
    }
  }
  return entries;
}

function upload(entries: readonly Triplet[], rows: number, columns: number, symmetric = false): SparseMatrix {
  const offsets = new Int32Array(rows + 1);
  for (const { row } of entries) offsets[row + 1]! += 1;
  for (let r = 0; r < rows; r++) offsets[r + 1]! += offsets[r]!;
  const indices = Int32Array.from(entries, (e) => e.column);
  const values = Float32Array.from(entries, (e) => e.value);
  return sparse({ rows, columns, offsets, indices, values }, { symmetric });
}

function matrix(rows: number, width: number, seed: number, scale = 1): { shape: number[]; values: Float32Array } {
  return { shape: [rows, width], values: draw(rows * width, seed, scale) };
}

const widths = [1, 3, 4, 5, 31, 32, 33, 64, 67];

for (const probe of await probedDevices()) {
  describe.skipIf(!probe.available)(`device ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id);
    });
    afterAll(() => device.close());

    it.each(widths)('multiplies a sparse matrix, width %i', (width) => {
      for (const [rows, columns] of [
        [1, 1],
        [7, 5],
        [9, 23],
      ] as const) {
        const entries = randomMatrix(rows, columns, width);
        const held = upload(entries, rows, columns);
        expect([held.rows, held.columns, held.nonZeros]).toEqual([rows, columns, entries.length]);
        checkOp(device, `spmm ${rows}×${columns}`, {
          inputs: { x: matrix(columns, width, 2) },
          hand: ({ x }) => hand.sparseProduct(entries, rows, x!, width),
          op: ({ x }) => spmm(held, x as Tensor2D),
        });
        held.dispose();
      }
    });

    it.each([0, 1, 2, 3])('averages %i layers of propagation, transpose in the gradient', (layers) => {
      const [n, width] = [11, 37];
      const entries = randomMatrix(n, n, 5);
      const held = upload(entries, n, n);
      checkOp(device, 'propagate', {
        inputs: { x: matrix(n, width, 3) },
        hand: ({ x }) => hand.layerMean(entries, x!, width, layers),
        op: ({ x }) => propagate(held, x as Tensor2D, layers),
      });
      held.dispose();
    });

    it('shares one copy of a symmetric matrix and refuses what does not fit', () => {
      const entries = randomMatrix(6, 6, 4);
      const both = [...entries, ...entries.map(({ row, column, value }) => ({ row: column, column: row, value }))];
      both.sort((a, b) => a.row - b.row || a.column - b.column);
      const held = upload(both, 6, 6, true);
      checkOp(device, 'symmetric spmm', {
        inputs: { x: matrix(6, 8, 3) },
        hand: ({ x }) => hand.sparseProduct(both, 6, x!, 8),
        op: ({ x }) => spmm(held, x as Tensor2D),
      });
      const wrong = basic.tensor2d([1, 2], [2, 1]);
      expect(() => spmm(held, wrong)).toThrow('spmm: [6, 6] times [2, 1]');
      expect(() => upload([{ row: 0, column: 9, value: 1 }], 2, 2)).toThrow('column 9 of 2');
      wrong.dispose();
      held.dispose();
    });

    it.each(widths)('gathers rows with repeats, width %i', (width) => {
      const parts = [Int32Array.of(0, 4, 4, 2), Int32Array.of(4), Int32Array.of(1, 0, 4)];
      const all = Int32Array.from(parts.flatMap((part) => [...part]));
      const gathered = ({ x }: Readonly<Record<string, Numbers>>): Numbers =>
        Float64Array.from({ length: all.length * width }, (_, i) => x![all[Math.floor(i / width)]! * width + (i % width)]!);
      checkOp(device, 'gatherRows', {
        inputs: { x: matrix(5, width, 1) },
        hand: gathered,
        op: ({ x }) => gatherRows(x as Tensor2D, all),
      });
      checkOp(device, 'gatherParts', {
        inputs: { x: matrix(5, width, 1) },
        hand: gathered,
        op: ({ x }) => basic.concat(gatherParts(x as Tensor2D, parts), 0),
      });
    });

    it('gathers nothing, and refuses rows outside the table', () => {
      const table = basic.tensor2d([1, 2, 3, 4], [2, 2]);
      const none = gatherRows(table, new Int32Array(0));
      expect(none.shape).toEqual([0, 2]);
      expect(() => gatherRows(table, Int32Array.of(0, 2))).toThrow('row 2 of 2 at place 1');
      expect(() => gatherRows(table, Int32Array.of(-1))).toThrow('row -1 of 2');
      basic.dispose([table, none]);
    });

    it('multiplies dense matrices, stored either way, over odd sizes and block borders', () => {
      const sizes = [
        [1, 1, 1],
        [3, 7, 5],
        [4, 8, 16],
        [5, 9, 17],
        [67, 13, 300],
        [9, 515, 6],
        [130, 66, 64],
      ] as const;
      for (const [m, n, k] of sizes) {
        for (const [transposeA, transposeB] of [
          [false, false],
          [false, true],
          [true, false],
          [true, true],
        ] as const) {
          checkOp(device, `matMul ${m}×${k}×${n} ${transposeA} ${transposeB}`, {
            inputs: {
              a: matrix(transposeA ? k : m, transposeA ? m : k, 7),
              b: matrix(transposeB ? n : k, transposeB ? k : n, 8),
            },
            hand: ({ a, b }) => hand.matMul(a!, b!, { m, n, k, transposeA, transposeB }),
            op: ({ a, b }) => basic.matMul(a as Tensor2D, b as Tensor2D, transposeA, transposeB),
          });
        }
      }
    });

    it('multiplies stacks of matrices, stored either way, one of a stack as all', () => {
      const sizes = [
        [1, 1, 1, 1],
        [3, 2, 5, 4],
        [2, 7, 19, 32],
        [5, 50, 50, 33],
      ] as const;
      for (const [count, m, n, k] of sizes) {
        for (const [transposeA, transposeB] of [
          [false, false],
          [false, true],
          [true, false],
          [true, true],
        ] as const) {
          const stack = (rows: number, columns: number, seed: number) => ({
            shape: [count, rows, columns],
            values: draw(count * rows * columns, seed),
          });
          checkOp(device, `stack ${count} of ${m}×${k}×${n} ${transposeA} ${transposeB}`, {
            inputs: { a: transposeA ? stack(k, m, 7) : stack(m, k, 7), b: transposeB ? stack(n, k, 8) : stack(k, n, 8) },
            hand: ({ a, b }) => {
              const out = new Float64Array(count * m * n);
              for (let t = 0; t < count; t++) {
                const [left, right] = [a!.subarray(t * m * k, (t + 1) * m * k), b!.subarray(t * k * n, (t + 1) * k * n)];
                out.set(hand.matMul(left, right, { m, n, k, transposeA, transposeB }), t * m * n);
              }
              return out;
            },
            op: ({ a, b }) => basic.matMul(a!, b!, transposeA, transposeB),
          });
        }
      }
      expect(device.fallbacks()).toEqual([]);
    });

    it.each([2, 3, 5, 64, 67])('computes InfoNCE with repeats and multiplicities, width %i', (width) => {
      const pairs = {
        queryOf: Int32Array.of(0, 2, 2, 1, 2),
        keyOf: Int32Array.of(3, 0, 0, 5, 6),
        keyCounts: Float32Array.of(2, 1, 0, 1, 1, 3, 1),
      };
      for (const temperature of [0.07, 0.2, 1]) {
        checkOp(device, `infoNce τ ${temperature}`, {
          inputs: { q: matrix(3, width, 3), k: matrix(7, width, 4) },
          hand: ({ q, k }) => hand.infoNce(hand.normalise(q!, width, 1e-12), hand.normalise(k!, width, 1e-12), width, pairs, temperature),
          op: ({ q, k }) => infoNceRows(normaliseRows(q as Tensor2D), normaliseRows(k as Tensor2D), pairs, temperature),
          tolerance: 5e-6,
        });
      }
      // One column cannot be normalised usefully: every row would be ±1 and every gradient 0.
      checkOp(device, 'infoNce of one column', {
        inputs: { q: matrix(3, 1, 3), k: matrix(7, 1, 4) },
        hand: ({ q, k }) => hand.infoNce(q!, k!, 1, pairs, 0.2),
        op: ({ q, k }) => infoNceRows(q as Tensor2D, k as Tensor2D, pairs, 0.2),
      });
    });

    it('computes InfoNCE over more rows than a block holds', () => {
      const [queries, keys, width] = [70, 4101, 5];
      const random = randomStream(3, 'negatives');
      const pairs = {
        queryOf: Int32Array.from({ length: 90 }, () => random.integer(queries)),
        keyOf: Int32Array.from({ length: 90 }, () => random.integer(keys)),
        keyCounts: Float32Array.from({ length: keys }, () => 1 + random.integer(3)),
      };
      checkOp(device, 'infoNce in blocks', {
        inputs: { q: matrix(queries, width, 3, 0.4), k: matrix(keys, width, 4, 0.4) },
        hand: ({ q, k }) => hand.infoNce(q!, k!, width, pairs, 0.2),
        op: ({ q, k }) => infoNceRows(q as Tensor2D, k as Tensor2D, pairs, 0.2),
        tolerance: 5e-6,
        differentiate: ['q'],
      });
    });

    it('keeps InfoNCE finite where plain exponentials overflow', () => {
      // Unit rows, as the op asks for, and so cold that scores are ±10,000.
      const q = basic.tensor2d([1, 0], [1, 2]);
      const k = basic.tensor2d([1, 0, -1, 0], [2, 2]);
      const pairs = { queryOf: Int32Array.of(0, 0), keyOf: Int32Array.of(0, 1), keyCounts: Float32Array.of(1, 1) };
      const loss = infoNceRows(q, k, pairs, 1e-4);
      expect([...basic.values(loss)]).toEqual([0, 20000]);
      basic.dispose([q, k, loss]);
    });

    it.each(widths)('normalises rows, zero and tiny ones too, width %i', (width) => {
      const x = matrix(5, width, 6);
      x.values.fill(0, 0, width);
      x.values.fill(1e-3, width, 2 * width);
      checkOp(device, 'normaliseRows', {
        inputs: { x },
        hand: (inputs) => hand.normalise(inputs['x']!, width, 0.5 * Math.sqrt(width)),
        op: (inputs) => normaliseRows(inputs['x'] as Tensor2D, 0.5 * Math.sqrt(width)),
      });
    });

    it.each([
      [1, 0],
      [5, 1e-10],
      [64, 0],
      [67, 1e-10],
    ])('computes the BPR loss, width %i, ε %f', (width, epsilon) => {
      checkOp(device, 'bprLoss', {
        inputs: { u: matrix(7, width, 1), i: matrix(7, width, 2, 0.3), j: matrix(7, width, 3, 0.3) },
        hand: ({ u, i, j }) => Float64Array.of(hand.bpr(u!, i!, j!, width, epsilon)),
        op: ({ u, i, j }) => bprLoss(u as Tensor2D, i as Tensor2D, j as Tensor2D, epsilon),
      });
    });

    it('keeps the BPR loss finite for a hopeless pair, bounded where ε bounds it', () => {
      const [u, i, j] = [basic.tensor2d([200], [1, 1]), basic.tensor2d([-5], [1, 1]), basic.tensor2d([5], [1, 1])];
      const [soft, bounded] = [bprLoss(u, i, j, 0), bprLoss(u, i, j, 1e-10)];
      expect(basic.values(soft)[0]).toBe(2000);
      expect(basic.values(bounded)[0]).toBeCloseTo(-Math.log(1e-10), 5);
      basic.dispose([u, i, j, soft, bounded]);
    });

    it('sums many BPR rows without losing the fifth digit', () => {
      const rows = 20_000;
      const [u, i, j] = [1, 2, 3].map((seed) => basic.tensor2d(draw(rows * 2, seed), [rows, 2])) as [Tensor2D, Tensor2D, Tensor2D];
      const loss = bprLoss(u, i, j, 0);
      const exact = [u, i, j].map((x) => Float64Array.from(basic.values(x))) as [Numbers, Numbers, Numbers];
      expectClose(basic.values(loss), [hand.bpr(...exact, 2, 0)], 1.5e-7, 'bpr of many rows');
      basic.dispose([u, i, j, loss]);
    });

    it.each([1, 5, 66])('computes norms, width %i', (width) => {
      checkOp(device, 'frobenius', {
        inputs: { x: matrix(3, width, 1) },
        hand: ({ x }) => Float64Array.of(Math.sqrt(hand.squares(x!))),
        op: ({ x }) => frobenius(x as Tensor2D),
      });
      checkOp(device, 'halfSquares', {
        inputs: { x: matrix(3, width, 1) },
        hand: ({ x }) => Float64Array.of(hand.squares(x!) / 2),
        op: ({ x }) => halfSquares(x as Tensor2D),
      });
    });

    it('takes the gradient of the norm of zero as zero', () => {
      const x = basic.variable(new Float32Array(6), [2, 3], 'x');
      const { total, gradients } = lossOf(x, () => frobenius(x as Tensor2D));
      expect(total).toBe(0);
      expect([...gradients]).toEqual([0, 0, 0, 0, 0, 0]);
      x.dispose();
    });

    it('stops gradients and takes two models with one name', () => {
      const first = basic.variable(Float32Array.of(2, 3), [2, 1], 'same');
      const second = basic.variable(Float32Array.of(5, 7), [2, 1], 'same');
      const { gradients } = lossOf(first, () => basic.sum(basic.mul(basic.stopGradient(first), first)) as basic.Scalar);
      expect([...gradients]).toEqual([2, 3]);
      expect([...basic.values(second)]).toEqual([5, 7]);
      basic.dispose([first, second]);
    });

    it('takes Adam steps as computed by hand, saved and restored, and leaves parameters without a gradient alone', () => {
      const before = device.memory().tensors;
      const start = draw(7, 1);
      const p = basic.variable<basic.Rank.R1>(start, [7], 'p');
      const still = basic.variable<basic.Rank.R1>(Float32Array.of(1, 2), [2], 'still');
      const parameters = new Map([
        ['p', p],
        ['still', still],
      ]);
      let adam = new Adam(parameters);
      const exact = { p: Float64Array.from(start), m: new Float64Array(7), v: new Float64Array(7) };
      for (let t = 1; t <= 4; t++) {
        const g = draw(7, 10 + t, 0.1);
        const gradient = basic.tensor1d(g);
        const rate = 0.01 / t;
        adam.step(
          new Map([
            ['p', gradient as basic.Tensor],
            ['still', null],
          ]),
          rate,
        );
        gradient.dispose();
        g.forEach((value, i) => {
          exact.m[i] = 0.9 * exact.m[i]! + 0.1 * value;
          exact.v[i] = 0.999 * exact.v[i]! + 0.001 * value * value;
          const corrected = { m: exact.m[i]! / (1 - 0.9 ** t), v: exact.v[i]! / (1 - 0.999 ** t) };
          exact.p[i]! -= (rate * corrected.m) / (Math.sqrt(corrected.v) + 1e-8);
        });
        expectClose(basic.values(p), exact.p, 1e-6, `step ${t}`);
        // A run that is stopped and resumed here goes on as if nothing had happened.
        const saved = adam.save();
        adam.dispose();
        adam = new Adam(parameters);
        adam.restore(saved);
        expect(adam.save()).toEqual(saved);
      }
      const { step, moments } = adam.save();
      expect(step).toBe(4);
      expectClose(moments['p']!.first, exact.m, 1e-6, 'first moment');
      expectClose(moments['p']!.second, exact.v, 1e-6, 'second moment');
      expect([...basic.values(still)]).toEqual([1, 2]);
      expect([...moments['still']!.first, ...moments['still']!.second]).toEqual([0, 0, 0, 0]);
      expect(() => adam.restore({ step: 1, moments: {} })).toThrow('no moments of 7 values for p');
      adam.dispose();
      basic.dispose([p, still]);
      expect(device.memory().tensors).toBe(before);
    });

    it('names stock kernels only where they ran', () => {
      expect(device.fallbacks()).toEqual([]);
      const x = basic.tensor2d([1, 2, 3, 4], [2, 2]);
      // An op that is not on the allow-list, taken from tfjs behind its back.
      const outside = engine().runKernel('Cumsum', { x }, { axis: 0, exclusive: false, reverse: false });
      expect(device.fallbacks()).toEqual(['Cumsum']);
      basic.dispose([x, outside]);
    });

    function lossOf(parameter: basic.Variable, loss: () => basic.Scalar): { total: number; gradients: Float32Array } {
      const result = lossAndGradients(new Map([['x', parameter]]), () => ({ total: loss(), terms: {} }));
      const gradient = result.gradients.get('x')!;
      const read = basic.values(gradient!);
      basic.dispose(gradient!);
      return { total: result.total, gradients: read };
    }
  });
}
