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
import { checkOp, draw, expectClose, probedDevices } from './check.ts';

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
  describe.skipIf(!probe.available)(`device ${probe.id}${probe.missing === undefined ? '' : ` (${probe.missing})`}`, () => {
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
      const q = basic.tensor2d([100, 0], [1, 2]);
      const k = basic.tensor2d([100, 0, -100, 0], [2, 2]);
      const pairs = { queryOf: Int32Array.of(0, 0), keyOf: Int32Array.of(0, 1), keyCounts: Float32Array.of(1, 1) };
      const loss = infoNceRows(q, k, pairs, 1);
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

    it('differentiates every op of the allow-list, broadcasting included', () => {
      const [n, w] = [5, 7];
      const a = matrix(n, w, 1);
      const positive = { shape: [n, w], values: a.values.map((x) => Math.abs(x) + 0.5) };
      const unary: [string, (x: Tensor2D) => basic.Tensor, (x: number) => number, typeof a][] = [
        ['neg', (x) => basic.neg(x), (x) => -x, a],
        ['abs', (x) => basic.abs(x), Math.abs, a],
        ['exp', (x) => basic.exp(x), Math.exp, a],
        ['log', (x) => basic.log(x), Math.log, positive],
        ['sqrt', (x) => basic.sqrt(x), Math.sqrt, positive],
        ['square', (x) => basic.square(x), (x) => x * x, a],
        ['relu', (x) => basic.relu(x), (x) => Math.max(x, 0), a],
        ['leakyRelu', (x) => basic.leakyRelu(x, 0.01), (x) => (x > 0 ? x : 0.01 * x), a],
        ['sigmoid', (x) => basic.sigmoid(x), (x) => 1 / (1 + Math.exp(-x)), a],
        ['tanh', (x) => basic.tanh(x), Math.tanh, a],
        ['softplus', (x) => basic.softplus(x), (x) => Math.log1p(Math.exp(x)), a],
        ['clone', (x) => basic.clone(x), (x) => x, a],
      ];
      for (const [name, op, rule, x] of unary) {
        checkOp(device, name, {
          inputs: { x },
          hand: (inputs) => inputs['x']!.map(rule),
          op: (inputs) => op(inputs['x'] as Tensor2D),
        });
      }
      const binary: [string, (x: basic.Tensor, y: basic.Tensor) => basic.Tensor, (x: number, y: number) => number][] = [
        ['add', (x, y) => basic.add(x, y), (x, y) => x + y],
        ['sub', (x, y) => basic.sub(x, y), (x, y) => x - y],
        ['mul', (x, y) => basic.mul(x, y), (x, y) => x * y],
        ['div', (x, y) => basic.div(x, y), (x, y) => x / y],
        ['maximum', (x, y) => basic.maximum(x, y), Math.max],
        ['minimum', (x, y) => basic.minimum(x, y), Math.min],
      ];
      for (const [name, op, rule] of binary) {
        for (const shape of [[n, w], [w], [n, 1], [1, w], []]) {
          const size = shape.reduce((product, extent) => product * extent, 1);
          const y = { shape, values: draw(size, 2).map((v) => Math.sign(v) * (Math.abs(v) + 0.5)) };
          const at = (i: number): number => {
            const [row, column] = [Math.floor(i / w), i % w];
            if (size === n * w) return i;
            return size === w ? column : size === n ? row : 0;
          };
          checkOp(device, `${name} [${shape.join(', ')}]`, {
            inputs: { x: a, y },
            hand: (inputs) => inputs['x']!.map((v, i) => rule(v, inputs['y']![at(i)]!)),
            op: (inputs) => op(inputs['x']!, inputs['y']!),
          });
        }
      }
    });

    it('is exact for tanh near zero and far out, and logistic in both tails', () => {
      const points = Float32Array.of(-100, -20, -9, -1, -0.2500001, -0.25, -1e-3, -1e-20, 0, 1e-6, 0.1, 0.249, 0.3, 5, 30, 95);
      const x = basic.tensor1d(points);
      const [tanh, sigmoid, exp] = [basic.tanh(x), basic.sigmoid(x), basic.exp(basic.tensor1d([-1, 0, 1, 10]))];
      points.forEach((point, i) => {
        expect(Math.abs(basic.values(tanh)[i]! - Math.tanh(point))).toBeLessThanOrEqual(3e-7 * Math.abs(Math.tanh(point)));
        expect(Math.abs(basic.values(sigmoid)[i]! - 1 / (1 + Math.exp(-point)))).toBeLessThanOrEqual(1.5e-7);
      });
      expectClose(basic.values(exp), [-1, 0, 1, 10].map(Math.exp), 2e-7, 'exp');
      basic.dispose([x, tanh, sigmoid, exp]);
    });

    it('moves data with gradients: concat, slice, split, reshape, expandDims, transpose, softmax, sums, means', () => {
      const [n, w] = [4, 6];
      const x = matrix(n, w, 1);
      const y = matrix(n, w, 2);
      const rowsOf = (v: Numbers): number[][] => Array.from({ length: n }, (_, r) => [...v.subarray(r * w, (r + 1) * w)]);
      const cases: [string, (x: Tensor2D, y: Tensor2D) => basic.Tensor, (x: Numbers, y: Numbers) => number[]][] = [
        ['concat 0', (p, q) => basic.concat([p, q], 0), (p, q) => [...p, ...q]],
        ['concat 1', (p, q) => basic.concat([p, q], 1), (p, q) => rowsOf(p).flatMap((row, r) => [...row, ...rowsOf(q)[r]!])],
        [
          'slice rows',
          (p, q) => basic.mul(basic.slice(p, [1, 0], [2, w]), basic.slice(q, [2, 0], [2, -1])),
          (p, q) => Array.from({ length: 2 * w }, (_, i) => p[w + i]! * q[2 * w + i]!),
        ],
        [
          'slice columns',
          (p, q) => basic.mul(basic.slice(p, [0, 1], [n, 3]), basic.slice(q, [0, 2], [-1, 3])),
          (p, q) => rowsOf(p).flatMap((row, r) => row.slice(1, 4).map((v, c) => v * rowsOf(q)[r]![c + 2]!)),
        ],
        [
          'split',
          (p, q) => {
            const [l, r] = basic.split(p, 2, 1);
            return basic.sub(basic.mul(l!, 2), basic.add(r!, basic.split(q, 2, 1)[0]!));
          },
          (p, q) => rowsOf(p).flatMap((row, r) => [0, 1, 2].map((c) => 2 * row[c]! - row[c + 3]! - rowsOf(q)[r]![c]!)),
        ],
        ['reshape', (p, q) => basic.mul(basic.reshape(p, [w, n]), basic.reshape(q, [w, n])), (p, q) => [...p.map((v, i) => v * q[i]!)]],
        ['expandDims', (p, q) => basic.mul(basic.expandDims(p, 1), basic.expandDims(q, 1)), (p, q) => [...p.map((v, i) => v * q[i]!)]],
        [
          'transpose',
          (p, q) => basic.transpose(basic.mul(p, q)),
          (p, q) => Array.from({ length: n * w }, (_, i) => p[(i % n) * w + Math.floor(i / n)]! * q[(i % n) * w + Math.floor(i / n)]!),
        ],
        [
          'softmax',
          (p, q) => basic.mul(basic.softmax(p), q),
          (p, q) =>
            rowsOf(p).flatMap((row, r) => {
              const total = row.reduce((sum, v) => sum + Math.exp(v), 0);
              return row.map((v, c) => (Math.exp(v) / total) * rowsOf(q)[r]![c]!);
            }),
        ],
        ['sum', (p, q) => basic.sum(basic.mul(p, q)), (p, q) => [p.reduce((sum, v, i) => sum + v * q[i]!, 0)]],
        [
          'sum 0',
          (p, q) => basic.sum(basic.mul(p, q), 0),
          (p, q) => Array.from({ length: w }, (_, c) => [0, 1, 2, 3].reduce((sum, r) => sum + p[r * w + c]! * q[r * w + c]!, 0)),
        ],
        [
          'sum 1 kept',
          (p, q) => basic.sum(basic.mul(p, q), 1, true),
          (p, q) => rowsOf(p.map((v, i) => v * q[i]!)).map((row) => row.reduce((s, v) => s + v, 0)),
        ],
        ['mean', (p, q) => basic.mean(basic.mul(p, q)), (p, q) => [p.reduce((sum, v, i) => sum + v * q[i]!, 0) / (n * w)]],
        [
          'mean 1',
          (p, q) => basic.mean(basic.mul(p, q), 1),
          (p, q) => rowsOf(p.map((v, i) => v * q[i]!)).map((row) => row.reduce((s, v) => s + v, 0) / w),
        ],
        ['addN', (p, q) => basic.addN([p, q, p]), (p, q) => [...p.map((v, i) => 2 * v + q[i]!)]],
      ];
      for (const [name, op, rule] of cases) {
        checkOp(device, name, {
          inputs: { x, y },
          hand: (inputs) => Float64Array.from(rule(inputs['x']!, inputs['y']!)),
          op: (inputs) => op(inputs['x'] as Tensor2D, inputs['y'] as Tensor2D),
        });
      }
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
