import { choice } from '#contract/model-card.ts';

/** The setting of every model whose released scorer recomputes nothing (models.md 0.2). */
export const staleEval = choice({
  default: 'released',
  values: ['released', 'corrected'],
  label: 'Scores',
  group: 'Evaluation',
  help: 'The released scorer ranks with the vectors that the last training batch left behind, one optimiser step old. "corrected" computes them anew.',
  source: 'models.md 0.2',
  mark: 'released',
  advanced: true,
});
