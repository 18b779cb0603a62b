import { describe, expect, test } from 'vitest';
import { bestUpTo, expectedShare, rungsOf, verdictOf } from '#studio/search/halving.ts';

describe('rungs', () => {
  test('grow by the factor below the limit, and none lies before misses count', () => {
    expect(rungsOf({ firstEpoch: 9, eta: 3 }, { epochs: 1000, minEpochs: 0 })).toEqual([9, 27, 81, 243, 729]);
    expect(rungsOf({ firstEpoch: 9, eta: 3 }, { epochs: 81, minEpochs: 0 })).toEqual([9, 27]);
    expect(rungsOf({ firstEpoch: 9, eta: 2 }, { epochs: 200, minEpochs: 40 })).toEqual([40, 80, 160]);
    expect(rungsOf({ firstEpoch: 9, eta: 3 }, { epochs: 5, minEpochs: 0 })).toEqual([]);
  });
});

describe('a verdict', () => {
  test('ends nobody before η runs have come so far', () => {
    expect(verdictOf(0.1, { earlier: [], later: [] }, 3)).toEqual({ rank: 1, of: 1, goesOn: true });
    expect(verdictOf(0.1, { earlier: [0.2], later: [] }, 3)).toEqual({ rank: 2, of: 2, goesOn: true });
    expect(verdictOf(0.1, { earlier: [0.2, 0.3], later: [] }, 3)).toEqual({ rank: 3, of: 3, goesOn: false });
  });

  test('lets the best third of 18 go on, and ends rank 7', () => {
    const values = Array.from({ length: 18 }, (_, at) => (18 - at) / 100);
    const verdicts = values.map((own, at) => verdictOf(own, { earlier: values.slice(0, at), later: values.slice(at + 1) }, 3));
    expect(verdicts.map(({ rank }) => rank)).toEqual(values.map((_, at) => at + 1));
    expect(verdicts.filter(({ goesOn }) => goesOn)).toHaveLength(6);
    expect(verdicts[6]).toEqual({ rank: 7, of: 18, goesOn: false });
  });

  test('of equal values the earlier trial ranks first', () => {
    expect(verdictOf(0.1, { earlier: [], later: [0.1, 0.1] }, 3).rank).toBe(1);
    expect(verdictOf(0.1, { earlier: [0.1, 0.1], later: [] }, 3)).toEqual({ rank: 3, of: 3, goesOn: false });
  });
});

test('what is compared is the best value up to the rung, not what came after it', () => {
  const series = { epochs: [1, 2, 3, 4], values: [0.1, 0.3, 0.2, 0.9] };
  expect(bestUpTo(series, 3)).toBe(0.3);
  expect(bestUpTo(series, 4)).toBe(0.9);
  expect(bestUpTo({ epochs: [5], values: [1] }, 3)).toBeUndefined();
});

test('what a trial costs on average: all of it to the first rung, a third of them to the second', () => {
  expect(expectedShare([], 3, 100)).toEqual({ epochs: 1, ends: 1 });
  const { epochs, ends } = expectedShare([9, 27, 81], 3, 60);
  // 9 epochs all, 18 more a third, 33 more a ninth, of 60.
  expect(epochs).toBeCloseTo((9 + 18 / 3 + 33 / 9) / 60, 12);
  expect(ends).toBeCloseTo(1 / 9, 12);
});
