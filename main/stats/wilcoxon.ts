import { normalProbability, type Alternative } from './distributions.ts';
import { moments, tHalfWidth, type TestResult } from './paired-t.ts';
import { slack } from './same-value.ts';

/** Up to this many pairs that differ, the distribution is counted out; beyond, it is normal. */
const mostExact = 25;

interface SignedRanks {
  /** Twice the rank of each difference that is not 0: midranks are halves, their doubles are whole. */
  readonly doubled: Float64Array;
  readonly isPositive: readonly boolean[] | Uint8Array;
  readonly zeros: number;
  /** Σ (t³ − t) over groups of t tied differences, zeros left out. */
  readonly ties: number;
}

/**
 * Wilcoxon's signed-rank test by Pratt: zeros take part in the ranking, then leave it; tied differences share their mean rank. With at most
 * {@link mostExact} pairs that differ, p comes from all assignments of signs to the very ranks at hand, which is exact with ties and
 * zeros as well; beyond from the normal approximation with both corrected, without a correction of continuity. Differences that only rounding
 * tells apart (1e-12 of the largest, as in R's digits.rank) are tied, and those that only rounding tells from 0 are zeros. The interval is
 * that of the mean difference (t). The effect is the rank-biserial correlation (W⁺ − W⁻)/(W⁺ + W⁻). Undefined for fewer than two pairs.
 */
export function wilcoxon(
  differences: ArrayLike<number>,
  alternative: Alternative = 'two-sided',
): (TestResult & { readonly isExact: boolean }) | undefined {
  const { n, mean, sd } = moments(differences);
  if (n < 2) return undefined;
  const half = tHalfWidth({ n, sd })!;
  const common = { n, difference: mean, interval: [mean - half, mean + half] as const };
  const ranks = signedRanks(differences);
  if (ranks.doubled.length === 0) return { ...common, statistic: 0, p: 1, effect: 0, isExact: true };
  let plus = 0;
  let minus = 0;
  for (let i = 0; i < ranks.doubled.length; i++) {
    if (ranks.isPositive[i]) plus += ranks.doubled[i]! / 2;
    else minus += ranks.doubled[i]! / 2;
  }
  const isExact = ranks.doubled.length <= mostExact;
  const p = isExact ? exactProbability(ranks.doubled, plus * 2, alternative) : approximateProbability(ranks, n, plus, alternative);
  return { ...common, statistic: plus, p, effect: (plus - minus) / (plus + minus), isExact };
}

function signedRanks(differences: ArrayLike<number>): SignedRanks {
  let largest = 0;
  for (let i = 0; i < differences.length; i++) largest = Math.max(largest, Math.abs(differences[i]!));
  const equal = slack * largest;
  const positive: number[] = [];
  const negative: number[] = [];
  let zeros = 0;
  for (let i = 0; i < differences.length; i++) {
    const difference = differences[i]!;
    if (difference > equal) positive.push(difference);
    else if (difference < -equal) negative.push(-difference);
    else zeros++;
  }
  // Each side sorted alone and merged: typed arrays sort numbers without a comparison function.
  const up = Float64Array.from(positive).sort();
  const down = Float64Array.from(negative).sort();
  const count = up.length + down.length;
  const doubled = new Float64Array(count);
  const isPositive = new Uint8Array(count);
  let ties = 0;
  let [u, d] = [0, 0];
  for (let at = 0; at < count;) {
    const start = at;
    let last = Infinity;
    while (at < count) {
      const next = Math.min(up[u] ?? Infinity, down[d] ?? Infinity);
      if (next - last > equal) break;
      last = next;
      if (up[u] === next) {
        isPositive[at++] = 1;
        u++;
      } else {
        at++;
        d++;
      }
    }
    const tied = at - start;
    // Ranks start + 1 … at, behind all zeros; their mean, doubled.
    doubled.fill(2 * zeros + start + 1 + at, start, at);
    ties += tied ** 3 - tied;
  }
  return { doubled, isPositive, zeros, ties };
}

/** Counts, over all 2^m signs, how often the sum of positive ranks is what; counts up to 2^25 are exact in a double. */
function exactProbability(doubled: Float64Array, plus: number, alternative: Alternative): number {
  const total = doubled.reduce((sum, rank) => sum + rank, 0);
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  let reached = 0;
  for (const rank of doubled) {
    for (let sum = reached; sum >= 0; sum--) if (ways[sum]! > 0) ways[sum + rank] = ways[sum + rank]! + ways[sum]!;
    reached += rank;
  }
  const all = 2 ** doubled.length;
  const tail = (from: number, to: number) => {
    let sum = 0;
    for (let at = from; at <= to; at++) sum += ways[at]!;
    return sum / all;
  };
  const greater = () => tail(plus, total);
  const less = () => tail(0, plus);
  if (alternative === 'greater') return greater();
  if (alternative === 'less') return less();
  return Math.min(1, 2 * Math.min(greater(), less()));
}

function approximateProbability({ zeros, ties }: SignedRanks, n: number, plus: number, alternative: Alternative): number {
  const mean = (n * (n + 1) - zeros * (zeros + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1) - ties / 2) / 24;
  return normalProbability((plus - mean) / Math.sqrt(variance), alternative);
}
