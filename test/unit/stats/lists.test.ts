import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listMetrics } from '#stats/list-metrics.ts';
import { hitMetrics } from '#stats/hit-metrics.ts';
import { directionsOf, listSimilarity } from '#stats/list-similarity.ts';
import { userSegmentOf, userSegments } from '#contract/segments.ts';
import { segmentMeans } from '#stats/segments.ts';

describe('lists beyond accuracy', () => {
  // Four items with 6, 3, 1 and 0 train rows of 7 users; two lists of two: [0, 1] and [0, 3]. A third user has none.
  const source = {
    lists: Int32Array.of(0, 1, 2, 0, 3, 2, -1, -1, -1),
    width: 3,
    rows: [0, 1, 2],
    k: 2,
    popularity: [6, 3, 1, 0],
    isTail: [0, 0, 1, 1],
    trainUsers: 7,
  };
  const found = listMetrics(source);

  it('are those worked by hand', () => {
    // c = [2, 1, 0, 1]: three of four items; sorted 0, 1, 1, 2: (−3·0 − 1·1 + 1·1 + 3·2) / (4 · 4).
    expect(found.coverage).toBe(3 / 4);
    expect(found.gini).toBeCloseTo(6 / 16, 14);
    expect(found.entropy).toBeCloseTo(-(0.5 * Math.log(0.5) + 2 * 0.25 * Math.log(0.25)), 14);
    expect(found.popularity).toBeCloseTo(((6 + 3) / 2 + (6 + 0) / 2) / 2, 14);
    const novelty = (rows: number) => -Math.log2((rows + 1) / 8);
    expect(found.novelty).toBeCloseTo((novelty(6) + (novelty(3) + novelty(0)) / 2) / 2, 14);
    // Items 0 and 1 hold 9 of 10 rows, the first alone 6: the head is both.
    expect(found.tail).toBeCloseTo((0 + 0.5) / 2, 14);
  });

  it('are 0 for equal shares and nearly 1 for one item alone', () => {
    const all = { ...source, lists: Int32Array.of(0, 1, 2, 2, 3, 0), rows: [0, 1], k: 2 };
    expect(listMetrics({ ...all, popularity: [1, 1, 1, 1] }).gini).toBeCloseTo(0, 14);
    const one = { ...all, lists: Int32Array.of(1, -1, -1, 1, -1, -1) };
    expect(listMetrics(one)).toMatchObject({ gini: 3 / 4, coverage: 1 / 4, entropy: 0 });
  });
});

describe('HitRate and MRR of lists', () => {
  // Held out: user 0 items 4 and 7, user 1 item 2, user 2 none, user 3 item 9.
  const heldOut = { offsets: Int32Array.of(0, 2, 3, 3, 4), indices: Int32Array.of(4, 7, 2, 9) };
  const lists = Int32Array.of(1, 7, 4, 2, 3, 5, 0, 1, 2, 9, -1, -1);
  const of = (k: number, rows = [0, 1, 3]) => hitMetrics({ lists, width: 3, rows, k, heldOut });

  it('are the users with a hit and the rank of their first one, over all evaluated users', () => {
    // Ranks of the first hit: 2, 1, 1.
    expect(of(3)).toEqual({ hitrate: 1, mrr: (1 / 2 + 1 + 1) / 3 });
    expect(of(1)).toEqual({ hitrate: 2 / 3, mrr: 2 / 3 });
    expect(of(50)).toEqual(of(3));
    expect(of(3, [0, 2])).toEqual({ hitrate: 1 / 2, mrr: 1 / 4 });
    expect(of(3, []).hitrate).toBeNaN();
  });
});

describe('the similarity of lists (ILS)', () => {
  // Directions at 0°, 60° and 90°, one item without features and one of length 0.
  const features = directionsOf({
    values: Float32Array.of(2, 0, 0.5, Math.sqrt(3) / 2, 0, 3, 7, 7, 0, 0),
    width: 2,
    missing: [0, 0, 0, 1, 0],
  });
  const of = (lists: number[][], k = 3) =>
    listSimilarity({ lists: Int32Array.from(lists.flat()), width: lists[0]!.length, rows: lists.map((_, row) => row), k }, features);

  it('is the mean cosine over pairs, then over users; items without a direction are left out and counted', () => {
    const cosines = [0.5, 0, Math.sqrt(3) / 2];
    const first = cosines.reduce((sum, value) => sum + value, 0) / 3;
    expect(of([[0, 1, 2]]).mean).toBeCloseTo(first, 6);
    expect(of([[0, 1, 2], [3, 0, 1], [0, 4, -1]])).toMatchObject({ mean: expect.closeTo((first + 0.5) / 2, 6) as number, skipped: 2, unpaired: 1 }); // prettier-ignore
    expect(of([[0, 2, 1]], 2).mean).toBeCloseTo(0, 12);
    expect(of([[0, -1, -1]]).mean).toBeNaN();
  });
});

describe('segments', () => {
  it('have inclusive upper ends and names', () => {
    const bounds = [0, 5, 10];
    expect([0, 1, 5, 6, 10, 11].map((rows) => userSegmentOf(rows, bounds))).toEqual([0, 1, 1, 2, 2, 3]);
    expect(userSegments(bounds).map(({ label }) => label)).toEqual(['cold, 0', 'sparse, 1 to 5', '6 to 10', 'more than 10']);
    expect(userSegments([3]).map(({ label }) => label)).toEqual(['0 to 3', 'more than 3']);
  });

  it('weighted by their size give the overall value (G7)', () => {
    const users = fc.array(fc.record({ rows: fc.nat(80), value: fc.double({ min: 0, max: 1, noNaN: true }) }), { minLength: 1 });
    fc.assert(
      fc.property(users, (all) => {
        const bounds = [0, 5, 10, 20, 50];
        const means = segmentMeans(
          all.map(({ value }) => value),
          all.map(({ rows }) => userSegmentOf(rows, bounds)),
          bounds.length + 1,
        );
        const weighted = means.reduce((sum, { mean, n }) => sum + (n === 0 ? 0 : mean * n), 0) / all.length;
        const overall = all.reduce((sum, { value }) => sum + value, 0) / all.length;
        expect(weighted).toBeCloseTo(overall, 12);
        expect(means.reduce((sum, { n }) => sum + n, 0)).toBe(all.length);
      }),
    );
  });
});
