import type { Statistics } from './statistics.ts';

/** What holds if the p-values shall, and what they do not speak about. */
export function assumptions({ options, part, seeds, minimums }: Pick<Statistics, 'options' | 'part' | 'seeds' | 'minimums'>): string[] {
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
            : `The t test takes differences between seeds as normal; so few seeds (${fewest}) cannot show whether they are.`,
        ]
      : []),
    ...(test === 'wilcoxon'
      ? [
          'Wilcoxon takes the differences as symmetric where nothing differs. Zeros are ranked and then left out (Pratt), ties share ranks; up to 25 differing pairs are counted out exactly.',
        ]
      : []),
    ...(test === 'wilcoxon' && design === 'seed'
      ? [`The smallest two-sided p of Wilcoxon with so many seeds (${fewest}) is ${(2 / 2 ** fewest).toPrecision(2)}.`]
      : []),
    ...(test === 'bootstrap' ? ['The bootstrap draws pairs again; its percentile interval is too narrow for few pairs.'] : []),
    ...(design === 'seed' && fewest < 5 ? [`Fewer than five seeds earn no star; here a row has ${fewest}.`] : []),
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
