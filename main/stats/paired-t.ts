import { tProbability, tQuantile, type Alternative } from './distributions.ts';
import { differenceOf } from './same-value.ts';

/** What any test of two series gives. Differences are oriented by the caller: positive = the first is better. */
export interface TestResult {
  /** Pairs; of Welch's test the values of both sides together. */
  readonly n: number;
  readonly difference: number;
  /** 95 % interval of the mean difference; absent where it would be infinite. */
  readonly interval?: readonly [low: number, high: number];
  readonly statistic: number;
  readonly p: number;
  /** d_z of a paired t and a bootstrap, d of Welch, the rank-biserial correlation of Wilcoxon. Absent where there is no spread. */
  readonly effect?: number;
}

/** The level of every interval beside a p-value, whatever α the stars use. */
export const intervalLevel = 0.95;

export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
}

/** Mean and sample standard deviation in two passes; the second takes back what rounding left in the mean. */
export function moments(values: ArrayLike<number>): Moments {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  let drift = 0;
  for (let i = 0; i < n; i++) {
    const from = values[i]! - mean;
    squares += from * from;
    drift += from;
  }
  return { n, mean, sd: n < 2 ? 0 : Math.sqrt(Math.max(0, squares - (drift * drift) / n) / (n - 1)) };
}

/** Half the width of the t interval of a mean: t(1 − (1 − level)/2; n − 1) · sd / √n (protocol.md S10); undefined for one value. */
export function tHalfWidth({ n, sd }: { readonly n: number; readonly sd?: number }, level = intervalLevel): number | undefined {
  return n < 2 || sd === undefined ? undefined : (tQuantile(1 - (1 - level) / 2, n - 1) * sd) / Math.sqrt(n);
}

/** Student's t test that paired differences have mean 0. Undefined for fewer than two pairs. */
export function pairedT(differences: ArrayLike<number>, alternative: Alternative = 'two-sided'): TestResult | undefined {
  const { n, mean, sd } = moments(differences);
  if (n < 2) return undefined;
  if (sd === 0) return { n, difference: mean, interval: [mean, mean], ...withoutSpread(mean, alternative) };
  const statistic = mean / (sd / Math.sqrt(n));
  const half = tHalfWidth({ n, sd })!;
  return {
    n,
    difference: mean,
    interval: [mean - half, mean + half],
    statistic,
    p: tProbability(statistic, n - 1, alternative),
    effect: mean / sd,
  };
}

/**
 * Nadeau and Bengio's corrected resampled t test (Machine Learning 52, 2003) of differences over folds or repeated splits. Their train rows
 * overlap, so the variance of the mean is (1/n + ratio) · s² with `ratio` = test rows / train rows of a split; degrees stay n − 1. With a
 * ratio of 0 it is {@link pairedT}. Undefined for fewer than two splits.
 */
export function correctedT(differences: ArrayLike<number>, ratio: number, alternative: Alternative = 'two-sided'): TestResult | undefined {
  const { n, mean, sd } = moments(differences);
  if (n < 2) return undefined;
  if (sd === 0) return { n, difference: mean, interval: [mean, mean], ...withoutSpread(mean, alternative) };
  const error = Math.sqrt(1 / n + ratio) * sd;
  const half = tQuantile(1 - (1 - intervalLevel) / 2, n - 1) * error;
  return {
    n,
    difference: mean,
    interval: [mean - half, mean + half],
    statistic: mean / error,
    p: tProbability(mean / error, n - 1, alternative),
    effect: mean / sd,
  };
}

/** Equal differences everywhere: nothing differs, or everything by the same amount. */
function withoutSpread(mean: number, alternative: Alternative): { statistic: number; p: number; effect?: number } {
  if (mean === 0) return { statistic: 0, p: 1, effect: 0 };
  const statistic = mean > 0 ? Infinity : -Infinity;
  return { statistic, p: tProbability(statistic, 1, alternative) };
}

/**
 * Welch's t test of two independent series, for seeds that are not shared; `first` is better where the oriented difference is positive
 * (`sign` −1 turns it for metrics of which less is better). Undefined where a side has fewer than two values.
 */
export function welchT(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  { sign = 1, alternative = 'two-sided' }: { readonly sign?: 1 | -1; readonly alternative?: Alternative } = {},
): TestResult | undefined {
  const a = moments(first);
  const b = moments(second);
  if (a.n < 2 || b.n < 2) return undefined;
  const difference = sign * differenceOf(a.mean, b.mean);
  const [varianceA, varianceB] = [a.sd ** 2 / a.n, b.sd ** 2 / b.n];
  const error = Math.sqrt(varianceA + varianceB);
  const n = a.n + b.n;
  if (error === 0) return { n, difference, interval: [difference, difference], ...withoutSpread(difference, alternative) };
  const degrees = (varianceA + varianceB) ** 2 / (varianceA ** 2 / (a.n - 1) + varianceB ** 2 / (b.n - 1));
  const statistic = difference / error;
  const half = tQuantile(1 - (1 - intervalLevel) / 2, degrees) * error;
  return {
    n,
    difference,
    interval: [difference - half, difference + half],
    statistic,
    p: tProbability(statistic, degrees, alternative),
    // Cohen's d over the mean of both variances.
    effect: difference / Math.sqrt((a.sd ** 2 + b.sd ** 2) / 2),
  };
}
