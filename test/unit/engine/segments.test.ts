import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { tensor2d } from '#engine/ops/basic.ts';
import { columnLogSumExp, columnMax } from '#engine/ops/column-max.ts';
import { segmentSum } from '#engine/ops/gather.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { randomStream } from '#data/random.ts';
import { checkOp, draw, orSkipped, probedDevices } from './check.ts';

for (const probe of await probedDevices()) {
  describe.skipIf(!probe.available)(`device ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id);
    });
    afterAll(() => device.close());

    it.each([1, 5, 64])('sums rows by segment, width %i', (width) => {
      const height = 9;
      const random = randomStream(4, 'graph');
      // Segment 3 stays empty.
      const parts = [17, 6].map((length) => Int32Array.from({ length }, () => (4 + random.integer(height - 1)) % height));
      const inputs = Object.fromEntries(
        parts.map((part, p) => [`v${p}`, { shape: [part.length, width], values: draw(part.length * width, p) }]),
      );
      checkOp(device, `segmentSum ${width}`, {
        inputs,
        hand: (given) => {
          const sums = new Float64Array(height * width);
          parts.forEach((part, p) =>
            part.forEach((segment, row) => {
              for (let c = 0; c < width; c++) sums[segment * width + c]! += given[`v${p}`]![row * width + c]!;
            }),
          );
          return sums;
        },
        op: (given) => segmentSum([given['v0'] as Tensor2D, given['v1'] as Tensor2D], parts, height),
      });
    });

    it.each([1, 2, 3, 7, 64, 65])('finds the largest of %i rows by column, and their log-sum-exp', (rows) => {
      const width = 5;
      const x = { shape: [rows, width], values: draw(rows * width, rows, 3) };
      const columns = (values: ArrayLike<number>, reduce: (column: number[]) => number) =>
        Float64Array.from({ length: width }, (_, c) => reduce(Array.from({ length: rows }, (_unused, r) => values[r * width + c]!)));
      checkOp(device, `columnMax ${rows}`, {
        inputs: { x },
        hand: (given) => columns(given['x']!, (column) => Math.max(...column)),
        op: (given) => columnMax(given['x'] as Tensor2D),
      });
      const weights = Float32Array.from({ length: rows }, (_, r) => (r + 1) % 4);
      checkOp(device, `columnLogSumExp ${rows}`, {
        inputs: { x },
        hand: (given) =>
          columns(given['x']!, (column) => Math.log(column.reduce((sum, value, r) => sum + weights[r]! * Math.exp(value), 0))),
        op: (given) => columnLogSumExp(given['x'] as Tensor2D, tensor2d(weights, [rows, 1])),
        tolerance: 4e-6,
      });
    });

    it('refuses segments that are not there', () => {
      const values = tensor2d([1, 2], [2, 1]);
      expect(() => segmentSum([values], [Int32Array.of(0, 3)], 3)).toThrow('row 3 of 3 at place 1');
      expect(() => segmentSum([values], [Int32Array.of(0)], 3)).toThrow('1 segments for [2, 1]');
      values.dispose();
    });
  });
}
