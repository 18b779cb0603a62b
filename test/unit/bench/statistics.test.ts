import { describe, expect, test } from 'vitest';
import { drift, driftRefusal, lossRefusal, quantile, spread, standardError } from '#test/bench/statistics.ts';

describe('quantiles', () => {
  test('lie between neighbours, whatever the order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
    expect(quantile([7], 0.9)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  test('a spread is the median between the quartiles', () => {
    expect(spread([5, 1, 2, 4, 3])).toEqual({ median: 3, low: 2, high: 4 });
  });

  test('numbers are sorted as numbers', () => {
    expect(quantile([10, 9, 100], 0.5)).toBe(10);
  });
});

test('a standard error is the deviation of the values over the root of their number', () => {
  // Deviation of 2, 4, 4, 4, 5, 5, 7, 9 with n − 1: √(32 / 7).
  expect(standardError([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7 / 8));
  expect(standardError([3])).toBeNaN();
});

describe('drift of the machine', () => {
  test('counts a machine that became faster like one that became slower', () => {
    expect(drift({ before: 8, after: 10 })).toBeCloseTo(0.25);
    expect(drift({ before: 10, after: 8 })).toBeCloseTo(0.25);
  });

  test('within the bound nothing is refused', () => {
    expect(driftRefusal({ own: { before: 10, after: 11 }, peer: { before: 20, after: 18 } }, 0.2)).toBeUndefined();
  });

  test('one calibration beyond it refuses the ratio and is named', () => {
    const refusal = driftRefusal({ own: { before: 10, after: 10 }, peer: { before: 20, after: 30 } }, 0.2);
    expect(refusal).toMatch(/^no ratio: the peer calibration went from 20\.0 to 30\.0 ms \(50 %, bound 20 %\)/);
  });
});

describe('losses compared first', () => {
  test('equal within the tolerance passes', () => {
    expect(lossRefusal([0.69304, 0.69303], [0.693041, 0.69303], 'peer', 1e-4)).toBeUndefined();
  });

  test('another value, a NaN, another count or none at all is refused', () => {
    expect(lossRefusal([0.69304, 0.69303], [0.69304, 0.6941], 'peer', 1e-4)).toMatch(/step 2 has loss 0\.69303 here and 0\.6941 from peer/);
    expect(lossRefusal([0.69304], [Number.NaN], 'peer')).toBeDefined();
    expect(lossRefusal([Number.NaN], [0.69304], 'peer')).toBeDefined();
    expect(lossRefusal([0.69304], [], 'peer')).toBeDefined();
    expect(lossRefusal([], [], 'peer')).toBeDefined();
  });
});
