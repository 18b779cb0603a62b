import { describe, expect, test } from 'vitest';
import { expectedSd, halfWidth } from '#studio/half-width.ts';

describe('the smallest difference that seeds can show', () => {
  test('agrees with the table of protocol.md section 8 (sd .0009)', () => {
    expect(halfWidth(0.0009, 3)).toBeCloseTo(0.002, 4);
    expect(halfWidth(0.0009, 5)).toBeCloseTo(0.0013, 4);
    expect(halfWidth(0.0009, 10)).toBeCloseTo(0.0008, 4);
    expect(halfWidth(0.0009, 1)).toBeUndefined();
  });

  test('uses own runs where there are enough, else the published noise of the split, else nothing', () => {
    expect(expectedSd([{ variance: 4e-6, n: 3 }], 'x')).toBeCloseTo(0.002, 12);
    expect(expectedSd([], 'ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df')).toBe(0.0009);
    expect(expectedSd([{ variance: 1, n: 2 }], 'x')).toBeUndefined();
  });
});
