/** What the statistics say about themselves in a caption, from facts alone. */
import type { Statistics } from '#contract/statistics.ts';

const tests = { t: 'paired t', wilcoxon: 'Wilcoxon signed-rank (zeros by Pratt)', bootstrap: 'paired bootstrap' } as const;
const corrections = { holm: 'Holm', 'benjamini-hochberg': 'Benjamini\u2013Hochberg', none: 'no correction' } as const;

export interface Facts extends Pick<Statistics, 'options' | 'family' | 'familySize' | 'part' | 'minimums' | 'blocked'> {
  readonly baselineTitle: string;
  /** Least and most seeds behind a tested value. */
  readonly seeds: readonly [least: number, most: number];
  /** Comparisons of rows that do not have the same seeds. */
  readonly unpaired: number;
}

/** "* better, † worse than MGCN: …": design, test, sides, correction, family, α, least difference. */
export function starsCaption({ options, family, familySize, part, baselineTitle, seeds, blocked, unpaired }: Facts): string {
  if (blocked.length > 0) return `Not tested: ${blocked.join('; ')}.`;
  if (familySize === 0) return 'Not tested: there is nothing to pair.';
  const { design, test, correction, alpha, alternative, minimum, resamples, seed } = options;
  const count = `${familySize} ${familySize === 1 ? 'comparison' : 'comparisons'}`;
  const counted = seeds[0] === seeds[1] ? seedWords(seeds[0]) : `${seeds[0]} to ${seeds[1]} seeds`;
  const how = design === 'user' ? `per user on values averaged over ${counted}` : `per seed over ${counted}`;
  const drawn = test === 'bootstrap' ? ` (${resamples.toLocaleString('en')} resamples, seed ${seed})` : '';
  const sides = alternative === 'two-sided' ? 'two-sided' : `one-sided (${alternative === 'greater' ? 'better' : 'worse'})`;
  const least = minimum === undefined ? 'the noise floor' : String(minimum);
  const beyond = minimum === 0 ? '' : ` and a difference beyond ${least}`;
  const signs = family === 'pairs' ? 'Every pair' : `* better, \u2020 worse than ${baselineTitle}`;
  const named = unpaired === 0 ? tests[test] : unpaired === familySize ? 'Welch’s t' : 'paired t, and Welch’s t where seeds differ,';
  const tested = `${named}${drawn} ${how}`;
  if (correction === 'none') return `${signs}: ${tested}, ${sides}, not corrected for ${count}, p < ${alpha}${beyond}.`;
  const found = `${signs}: ${tested}, ${sides}, ${corrections[correction]} over ${count}, adjusted p < ${alpha}${beyond}.`;
  // A selection is frozen without a baseline, so one may be tried after the other with test values in sight.
  return part === 'test' && family === 'baseline'
    ? `${found} The baseline is no part of a selection: p are corrected for this one alone.`
    : found;
}

function seedWords(count: number): string {
  return count === 1 ? 'one seed' : `${count} seeds`;
}
