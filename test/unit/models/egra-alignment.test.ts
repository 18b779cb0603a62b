import { tensor2d } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { tensor1d, tidy, values, variable } from '#engine/ops/basic.ts';
import { alignmentLoss, entityWeights, epochWeight } from '#models/egra/alignment.ts';
import type { AlignmentOptions } from '#models/egra/alignment.ts';
import { batchRows } from '#models/parts/batch-rows.ts';
import { plainAlignment, plainWeights } from './reference-alignment.ts';

const width = 4;
const batch = {
  users: Int32Array.from([2, 0, 2, 1, 0, 2]),
  positives: Int32Array.from([1, 3, 0, 1, 1, 4]),
  negatives: Int32Array.from([0, 0, 2, 3, 4, 2]),
};

describe.each(['wasm', 'cpu'] as const)('interaction-aware alignment on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  const rows = batchRows(batch, { users: 3, items: 5 });
  const count = rows.users.ids.length + rows.items.ids.length;
  const random = randomStream(9, 'views');
  const draw = () => Array.from({ length: count }, () => Array.from({ length: width }, () => random.normal()));
  const plain = { behavior: draw(), side: draw() };
  const plainBatch = { userRows: [...rows.userOf], itemRows: [...rows.positiveOf] };
  const flat = (table: number[][]) => Float32Array.from(table.flat());

  const forms: AlignmentOptions[] = (['anchor', 'direct', 'both'] as const).flatMap((align) =>
    (align === 'direct' ? (['partner'] as const) : (['partner', 'pair_sum', 'pair_prod'] as const)).flatMap((anchorForm) =>
      (['softmax', 'linear', 'off'] as const).map((entityWeight) => ({
        align,
        anchorForm,
        temperature: 0.3,
        duplicates: 'keep' as const,
        entityWeight,
        weightTemperature: 0.4,
      })),
    ),
  );

  it.each(forms)('equals the formula by value and gradient: $align, $anchorForm, $entityWeight', (options) => {
    const parameters = new Map([
      ['behavior', variable(flat(plain.behavior), [count, width], 'behavior')],
      ['side', variable(flat(plain.side), [count, width], 'side')],
    ]);
    const result = lossAndGradients(parameters, () => {
      const views = { behavior: parameters.get('behavior')!, side: parameters.get('side')! };
      return { total: alignmentLoss(views as Parameters<typeof alignmentLoss>[0], rows, options), terms: {} };
    });
    // Weights are held fixed while differences are taken: the formula stops their gradient.
    const weights = plainWeights(plain, plainBatch, options);
    expect(result.total).toBeCloseTo(plainAlignment(plain, plainBatch, options, weights), 5);
    for (const name of ['behavior', 'side'] as const) {
      const gradient = result.gradients.get(name);
      const ours = gradient === null || gradient === undefined ? new Float32Array(count * width) : values(gradient);
      plain[name].forEach((row, r) =>
        row.forEach((value, c) => {
          const at = (shift: number) => {
            row[c] = value + shift;
            const loss = plainAlignment(plain, plainBatch, options, weights);
            row[c] = value;
            return loss;
          };
          expect(ours[r * width + c]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 4);
        }),
      );
      gradient?.dispose();
    }
    for (const parameter of parameters.values()) parameter.dispose();
  });

  it('leaves rows that are only negatives without gradient', () => {
    const side = tensor2d(flat(plain.side), [count, width]);
    const parameters = new Map([['behavior', variable(flat(plain.behavior), [count, width], 'behavior')]]);
    const { gradients } = lossAndGradients(parameters, () => ({
      total: alignmentLoss({ behavior: parameters.get('behavior')! as typeof side, side }, rows, forms[0]!),
      terms: {},
    }));
    const gradient = values(gradients.get('behavior')!);
    const negativeOnly = rows.users.ids.length + rows.items.ids.indexOf(2);
    expect([...gradient.subarray(negativeOnly * width, (negativeOnly + 1) * width)]).toEqual([0, 0, 0, 0]);
    gradients.get('behavior')!.dispose();
    side.dispose();
    for (const parameter of parameters.values()) parameter.dispose();
  });
});

describe.each(['wasm', 'cpu'] as const)('entity weights on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  const weigh = (g: number[], rule: 'softmax' | 'linear', temperature: number): Float32Array => {
    const weights = tidy(() => entityWeights(tensor1d(g), rule, temperature));
    const read = values(weights);
    weights.dispose();
    return read;
  };

  it.each(['softmax', 'linear'] as const)('fall strictly in alignment and have mean 1 (%s)', (rule) => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 2, maxLength: 40 }), (percents) => {
        const g = percents.map((percent) => percent / 100);
        const weights = weigh(g, rule, 0.5);
        expect(weights.reduce((sum, weight) => sum + weight, 0) / g.length).toBeCloseTo(1, 5);
        for (let a = 0; a < g.length; a++) {
          for (let b = 0; b < g.length; b++) if (g[a]! < g[b]!) expect(weights[a]!).toBeGreaterThan(weights[b]!);
        }
      }),
      { seed: 3 },
    );
  });

  it('are all one for equal alignment, perfect alignment included', () => {
    for (const g of [0.25, 1]) {
      for (const rule of ['softmax', 'linear'] as const) weigh([g, g, g, g], rule, 1).forEach((weight) => expect(weight).toBeCloseTo(1, 6));
    }
  });

  it('equal b·exp(−g/τ)/Σ and (1−g)/mean(1−g), as the host computes them', () => {
    const random = randomStream(4, 'alignment');
    const g = Array.from({ length: 300 }, () => Math.fround(2 * random.uniform() - 1));
    const exponentials = g.map((value) => Math.exp(-value / 0.5));
    const total = (of: number[]): number => of.reduce((sum, value) => sum + value, 0);
    const softmax = weigh(g, 'softmax', 0.5);
    const linear = weigh(g, 'linear', 1);
    g.forEach((value, row) => {
      expect(softmax[row]! / ((g.length * exponentials[row]!) / total(exponentials))).toBeCloseTo(1, 5);
      expect(linear[row]! / ((g.length * (1 - value)) / total(g.map((other) => 1 - other)))).toBeCloseTo(1, 5);
    });
  });
});

describe('epoch weight', () => {
  const options = { rule: 'linear' as const, max: 0.01, startRatio: 0.1, warmEpochs: 20 };

  it('starts at λ₀, never falls, and is λ_max from T_w on', () => {
    const series = Array.from({ length: 60 }, (_, epoch) => epochWeight(epoch, options));
    expect(series[0]).toBeCloseTo(0.001, 12);
    series.slice(1).forEach((value, epoch) => expect(value).toBeGreaterThanOrEqual(series[epoch]!));
    expect(series[10]).toBeCloseTo(0.001 + (10 * 0.009) / 20, 12);
    for (const value of series.slice(20)) expect(value).toBe(0.01);
  });

  it('is λ_max throughout when off', () => {
    expect(epochWeight(0, { ...options, rule: 'off' })).toBe(0.01);
  });
});
