/** Tails and quantiles that the tests read, from @stdlib; tails are taken directly, since 1 − cdf has no digits left where p is small. */
import gammainc from '@stdlib/math-base-special-gammainc';
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import studentizedRangeQuantile from '@stdlib/stats-base-dists-studentized-range-quantile';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantileOf from '@stdlib/stats-base-dists-t-quantile';

/** Which side of "no difference" a test looks at. Differences are oriented before: positive = the first is better. */
export type Alternative = 'two-sided' | 'greater' | 'less';

/** p of a statistic whose distribution under the null is symmetric about 0, from its lower tail. */
function symmetric(statistic: number, alternative: Alternative, lowerTail: (x: number) => number): number {
  if (alternative === 'greater') return lowerTail(-statistic);
  if (alternative === 'less') return lowerTail(statistic);
  return Math.min(1, 2 * lowerTail(-Math.abs(statistic)));
}

/** p of a t statistic with `degrees` of freedom (fractions as Welch gives them are allowed). */
export function tProbability(t: number, degrees: number, alternative: Alternative = 'two-sided'): number {
  return symmetric(t, alternative, (x) => (x === -Infinity ? 0 : x === Infinity ? 1 : tCdf(x, degrees)));
}

/** p of a standard normal statistic. */
export function normalProbability(z: number, alternative: Alternative = 'two-sided'): number {
  return symmetric(z, alternative, (x) => normalCdf(x, 0, 1));
}

/** Quantile of Student's t: tQuantile(0.975, 4) = 2.776. */
export function tQuantile(probability: number, degrees: number): number {
  return tQuantileOf(probability, degrees);
}

/** Probability that a chi-squared variable with `degrees` of freedom is at least x. */
export function chiSquaredProbability(x: number, degrees: number): number {
  return x <= 0 ? 1 : gammainc(x / 2, degrees / 2, true, true);
}

/** Quantile of the studentized range of `groups` means, for infinitely many degrees of freedom. */
export function studentizedRange(probability: number, groups: number): number {
  return studentizedRangeQuantile(probability, groups, Infinity, 1);
}
