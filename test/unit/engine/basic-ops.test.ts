import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as basic from '#engine/ops/basic.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import type { Numbers } from './by-hand.ts';
import { checkOp, draw, expectClose, orSkipped, probedDevices } from './check.ts';

function matrix(rows: number, width: number, seed: number): { shape: number[]; values: Float32Array } {
  return { shape: [rows, width], values: draw(rows * width, seed) };
}

for (const probe of await probedDevices()) {
  describe.skipIf(!probe.available)(`device ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id);
    });
    afterAll(() => device.close());

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
        [
          'addN of many',
          (p, q) => basic.addN(Array.from({ length: 20 }, (_, t) => (t < 15 ? p : q))),
          (p, q) => [...p.map((v, i) => 15 * v + 5 * q[i]!)],
        ],
      ];
      for (const [name, op, rule] of cases) {
        checkOp(device, name, {
          inputs: { x, y },
          hand: (inputs) => Float64Array.from(rule(inputs['x']!, inputs['y']!)),
          op: (inputs) => op(inputs['x'] as Tensor2D, inputs['y'] as Tensor2D),
        });
      }
    });
  });
}
