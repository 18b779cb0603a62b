import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimate } from '#renderer/charts/decimate.ts';

describe('decimate', () => {
  test('keeps a planted spike of one sample at every number of buckets (G17)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 2, max: 500 }), fc.boolean(), (at, buckets, up) => {
        const y = new Float64Array(10_000).map((_, index) => Math.sin(index / 500));
        y[at] = up ? 50 : -50;
        const drawn = decimate({ x: y.map((_, index) => index), y }, buckets);
        expect(drawn).toContainEqual([at, y[at]]);
      }),
      { numRuns: 60 },
    );
  });

  test('draws at most two points a bucket and both ends, in order', () => {
    const x = Float64Array.from({ length: 100_000 }, (_, index) => index);
    const y = x.map((value) => (value * 7919) % 1013);
    const drawn = decimate({ x, y }, 300);
    expect(drawn.length).toBeLessThanOrEqual(2 * 301 + 2);
    expect(drawn[0]).toEqual([0, y[0]]);
    expect(drawn[drawn.length - 1]).toEqual([99_999, y[99_999]]);
    for (let index = 1; index < drawn.length; index++) expect(drawn[index]![0]).toBeGreaterThan(drawn[index - 1]![0]);
  });

  test('leaves short series alone', () => {
    expect(decimate({ x: [1, 2, 3], y: [5, 4, 6] }, 100)).toEqual([
      [1, 5],
      [2, 4],
      [3, 6],
    ]);
    expect(decimate({ x: [], y: [] }, 100)).toEqual([]);
  });

  test('zoomed in, keeps one neighbour outside each end so that the line reaches the edge', () => {
    const x = Array.from({ length: 100 }, (_, index) => index);
    expect(decimate({ x, y: x }, 200, 40.5, 50.5).map(([at]) => at)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51]);
  });

  test('a gap stays a gap', () => {
    const y = new Float64Array(5000).fill(1);
    y[2500] = Number.NaN;
    expect(decimate({ x: y.map((_, index) => index), y }, 50).some(([at, value]) => at === 2500 && Number.isNaN(value))).toBe(true);
  });
});
