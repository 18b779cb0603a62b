import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { concat, mul, sum, tensor2d, tidy, values, variable } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { mutualNce } from '#engine/ops/mutual-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import * as hand from './by-hand.ts';
import { checkOp, draw, expectClose } from './check.ts';

describe.each(['wasm', 'cpu'] as const)('InfoNCE in both directions on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  const cases = [
    { rows: 3, keys: 7, size: 5, width: 5, temperature: 0.2 },
    { rows: 8, keys: 4, size: 20, width: 3, temperature: 1 },
    { rows: 70, keys: 4101, size: 90, width: 6, temperature: 0.07 },
    // Below the lowest temperature of the joint kernel.
    { rows: 5, keys: 6, size: 9, width: 4, temperature: 0.02 },
  ];

  it.each(cases)(
    'equals two one-sided losses by value and gradient: $rows × $keys, τ $temperature',
    ({ rows, keys, size, width, temperature }) => {
      const random = randomStream(5, 'pairs');
      const place = (below: number) => Int32Array.from({ length: size }, () => random.integer(below));
      const counts = (length: number) => Float32Array.from({ length }, () => random.integer(3));
      const pairs = { firstOf: place(rows), secondOf: place(keys), firstCounts: counts(rows), secondCounts: counts(keys) };
      // Every denominator needs one row.
      pairs.firstCounts[0] = 2;
      pairs.secondCounts[0] = 1;
      const unit = (table: hand.Numbers) => hand.normalise(table, width, 1e-12);
      checkOp(device, 'mutualNce', {
        inputs: {
          a: { shape: [rows, width], values: draw(rows * width, 3) },
          b: { shape: [keys, width], values: draw(keys * width, 4) },
        },
        hand: ({ a, b }) => {
          const forth = { queryOf: pairs.firstOf, keyOf: pairs.secondOf, keyCounts: pairs.secondCounts };
          const back = { queryOf: pairs.secondOf, keyOf: pairs.firstOf, keyCounts: pairs.firstCounts };
          return Float64Array.from([
            ...Array.from(hand.infoNce(unit(a!), unit(b!), width, forth, temperature)),
            ...Array.from(hand.infoNce(unit(b!), unit(a!), width, back, temperature)),
          ]);
        },
        op: ({ a, b }) => concat(mutualNce(normaliseRows(a as Tensor2D), normaliseRows(b as Tensor2D), pairs, temperature), 0),
        tolerance: 1e-5,
        ...(keys > 1000 ? { differentiate: ['a'] } : {}),
      });
    },
  );

  it('refuses ids and counts that do not fit', () => {
    const counts = new Float32Array(2).fill(1);
    const fitting = { firstOf: Int32Array.of(1), secondOf: Int32Array.of(0), firstCounts: counts, secondCounts: counts };
    tidy(() => {
      const table = normaliseRows(tensor2d([1, 2, 3, 4], [2, 2]));
      expect(() => mutualNce(table, table, { ...fitting, firstOf: Int32Array.of(2) }, 0.2)).toThrow(RangeError);
      expect(() => mutualNce(table, table, { ...fitting, secondCounts: new Float32Array(3) }, 0.2)).toThrow(RangeError);
      expect(mutualNce(table, table, fitting, 0.2)[0].shape).toEqual([1]);
    });
  });

  it('keeps exponentials of a batch, and computes larger ones again: keys that count 0 change nothing', () => {
    const [rows, keys, padded, width] = [130, 20, 65_000, 2];
    const random = randomStream(6, 'pairs');
    const place = (below: number) => Int32Array.from({ length: 150 }, () => random.integer(below));
    const [queryOf, keyOf] = [place(rows), place(keys)];
    const solve = (count: number) => {
      const keyCounts = new Float32Array(count).fill(1, 0, keys);
      const table = draw(padded * width, 9).subarray(0, count * width);
      const parameters = new Map([
        ['q', variable(draw(rows * width, 8), [rows, width], 'q')],
        ['k', variable(table, [count, width], 'k')],
      ]);
      const { total, gradients } = lossAndGradients(parameters, () => {
        const [q, k] = ['q', 'k'].map((name) => normaliseRows(parameters.get(name) as Tensor2D));
        const loss = infoNceRows(q!, k!, { queryOf, keyOf, keyCounts }, 0.2);
        return { total: sum(mul(loss, loss)) as Scalar, terms: {} };
      });
      const found = [...gradients.values()].map((gradient) => values(gradient!).subarray(0, rows * width));
      for (const gradient of gradients.values()) gradient!.dispose();
      for (const parameter of parameters.values()) parameter.dispose();
      return { total, toQueries: found[0]!, toKeys: found[1]!.subarray(0, keys * width) };
    };
    const [kept, again] = [solve(keys), solve(padded)];
    expect(again.total / kept.total).toBeCloseTo(1, 5);
    expectClose(again.toQueries, kept.toQueries, 1e-5, 'queries');
    expectClose(again.toKeys, kept.toKeys, 1e-5, 'keys');
  });
});
