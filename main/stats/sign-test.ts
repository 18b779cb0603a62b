/** The sign test and the interval beside it, exact. */

export interface SignTest {
  /** Pairs that are no ties. */
  readonly n: number;
  /** Two-sided p of `wins` of n under a fair coin: twice the smaller tail, at most 1. */
  readonly p: number;
  /** wins / n with Clopper–Pearson's interval (Clopper and Pearson 1934), which covers at least `level`. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** Undefined where every pair is a tie. */
export function signTest(wins: number, losses: number, level = 0.95): SignTest | undefined {
  const n = wins + losses;
  if (n === 0) return undefined;
  const p = Math.min(1, 2 * lowerTail(Math.min(wins, losses), n, 0.5));
  const alpha = 1 - level;
  return {
    n,
    p,
    share: wins / n,
    // P(X ≥ wins) rises with the share, P(X ≤ wins) falls: both bounds are where a tail is α/2.
    low: wins === 0 ? 0 : bisect((share) => 1 - lowerTail(wins - 1, n, share) < alpha / 2),
    high: losses === 0 ? 1 : bisect((share) => lowerTail(wins, n, share) > alpha / 2),
    level,
  };
}

/** P(X ≤ k) of a binomial variable. Terms come from logarithms, since factorials of a few hundred votes overflow. */
function lowerTail(k: number, n: number, share: number): number {
  let sum = 0;
  let logChoose = 0;
  for (let x = 0; x <= k; x++) {
    if (x > 0) logChoose += Math.log(n - x + 1) - Math.log(x);
    sum += Math.exp(logChoose + x * Math.log(share) + (n - x) * Math.log1p(-share));
  }
  return Math.min(1, sum);
}

/** The share between 0 and 1 up to which `isBelow` holds. */
function bisect(isBelow: (share: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
