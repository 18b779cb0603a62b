/** What a test says together with how large its difference is (protocol.md section 9, rules 1 and 4). */
import type { Verdict } from '#contract/significance.ts';

/** Fewer replicates than this, seeds or splits, earn no star, whatever p says. */
export const leastReplicates = 5;

export function verdictOf(
  { adjusted, difference }: { readonly adjusted: number; readonly difference: number },
  limits: { readonly alpha: number; readonly minimum: number; readonly better: 'higher' | 'lower'; readonly fewest: number },
): Verdict {
  if (adjusted >= limits.alpha) return 'open';
  if (limits.fewest < leastReplicates) return 'few';
  if (Math.abs(difference) <= limits.minimum) return 'small';
  return difference > 0 === (limits.better === 'higher') ? 'better' : 'worse';
}
