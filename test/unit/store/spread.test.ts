import { expect, test } from 'vitest';
import { meanAndDeviation } from '#store/spread.ts';

test('equal values have no deviation, though their mean is not quite theirs', () => {
  // Six seeds of a model that draws nothing: what is measured in their deviation had read −3309805667418740.00 sd.
  for (const value of [0.2911458333333333, 0.1, 0.0928, 1 / 3])
    for (const n of [2, 3, 6, 7]) expect(meanAndDeviation(Array.from({ length: n }, () => value)).sd).toBe(0);
});

test('mean and sample standard deviation', () => {
  // numpy.std([0.0525, 0.05, 0.0447916667, 0.049375], ddof=1)
  const { mean, sd } = meanAndDeviation([0.0525, 0.05, 0.0447916667, 0.049375]);
  expect(mean).toBeCloseTo(0.049166666675, 15);
  expect(sd).toBeCloseTo(0.0032140101141547267, 15);
  expect(meanAndDeviation([1]).sd).toBeUndefined();
});
