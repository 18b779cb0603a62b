import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream, wordStream } from '#data/random.ts';
import { leastDatasets, rankSummary, winTieLoss } from '#stats/across-datasets.ts';
import { pairedBootstrap, quantile } from '#stats/bootstrap.ts';
import { adjust } from '#stats/corrections.ts';
import { pairedT, welchT } from '#stats/paired-t.ts';
import { wilcoxon } from '#stats/wilcoxon.ts';

const differences = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 2, maxLength: 60 });
const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });
const paired = { 'paired t': pairedT, Wilcoxon: wilcoxon };

describe.each(Object.entries(paired))('%s', (_, test) => {
  it('gives the same p with the sides exchanged, and the opposite difference and effect', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const there = test(values)!;
        const back = test(values.map((value) => -value))!;
        expect(back.p).toBeCloseTo(there.p, 12);
        expect(back.difference).toBeCloseTo(-there.difference, 12);
        if (there.effect !== undefined) expect(back.effect).toBeCloseTo(-there.effect, 12);
        expect(test(values, 'greater')!.p).toBeCloseTo(
          test(
            values.map((value) => -value),
            'less',
          )!.p,
          12,
        );
      }),
    );
  });

  it('does not care about the order of the pairs', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const rising = [...values].sort((a, b) => a - b);
        expect(test(rising)!.p).toBeCloseTo(test(values)!.p, 10);
      }),
    );
  });

  it('finds nothing where nothing differs and has no answer for one pair', () => {
    expect(test([0, 0, 0])).toMatchObject({ p: 1, difference: 0, effect: 0 });
    expect(test([1])).toBeUndefined();
  });

  it('looks the right way: a gain makes "greater" small and only "less" large (S8)', () => {
    const stream = randomStream(8, 'seeds');
    const gains = Array.from({ length: 10 }, () => 0.005 + 0.0004 * stream.normal());
    expect(test(gains)!.p).toBeLessThan(0.01);
    expect(test(gains, 'greater')!.p).toBeLessThan(test(gains)!.p);
    expect(test(gains, 'less')!.p).toBeGreaterThan(0.99);
    expect(test(gains)!.difference).toBeGreaterThan(0.004);
  });
});

describe('Wilcoxon', () => {
  it('cannot go below 2 / 2^n, as five seeds show', () => {
    expect(wilcoxon([1, 2, 3, 4, 5])!.p).toBe(2 / 32);
  });

  it('ranks zeros and then leaves them out (Pratt)', () => {
    // Ranks of −1, −1, 0, 2: 2.5, 2.5, 1, 4.
    expect(wilcoxon([-1, -1, 0, 2])).toMatchObject({ statistic: 4, effect: (4 - 5) / 9 });
  });
});

describe('Welch', () => {
  it('turns the difference for metrics of which less is better', () => {
    const [lower, higher] = [
      [1, 1.1, 1.2],
      [2, 2.1, 2.3],
    ];
    expect(welchT(lower!, higher!, { sign: -1 })!.difference).toBeCloseTo(1.0333333, 6);
    expect(welchT(lower!, higher!, { sign: -1, alternative: 'greater' })!.p).toBeLessThan(0.01);
  });
});

describe('bootstrap', () => {
  const sample = () => {
    const stream = randomStream(3, 'sample');
    return Float64Array.from({ length: 300 }, () => 0.1 + stream.normal());
  };
  const how = (seed: number) => ({ resamples: 2000, words: wordStream(seed, 'bootstrap') });

  it('repeats itself from the recorded seed and not from another', async () => {
    const first = await pairedBootstrap(sample(), how(1));
    expect(await pairedBootstrap(sample(), how(1))).toEqual(first);
    expect((await pairedBootstrap(sample(), how(2)))!.interval).not.toEqual(first!.interval);
  });

  it('agrees with the t interval where the sample is large', async () => {
    const result = (await pairedBootstrap(sample(), how(1)))!;
    const t = pairedT(sample())!;
    expect(result.interval![0]).toBeCloseTo(t.interval![0], 1);
    expect(result.interval![1]).toBeCloseTo(t.interval![1], 1);
    expect(result.effect).toBe(t.effect);
  });

  it('tells how far it is and stops where it is asked to', async () => {
    const seen: number[] = [];
    const cancelled = pairedBootstrap(new Float64Array(1 << 20).fill(1), {
      ...how(1),
      breathe: (fraction) => {
        seen.push(fraction);
        return seen.length === 3 ? Promise.reject(new Error('cancelled')) : Promise.resolve();
      },
    });
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(seen.length).toBe(3);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });

  it('draws the words one after another, whatever the size of the block', () => {
    const [whole, parts] = [wordStream(5, 'x'), wordStream(5, 'x')];
    const at = new Uint32Array(10);
    whole(at);
    const [first, second] = [new Uint32Array(3), new Uint32Array(7)];
    parts(first);
    parts(second);
    expect([...first, ...second]).toEqual([...at]);
    // The same words as single draws are made of.
    const single = randomStream(5, 'x');
    expect(single.integer(65536)).toBe(at[0]! % 65536);
  });

  it('takes quantiles between neighbours', () => {
    expect(quantile(Float64Array.of(1, 2, 3, 5), 0.5)).toBe(2.5);
    expect(quantile(Float64Array.of(1, 2, 3, 5), 1)).toBe(5);
  });
});

