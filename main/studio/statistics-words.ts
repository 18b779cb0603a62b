/** What the statistics say about themselves: the sentence of the caption and the assumptions, from facts alone. */
import type { Statistics } from '#contract/statistics.ts';

const tests = { t: 'paired t', wilcoxon: 'Wilcoxon signed-rank (zeros by Pratt)', bootstrap: 'paired bootstrap' } as const;
const corrections = { holm: 'Holm', 'benjamini-hochberg': 'Benjamini\u2013Hochberg', none: 'no correction' } as const;

export interface Facts extends Pick<Statistics, 'options' | 'family' | 'familySize' | 'part' | 'minimums' | 'blocked'> {
  readonly baselineTitle: string;
  /** Least and most seeds behind a tested value. */
  readonly seeds: readonly [least: number, most: number];
}

/** "* better, † worse than MGCN: …": design, test, sides, correction, family, α, least difference. */
export function starsCaption({ options, family, familySize, baselineTitle, seeds, blocked }: Facts): string {
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
  const tested = `${tests[test]}${drawn} ${how}`;
  return correction === 'none'
    ? `${signs}: ${tested}, ${sides}, not corrected for ${count}, p < ${alpha}${beyond}.`
    : `${signs}: ${tested}, ${sides}, ${corrections[correction]} over ${count}, adjusted p < ${alpha}${beyond}.`;
}

function seedWords(count: number): string {
  return count === 1 ? 'one seed' : `${count} seeds`;
}

/** What holds if the p-values shall, and what they do not speak about. */
export function assumptions({ options, part, seeds, minimums }: Facts): string[] {
  const { design, test, alternative, correction } = options;
  const fewest = seeds[0];
  return [
    design === 'user'
      ? 'Per user: it says whether other users like these would see the same order. Users are taken as independent; luck in training is averaged over seeds, not tested.'
      : 'Per seed: it says whether training again with other seeds would give the same order, on these very users and this split.',
    ...(test === 't'
      ? [
          design === 'user'
            ? 'The t test needs the mean difference to be near normal, which some hundred users make it.'
            : `The t test takes differences between seeds as normal; ${seedWords(fewest)} cannot show whether they are.`,
        ]
      : []),
    ...(test === 'wilcoxon'
      ? [
          'Wilcoxon takes the differences as symmetric where nothing differs. Zeros are ranked and then left out (Pratt), ties share ranks; up to 25 differing pairs are counted out exactly.',
        ]
      : []),
    ...(test === 'wilcoxon' && design === 'seed'
      ? [`With ${seedWords(fewest)} its smallest two-sided p is ${(2 / 2 ** fewest).toPrecision(2)}.`]
      : []),
    ...(test === 'bootstrap' ? ['The bootstrap draws pairs again; its percentile interval is too narrow for few pairs.'] : []),
    ...(design === 'seed' && fewest < 5 ? [`Fewer than five seeds earn no star; here a row has ${seedWords(fewest)}.`] : []),
    ...(design === 'user'
      ? ['With many users a small p may belong to a trifle, so a star also needs a difference beyond the least one.']
      : []),
    ...(alternative === 'two-sided' ? [] : ['One-sided: the direction has to be chosen before the values are seen.']),
    ...(correction === 'benjamini-hochberg'
      ? ['Benjamini\u2013Hochberg bounds the share of false findings, not the chance of any; it holds for tests that rise together.']
      : []),
    ...(correction === 'none'
      ? ['Without a correction about one comparison in twenty looks significant at 0.05 where nothing differs.']
      : []),
    ...(minimums.some(({ value }) => value === 0) && options.minimum === undefined
      ? ['Where no spread between seeds is known, any difference is large enough for a star.']
      : []),
    ...(part === 'validation'
      ? ['Validation values also chose the epoch and the configuration; freeze the selection to test on what chose nothing.']
      : []),
  ];
}
