/** Every number of main/stats beside SciPy's (test/fixtures/statistics: the values, what made them, with which versions). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wordStream } from '#data/random.ts';
import { rankSummary } from '#stats/across-datasets.ts';
import { aggregate } from '#stats/aggregate.ts';
import { pairedBootstrap } from '#stats/bootstrap.ts';
import { adjust } from '#stats/corrections.ts';
import {
  chiSquaredProbability,
  normalProbability,
  studentizedRange,
  tProbability,
  tQuantile,
  type Alternative,
} from '#stats/distributions.ts';
import { correctedT, pairedT, tHalfWidth, welchT } from '#stats/paired-t.ts';
import { differenceOf } from '#stats/same-value.ts';
import { wilcoxon } from '#stats/wilcoxon.ts';

type Sides = Readonly<Record<Alternative, number>>;
interface Reference {
  readonly pairedT: readonly {
    differences: number[];
    mean: number;
    statistic: number;
    low: number;
    high: number;
    dz: number;
    p: Sides;
  }[];
  /** Nadeau–Bengio: the same with a ratio of test to train rows. */
  readonly corrected: readonly (Reference['pairedT'][number] & { ratio: number })[];
  readonly aggregates: readonly { values: number[]; mean: number; sd: number }[];
  readonly welch: readonly { first: number[]; second: number[]; statistic: number; low: number; high: number; p: Sides }[];
  readonly wilcoxon: readonly { differences: number[]; isExact: boolean; plus: number; rankBiserial: number; p: Sides }[];
  /** Values of users by seed, and the test of their averages without rounding. */
  readonly averaged: { first: number[][]; second: number[][]; plus: number; rankBiserial: number; p: Sides };
  readonly bootstrap: readonly { differences: number[]; p: Sides; low: number; high: number }[];
  readonly friedman: readonly {
    values: number[][];
    alpha: number;
    averages: number[];
    statistic: number;
    p: number;
    criticalDifference: number;
  }[];
  readonly adjusted: readonly { p: number[]; holm: number[]; 'benjamini-hochberg': number[] }[];
  readonly distributions: {
    readonly t: readonly [number, number, number][];
    readonly tQuantile: readonly [number, number, number][];
    readonly normal: readonly [number, number][];
    readonly chiSquared: readonly [number, number, number][];
    readonly studentizedRange: readonly [number, number, number][];
  };
}

const reference = JSON.parse(readFileSync(new URL('../../fixtures/statistics/reference.json', import.meta.url), 'utf8')) as Reference;
const sides = ['two-sided', 'greater', 'less'] as const;

/** Equal to a relative 1e-10: tails far below 1e-10 count as well. */
function near(value: number | undefined, expected: number, relative = 1e-10): void {
  expect(value).toBeDefined();
  expect(Math.abs(value! - expected), `${value} beside ${expected}`).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));
}

describe('distributions beside SciPy', () => {
  const { t, tQuantile: quantiles, normal, chiSquared, studentizedRange: ranges } = reference.distributions;
  it.each(t)('t %d with %d degrees', (x, degrees, p) => near(tProbability(x, degrees), p));
  it.each(quantiles)('t quantile %d with %d degrees', (p, degrees, x) => near(tQuantile(p, degrees), x, 1e-9));
  it.each(normal)('normal %d', (z, p) => near(normalProbability(z), p));
  it.each(chiSquared)('chi-squared %d with %d degrees', (x, degrees, p) => near(chiSquaredProbability(x, degrees), p));
  it.each(ranges)('studentized range %d of %d', (p, groups, q) => near(studentizedRange(p, groups), q, 1e-6));
});

