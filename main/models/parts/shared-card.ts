import { choice, integer, number } from '#contract/model-card.ts';

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

/** The setting of models whose released code trains the raw feature tables in every batch (models.md 0.5). */
export const featTrainable = choice({
  default: 'released',
  values: ['released', 'false'],
  label: 'Raw features trained',
  group: 'Modalities',
  help: 'The released code trains the raw feature tables. "false" freezes them: a deviation, named in the record; it saves four times their memory.',
  source: 'models.md 0.5',
  mark: 'released',
  advanced: true,
});

/** Neighbours of the frozen item graph that FREEDOM, DRAGON, MENTOR and PGL mix from their modalities (models.md 0.3). */
export const frozenNeighbours = integer({
  default: 10,
  min: 1,
  max: 100,
  label: 'Neighbours k',
  group: 'Item graph',
  help: 'Nearest items by cosine of the raw features, the item itself included. An imported graph must have been made with the same k.',
  formula: 'F_m = 1/k for the k nearest',
  source: 'models.md 0.3',
});

/** Share of the image in that graph. */
export const imageWeight = number({
  default: 0.1,
  min: 0,
  max: 1,
  label: 'Image weight w',
  group: 'Item graph',
  help: 'Share of the image graph in the mixed graph; the other modalities share the rest evenly.',
  formula: 'F = w·F_image + (1−w)·F_other',
  source: 'models.md 0.3',
});
