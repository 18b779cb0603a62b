import { describe, expect, it } from 'vitest';
import { winTieLoss } from '#stats/across-datasets.ts';
import { aggregate } from '#stats/aggregate.ts';
import { averageRanks, marks, ranks } from '#stats/marks.ts';

describe('aggregate', () => {
  it('gives mean and sample standard deviation, worked by hand', () => {
    // Mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, divided by 7.
    const result = aggregate([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(result?.mean).toBe(5);
    expect(result?.sd).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(result?.n).toBe(8);
  });

  it('keeps the digits of a spread far smaller than the mean', () => {
    expect(aggregate([1e9 + 1, 1e9 + 2, 1e9 + 3])?.sd).toBe(1);
  });

  it('has no spread for one value and nothing at all for none', () => {
    expect(aggregate([0.1])).toEqual({ n: 1, mean: 0.1 });
    expect(aggregate([])).toBeUndefined();
  });
});

describe('marks', () => {
  it('marks on unrounded values in the direction of the metric', () => {
    expect(marks([0.12340001, 0.1234, 0.1], 'higher')).toEqual(['best', 'second', undefined]);
    expect(marks([3, 1, 2], 'lower')).toEqual([undefined, 'best', 'second']);
  });

  it('lets ties share a mark and skips missing values', () => {
    expect(marks([2, undefined, 2, 1, 1], 'higher')).toEqual(['best', undefined, 'best', 'second', 'second']);
  });

  it('takes means of the same values in another order as a tie', () => {
    const [rising, falling] = [aggregate([0.1, 0.2, 0.3])!.mean, aggregate([0.3, 0.2, 0.1])!.mean];
    expect(rising).not.toBe(falling);
    expect(marks([rising, falling, 0.1], 'higher')).toEqual(['best', 'best', 'second']);
    expect(ranks([rising, falling, 0.1], 'higher')).toEqual([1.5, 1.5, 3]);
    expect(winTieLoss([rising], [falling], 'higher')).toEqual({ win: 0, tie: 1, loss: 0 });
  });

  it('takes an infinite value as equal to itself alone', () => {
    expect(marks([1, Infinity, 2, Infinity], 'lower')).toEqual(['best', undefined, 'second', undefined]);
    expect(ranks([Infinity, 1, -Infinity], 'higher')).toEqual([1, 2, 3]);
  });

  it('marks nothing where there is nothing to compare', () => {
    expect(marks([1, undefined], 'higher')).toEqual([undefined, undefined]);
  });
});

describe('ranks', () => {
  it('shares the mean of tied ranks', () => {
    expect(ranks([5, 7, 5, 1], 'higher')).toEqual([2.5, 1, 2.5, 4]);
  });

  it('averages over columns, and gives none to a row with a missing cell', () => {
    expect(
      averageRanks(
        [
          [3, 2, 1],
          [1, 2, undefined],
        ],
        ['higher', 'higher'],
      ),
    ).toEqual([1.5, 1.5, null]);
  });
});