describe('corrections', () => {
  it('never lower a p, never exceed 1, keep the order, and Benjamini–Hochberg never exceeds Holm', () => {
    fc.assert(
      fc.property(probabilities, (p) => {
        const holm = adjust(p, 'holm');
        const rate = adjust(p, 'benjamini-hochberg');
        for (const [index, raw] of p.entries()) {
          expect(rate[index]).toBeGreaterThanOrEqual(raw - 1e-15);
          expect(holm[index]).toBeGreaterThanOrEqual(rate[index]! - 1e-12);
          expect(holm[index]).toBeLessThanOrEqual(1);
          for (const [other, value] of p.entries()) if (value > raw) expect(holm[other]).toBeGreaterThanOrEqual(holm[index]!);
        }
      }),
    );
  });

  it('holds the error of the family at α over repeated families of pairs that differ in nothing (S9)', () => {
    const stream = randomStream(9, 'family');
    const [families, models, users] = [200, 6, 150];
    let withError = 0;
    let withoutCorrection = 0;
    for (let family = 0; family < families; family++) {
      const values = Array.from({ length: models }, () => Float64Array.from({ length: users }, () => stream.normal()));
      const p: number[] = [];
      for (let a = 0; a < models; a++)
        for (let b = 0; b < a; b++) p.push(pairedT(values[a]!.map((value, user) => value - values[b]![user]!))!.p);
      if (Math.min(...adjust(p, 'holm')) < 0.05) withError++;
      if (Math.min(...p) < 0.05) withoutCorrection++;
    }
    // 5 % and three standard errors of 200 families; without a correction it would be about a third.
    expect(withError / families).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / families));
    expect(withoutCorrection / families).toBeGreaterThan(0.2);
  });
});

describe('ranks across datasets', () => {
  it('leaves incomplete datasets out and tests nothing below five', () => {
    const four = Array.from({ length: leastDatasets - 1 }, () => [3, 2, 1]);
    expect(rankSummary([...four, [1, undefined, 2]], 'higher')).toEqual({ datasets: 4, averages: [1, 2, 3], groups: [] });
    expect(rankSummary([...four, [3, 2, 1]], 'higher').friedman?.p).toBeLessThan(0.01);
    expect(rankSummary([...four, [3, 2, 1]], 'lower').averages).toEqual([3, 2, 1]);
  });

  it('joins rows that lie within the critical difference, longest stretches only', () => {
    const five = Array.from({ length: 5 }, () => [6, 5, 4, 3, 2, 1]);
    const { criticalDifference, groups } = rankSummary(five, 'higher');
    // q(0.05; 6) = 2.850: 2.850 · √(6·7 / (6·5)) = 3.372.
    expect(criticalDifference).toBeCloseTo(3.372, 3);
    expect(groups).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3, 4],
      [2, 3, 4, 5],
    ]);
  });

  it('counts wins by the direction of the metric', () => {
    expect(winTieLoss([1, 2, 3, undefined], [2, 2, 1, 5], 'higher')).toEqual({ win: 1, tie: 1, loss: 1 });
    expect(winTieLoss([1, 2], [2, 3], 'lower')).toEqual({ win: 2, tie: 0, loss: 0 });
  });
});
