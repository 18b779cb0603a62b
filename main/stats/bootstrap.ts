import type { Alternative } from './distributions.ts';
import { intervalLevel, moments, type TestResult } from './paired-t.ts';

export interface Resampling {
  /** Resamples of all pairs. */
  readonly resamples: number;
  /** Fills the array with uniform 32-bit words; a recorded seed makes the result repeatable. */
  readonly words: (into: Uint32Array) => void;
  /** Awaited now and then with the part done, 0 to 1; throws to cancel. */
  readonly breathe?: (fraction: number) => Promise<void>;
}

/** Draws between two looks at the owner: some tens of milliseconds. */
const drawsPerBreath = 1 << 23;
const wordsAtOnce = 4096;

/**
 * Paired bootstrap of the mean difference. Pairs are drawn with replacement; the interval is the percentile interval of the resampled means,
 * p the share of resampled means, moved to mean 0, that lie at least as far out as the observed one, (1 + count) / (1 + resamples), so that
 * it is never 0 (Davison and Hinkley, section 4.2). An index is the word scaled to n, its bias below n / 2³². Undefined for fewer than two pairs.
 */
export async function pairedBootstrap(
  differences: Float64Array,
  { resamples, words, breathe }: Resampling,
  alternative: Alternative = 'two-sided',
): Promise<TestResult | undefined> {
  const { n, mean, sd } = moments(differences);
  if (n < 2) return undefined;
  const means = new Float64Array(resamples);
  const block = new Uint32Array(wordsAtOnce);
  const scale = n / 4294967296;
  let used = wordsAtOnce;
  let drawn = 0;
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    for (let left = n; left > 0;) {
      if (used === wordsAtOnce) {
        words(block);
        used = 0;
      }
      const end = Math.min(wordsAtOnce, used + left);
      left -= end - used;
      for (; used < end; used++) sum += differences[(block[used]! * scale) | 0]!;
    }
    means[resample] = sum / n;
    drawn += n;
    if (breathe !== undefined && drawn >= drawsPerBreath) {
      drawn = 0;
      await breathe((resample + 1) / resamples);
    }
  }
  let [above, below, outside] = [0, 0, 0];
  // Sums of the same values in another order differ in their last digits and are as far out all the same.
  const slack = 1e-9 * sd;
  for (const value of means) {
    const moved = value - mean;
    if (moved >= mean - slack) above++;
    if (moved <= mean + slack) below++;
    if (Math.abs(moved) >= Math.abs(mean) - slack) outside++;
  }
  const count = alternative === 'greater' ? above : alternative === 'less' ? below : outside;
  means.sort();
  const tail = (1 - intervalLevel) / 2;
  return {
    n,
    difference: mean,
    interval: [quantile(means, tail), quantile(means, 1 - tail)],
    statistic: mean,
    p: (1 + count) / (1 + resamples),
    ...(sd > 0 ? { effect: mean / sd } : mean === 0 ? { effect: 0 } : {}),
  };
}

/** Quantile of rising values, linear between neighbours (NumPy's default). */
export function quantile(rising: Float64Array, probability: number): number {
  const place = probability * (rising.length - 1);
  const below = Math.floor(place);
  const low = rising[below]!;
  return low + (place - below) * ((rising[below + 1] ?? low) - low);
}
