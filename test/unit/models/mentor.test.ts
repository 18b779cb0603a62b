import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { momentGaps } from '#models/parts/moments.ts';
import { withSignNoise } from '#models/parts/sign-noise.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 12, items: 15 });
const batch = drawnBatch(dataset, 20);

/** Loss with its parts, and every table's gradient. */
function outcome(hyper: HyperValues) {
  const model = createModel('mentor', { dataset, hyper, width: 4 });
  const { total, terms, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
  const read = new Map([...gradients].map(([name, gradient]) => [name, gradient === null ? undefined : values(gradient)]));
  for (const gradient of gradients.values()) gradient?.dispose();
  const fixed = [...model.fixed!.keys()];
  model.dispose();
  return { total, terms, gradients: read, fixed };
}

describe('MENTOR', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('cpu');
  });
  afterAll(() => device.close());

  it('released: masked features shift the loss and train nothing', () => {
    const [low, high] = [outcome({ mask_weight_f: 1 }), outcome({ mask_weight_f: 3 })];
    expect(low.terms['mask_features']).toBeGreaterThan(0);
    expect(high.total - low.total).toBeCloseTo(2 * low.terms['mask_features']!, 5);
    expect(high.gradients).toEqual(low.gradients);
    expect(low.fixed).toEqual(['mask.weight', 'mask.bias']);
  });

  it('corrected: they are the same number, and train the vectors and the layer between them', () => {
    const [released, corrected] = [outcome({}), outcome({ feature_mask: 'corrected' })];
    expect(corrected.total).toBeCloseTo(released.total, 6);
    expect(corrected.fixed).toEqual([]);
    expect(corrected.gradients.get('mask.weight')!.some((slope) => slope !== 0)).toBe(true);
    expect(corrected.gradients.get('preference.text')).not.toEqual(released.gradients.get('preference.text'));
  });

  it('adds noise of length 0.1 with the signs of the vector', () => {
    const noisy = tidy(() => values(withSignNoise(tensor2d([2, -1, 0, 5], [2, 2]), Float32Array.from([3, 4, 1, 0]))));
    [2.06, -1.08, 0, 5].forEach((value, place) => expect(noisy[place]).toBeCloseTo(value, 6));
  });

  it('compares moments of tables that stand side by side several times', () => {
    const gap = (a: number[], b: number[], copies?: number[]) =>
      tidy(() => momentGaps([tensor2d(a, [2, a.length / 2]), tensor2d(b, [2, b.length / 2])], copies).dataSync()[0]!);
    // Means 2.5 and 1, variances 5/3 and 0.
    expect(gap([1, 2, 3, 4], [1, 1, 1, 1])).toBeCloseTo(1.5 + 5 / 3, 6);
    expect(gap([1, 2, 3, 4], [1, 1, 1, 1], [2, 1])).toBeCloseTo(gap([1, 2, 1, 2, 3, 4, 3, 4], [1, 1, 1, 1]), 6);
  });
});
