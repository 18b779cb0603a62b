import { describe, expect, it } from 'vitest';
import { distributionsSchema } from '#contract/dataset.ts';
import { itemSegmentIds, itemSegmentsOf } from '#contract/segments.ts';
import type { Modality } from '#data/dataset.ts';
import { countHistogram, linearHistogram } from '#data/histogram.ts';
import { checkSplit } from '#data/split-checks.ts';
import { agreementOf, distributionsOf } from '#data/statistics.ts';
import * as v from 'valibot';

const part = (pairs: readonly (readonly [number, number])[]) => ({
  users: Int32Array.from(pairs, ([user]) => user),
  items: Int32Array.from(pairs, ([, item]) => item),
});

describe('statistics', () => {
  it('the head is the fewest popular items that hold 80 % of train rows; ties by lower id', () => {
    // 20 rows: 10 + 4 = 14 hold 70 %, the next 2 make 16 = 80 %.
    const { segments, headItems, order } = itemSegmentsOf(Int32Array.of(2, 10, 0, 2, 4, 2), { by: 'rows', head: 0.8 });
    expect([...order]).toEqual([1, 4, 0, 3, 5, 2]);
    expect(headItems).toBe(3);
    expect([...segments].map((id) => itemSegmentIds[id])).toEqual(['head', 'head', 'cold', 'tail', 'head', 'tail']);
  });

  it('or the tail is a share of the items with a train row, the least popular ones', () => {
    // Five items have train rows; 40 % of them, the two least popular with the higher ids, are the tail.
    const { segments, headItems } = itemSegmentsOf(Int32Array.of(2, 10, 0, 2, 4, 2), { by: 'items', tail: 0.4 });
    expect(headItems).toBe(3);
    expect([...segments].map((id) => itemSegmentIds[id])).toEqual(['head', 'head', 'cold', 'tail', 'head', 'tail']);
    const all = itemSegmentsOf(Int32Array.of(1, 1, 0), { by: 'items', tail: 0.1 });
    expect([...all.segments]).toEqual([0, 0, 2]);
  });

  it('describes users and items from train rows alone', () => {
    const rows = {
      users: 3,
      items: 3,
      train: part([
        [0, 0],
        [0, 1],
        [1, 0],
      ]),
      validation: part([[2, 2]]),
      test: part([[1, 2]]),
    };
    const result = v.parse(distributionsSchema, distributionsOf(rows));
    expect(result.itemsPerUser).toMatchObject({ min: 0, median: 1, max: 2, mean: 1 });
    expect(result.userSegments.slice(0, 2)).toMatchObject([
      { id: 'cold', count: 1 },
      { id: 'sparse', count: 2 },
    ]);
    expect(result.itemSegments.map(({ count }) => count)).toEqual([2, 0, 1]);
    expect(result.popularity).toMatchObject({ ranks: [1, 2, 3], rows: [2, 1, 0], headItems: 2 });
    expect(result.itemsPerUser.histogram.counts.reduce((a, b) => a + b)).toBe(3);
  });

  it('histograms hold every value once', () => {
    const values = [0, 1, 1, 5, 30, 700];
    const counts = countHistogram(values, 20);
    expect(counts.counts.reduce((a, b) => a + b)).toBe(values.length);
    expect(counts.edges.slice(0, 3)).toEqual([0, 1, 2]);
    expect(linearHistogram([2, 4, Number.NaN], 2, 0)).toEqual({ scale: 'linear', edges: [0, 2, 4], counts: [0, 2] });
    expect(linearHistogram([], 4)).toMatchObject({ counts: [0] });
  });

  it('agreement is the share of common nearest items', () => {
    const modality = (name: string, values: readonly number[]): Modality => ({
      name,
      width: 2,
      values: Float32Array.from(values),
      sourceType: 'float32',
      hash: '',
      missing: new Uint8Array(values.length / 2),
    });
    const first = modality('a', [1, 0, 1, 0.1, 0, 1, 0.1, 1]);
    expect(agreementOf(first, first, 1)).toMatchObject({ share: 1, sampled: 4 });
    // Nearest in the first: 1, 0, 3, 2; in the second: 2, 3, 0, 1.
    expect(agreementOf(first, modality('b', [1, 0, 0, 1, 1, 0.1, 0.1, 1]), 1)).toMatchObject({ share: 0 });
  });
});

describe('split checks', () => {
  it('count pairs in two parts, users without train rows, items outside train, late train rows and test items without features', () => {
    const timed = (pairs: readonly (readonly [number, number])[], times: readonly number[]) => ({
      ...part(pairs),
      times: Float64Array.from(times),
    });
    const checks = checkSplit({
      users: 3,
      items: 4,
      train: timed(
        [
          [0, 0],
          [0, 1],
          [1, 0],
        ],
        [1, 9, 2],
      ),
      validation: timed(
        [
          [0, 2],
          [2, 0],
        ],
        [5, 5],
      ),
      test: timed(
        [
          [0, 1],
          [1, 3],
        ],
        [8, 8],
      ),
      withoutFeatures: Uint8Array.of(0, 0, 1, 1),
    });
    const found = Object.fromEntries(checks.map(({ id, state, count }) => [id, [state, count]]));
    expect(found).toEqual({
      'pairs-in-two-parts': ['blocking', 1],
      'repeated-pairs': ['ok', 0],
      'users-without-train': ['note', 1],
      'items-outside-train': ['note', 2],
      'test-items-without-features': ['note', 1],
      'train-after-held-out': ['note', 1],
      'evaluated-users': ['ok', 2],
    });
  });
});
