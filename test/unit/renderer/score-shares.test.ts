import { describe, expect, test } from 'vitest';
import { shareExtent, shareSegments, shareWords } from '#renderer/state/score-shares.ts';

const rows = [
  { item: 1, hit: false, shares: [2, 1, -1] },
  { item: 2, hit: false, shares: [0.5, -0.5, 0.5] },
];

describe('what a score is the sum of', () => {
  test('bars of a list have one scale, from the least that lowers to the most that raises', () => {
    expect(shareExtent({ rows })).toEqual({ low: -1, high: 3 });
    expect(shareExtent({ rows: [{ item: 1, hit: true }] })).toBeUndefined();
  });

  test('what raises lies to the right of zero, what lowers to the left, one after the other and never over another', () => {
    const extent = { low: -1, high: 3 };
    expect(shareSegments(rows[0]!.shares, extent)).toEqual([
      { from: 25, to: 75, source: 0 },
      { from: 75, to: 100, source: 1 },
      { from: 0, to: 25, source: 2 },
    ]);
    expect(shareSegments(rows[1]!.shares, extent)).toEqual([
      { from: 25, to: 37.5, source: 0 },
      { from: 12.5, to: 25, source: 1 },
      { from: 37.5, to: 50, source: 2 },
    ]);
    expect(shareSegments([0, 0], { low: 0, high: 0 }).every(({ from, to }) => from === 0 && to === 0)).toBe(true);
  });

  test('words name each with its sign', () => {
    expect(shareWords(['interactions', 'image', 'text'], [1.2134, 0.34, -0.051])).toBe('interactions 1.213, image 0.340, text −0.051');
  });
});