describe('tests beside SciPy', () => {
  it.each([...reference.pairedT.entries()])('paired t %d', (_, { differences, ...expected }) => {
    const result = pairedT(differences)!;
    near(result.difference, expected.mean);
    near(result.statistic, expected.statistic);
    near(result.interval?.[0], expected.low);
    near(result.interval?.[1], expected.high);
    near(result.effect, expected.dz);
    for (const side of sides) near(pairedT(differences, side)!.p, expected.p[side], 1e-9);
  });

  it.each([...reference.corrected.entries()])('corrected resampled t %d (Nadeau–Bengio)', (_, { differences, ratio, ...expected }) => {
    const result = correctedT(differences, ratio)!;
    near(result.difference, expected.mean);
    near(result.statistic, expected.statistic);
    near(result.interval?.[0], expected.low, 1e-9);
    near(result.interval?.[1], expected.high, 1e-9);
    near(result.effect, expected.dz);
    for (const side of sides) near(correctedT(differences, ratio, side)!.p, expected.p[side], 1e-9);
    expect(result.p).toBeGreaterThan(pairedT(differences)!.p);
    expect(correctedT(differences, 0)!.p).toBeCloseTo(pairedT(differences)!.p, 14);
  });

  it.each([...reference.welch.entries()])('Welch %d', (_, { first, second, ...expected }) => {
    const result = welchT(first, second)!;
    near(result.statistic, expected.statistic);
    near(result.interval?.[0], expected.low, 1e-9);
    near(result.interval?.[1], expected.high, 1e-9);
    for (const alternative of sides) near(welchT(first, second, { alternative })!.p, expected.p[alternative], 1e-9);
  });

  it.each([...reference.wilcoxon.entries()])('Wilcoxon by Pratt %d', (_, { differences, ...expected }) => {
    const result = wilcoxon(differences)!;
    expect(result.isExact).toBe(expected.isExact);
    expect(result.statistic).toBe(expected.plus);
    near(result.effect, expected.rankBiserial);
    for (const side of sides) near(wilcoxon(differences, side)!.p, expected.p[side]);
  });

  it('Welch finds nothing between equal values, however many there are of them', () => {
    expect(welchT([0.1, 0.1, 0.1], [0.1, 0.1])).toMatchObject({ difference: 0, p: 1, effect: 0 });
  });

  it('Wilcoxon of averages over seeds is that of the averages without rounding, in any order of the seeds', () => {
    const { first, second, ...expected } = reference.averaged;
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ];
    const average = (user: readonly number[], order: readonly number[]) => order.reduce((sum, seed) => sum + user[seed]!, 0) / 3;
    for (const order of orders) {
      const differences = first.map((user, at) => differenceOf(average(user, order), average(second[at]!, [0, 1, 2])));
      const result = wilcoxon(differences)!;
      expect(result.statistic).toBe(expected.plus);
      near(result.effect, expected.rankBiserial);
      for (const side of sides) near(wilcoxon(differences, side)!.p, expected.p[side]);
    }
  });

  it.each([...reference.bootstrap.entries()])(
    'bootstrap %d comes close to all resamples there are',
    async (_, { differences, ...expected }) => {
      const how = { resamples: 100_000, words: wordStream(20261121, 'bootstrap') };
      for (const side of sides) {
        const result = (await pairedBootstrap(Float64Array.from(differences), how, side))!;
        // Four standard errors of a share of 100,000.
        const slack = 4 * Math.sqrt((expected.p[side] * (1 - expected.p[side])) / 100_000) + 1e-5;
        expect(Math.abs(result.p - expected.p[side])).toBeLessThanOrEqual(slack);
        expect(result.interval?.[0]).toBeCloseTo(expected.low, 2);
        expect(result.interval?.[1]).toBeCloseTo(expected.high, 2);
      }
    },
  );
});

describe('corrections beside statsmodels and SciPy', () => {
  it.each([...reference.adjusted.entries()])('family %d', (_, { p, ...expected }) => {
    for (const correction of ['holm', 'benjamini-hochberg'] as const)
      for (const [index, value] of adjust(p, correction).entries()) near(value, expected[correction][index]!, 1e-12);
    expect(adjust(p, 'none')).toEqual(p);
  });
});

describe('ranks across datasets beside SciPy', () => {
  it.each([...reference.friedman.entries()])('table %d', (_, { values, alpha, ...expected }) => {
    const result = rankSummary(values, 'higher', alpha);
    for (const [row, average] of result.averages.entries()) near(average, expected.averages[row]!);
    near(result.friedman?.statistic, expected.statistic);
    near(result.friedman?.p, expected.p);
    near(result.criticalDifference, expected.criticalDifference, 1e-6);
  });
});

describe('mean and sample sd beside NumPy (G2)', () => {
  it.each([...reference.aggregates.entries()])('values %d', (_, { values, mean, sd }) => {
    const found = aggregate(values)!;
    near(found.mean, mean, 1e-12);
    near(found.sd, sd, 1e-12);
    expect(found.n).toBe(values.length);
  });
});

it('takes the t quantile for intervals: 2.776 for five seeds, not 1.96 (S10)', () => {
  near(tHalfWidth({ n: 5, sd: 1 }), 2.7764451051977987 / Math.sqrt(5), 1e-9);
  expect(tHalfWidth({ n: 1 })).toBeUndefined();
});
