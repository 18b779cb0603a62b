/** What each statistic is, one hover away from every number (protocol.md section 9). */
import type { Finding, Verdict } from '#contract/significance.ts';
import { signed } from './format.ts';

export const statisticWords = {
  difference: 'Mean of the row minus mean of what it is compared with, in units of the metric.',
  interval: 'The 95 % interval of the mean difference: by Student’s t, or percentiles of the bootstrap.',
  relative: 'The difference over the mean of what it is compared with.',
  p: 'How often a difference at least this large would come by chance if nothing differed.',
  adjusted: 'p corrected for the number of comparisons shown; compared with α as it is.',
  minimum: 'What seeds alone make: a star needs a difference beyond it.',
  pairs: 'Pairs behind the test: users, or shared seeds.',
  rank: 'Rank within each dataset, 1 is best and ties share, averaged over datasets.',
  friedman: 'Friedman’s test that all rows rank alike over datasets, ties corrected.',
  criticalDifference: 'Nemenyi: average ranks further apart than this are told apart at α.',
  tally: 'Datasets on which the row’s mean is above, equal to and below the baseline’s; no test.',
} as const;

/** What the choices of a test decide. */
export const controlWords = {
  design:
    'Per user: would other users like these see the same order? Seeds are averaged first. Per seed: would training again, with other seeds, give the same order?',
  test: 'Wilcoxon goes by the ranks of the paired differences, the paired t test by their mean and spread; the bootstrap draws the pairs again.',
  correction:
    'Many comparisons bring some p below α by chance. Holm bounds the chance of any such finding, Benjamini–Hochberg their share among all findings.',
  sides: 'Two-sided asks for a difference either way. One side is chosen before the values are seen.',
  alpha: 'Rows whose adjusted p lies below it are told apart.',
} as const;

/** What these are called where they stand without a column of their own. */
export const statisticNames: Readonly<Record<keyof typeof statisticWords, string>> = {
  difference: 'Difference',
  interval: '95 % interval',
  relative: 'Relative gain',
  p: 'p, raw',
  adjusted: 'p, adjusted',
  minimum: 'Least difference',
  pairs: 'Pairs',
  rank: 'Average rank',
  friedman: 'Friedman’s test',
  criticalDifference: 'Critical difference',
  tally: 'Wins, ties, losses',
};

export const effectWords: Readonly<Record<Finding['effectName'], { readonly label: string; readonly definition: string }>> = {
  d_z: {
    label: 'd_z',
    definition: 'Mean of the paired differences over their standard deviation. About 0.2 is small, 0.5 medium, 0.8 large.',
  },
  d: { label: 'd', definition: 'Difference of the means over the pooled standard deviation of both sides.' },
  'rank-biserial': {
    label: 'r_rb',
    definition: 'Rank-biserial correlation: ranks of gains minus ranks of losses over all ranks. −1 to 1; 0 where they balance.',
  },
};

export const verdictWords: Readonly<Record<Verdict, string>> = {
  better: '* better: adjusted p below α and a difference beyond the least one',
  worse: '† worse: adjusted p below α and a difference beyond the least one',
  small: 'p is below α, but the difference lies within the least one',
  few: 'p is below α, but fewer than five seeds earn no star',
  open: 'not told apart at α',
};

/** An effect with its sign and at least two digits that count, "+0.32", "−0.0041"; "0" is exactly none. */
export function effectText(effect: number): string {
  if (effect === 0) return '0';
  const size = Math.abs(effect);
  const digits = size >= 0.1 ? 2 : Math.min(8, Math.ceil(-Math.log10(size)) + 1);
  return `${effect < 0 ? '−' : '+'}${size.toFixed(digits)}`;
}

/** A p-value as people read it: "0.0213", "< 0.0001". */
export function probability(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4);
}

/** What a test found, in one sentence, for the hover of a starred number. */
export function findingSentence({ difference, interval, adjusted, p, effect, effectName, method, verdict }: Finding): string {
  const range = interval === undefined ? '' : ` (${signed(interval[0])} to ${signed(interval[1])}, 95 %)`;
  const size = effect === undefined ? '' : `, ${effectWords[effectName].label} ${effectText(effect)}`;
  return `Against the baseline ${signed(difference)}${range}; adjusted p ${probability(adjusted)}, raw ${probability(p)}${size}. ${method}: ${verdictWords[verdict]}.`;
}

/** An importance with its sign; shuffling a setting that does not matter may by chance help. */
export function importanceText(value: number): string {
  const text = Math.abs(value).toFixed(3);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}
