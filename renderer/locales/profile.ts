/** What a comparison can weigh accuracy against: names, directions, definitions and how values are written. */
import { similarityKey } from '#contract/profile.ts';
import { bytes, duration } from './format.ts';

export interface Measure {
  readonly key: string;
  readonly label: string;
  readonly better: 'higher' | 'lower';
  readonly definition: string;
  readonly text: (value: number) => string;
}

const decimal = (value: number) => value.toFixed(4);

/** `modalities` of a dataset: lists are alike or not in each of them. */
export function measures(k: number, modalities: readonly string[] = []): readonly Measure[] {
  return [
    {
      key: 'seconds',
      label: 'Training time',
      better: 'lower',
      definition:
        'Work time of all attempts of a run. Pretraining counts where the run trained it; a stage taken from an earlier run adds nothing.',
      text: duration,
    },
    {
      key: 'seconds-per-epoch',
      label: 'Time per epoch',
      better: 'lower',
      definition: 'Seconds of an epoch, training alone; depends on the machine and on what ran beside it.',
      text: (value) => `${value.toPrecision(3)} s`,
    },
    { key: 'memory-bytes', label: 'Peak memory', better: 'lower', definition: 'Most memory the training process held.', text: bytes },
    {
      key: 'hitrate',
      label: `HitRate@${k}`,
      better: 'higher',
      definition: `Share of the evaluated users with at least one hit in the first ${k}.`,
      text: decimal,
    },
    {
      key: 'mrr',
      label: `MRR@${k}`,
      better: 'higher',
      definition: `1 divided by the rank of the first hit, 0 where the first ${k} hold none, mean over evaluated users.`,
      text: decimal,
    },
    {
      key: 'coverage',
      label: `Coverage@${k}`,
      better: 'higher',
      definition: `Items that occur in any of the evaluated users’ first ${k}, divided by all items.`,
      text: decimal,
    },
    {
      key: 'gini',
      label: `Gini@${k}`,
      better: 'lower',
      definition: 'How unequally items are recommended, 0 all alike to 1 one alone; items never recommended count.',
      text: decimal,
    },
    {
      key: 'entropy',
      label: `Entropy@${k}`,
      better: 'higher',
      definition: '−Σ p ln p over the shares of items in all lists.',
      text: decimal,
    },
    {
      key: 'popularity',
      label: `AvgPop@${k}`,
      better: 'lower',
      definition: 'Train rows of the recommended items, mean of a list, then of users.',
      text: (value) => value.toFixed(1),
    },
    {
      key: 'novelty',
      label: `Novelty@${k}`,
      better: 'higher',
      definition: 'Mean of −log₂((train rows + 1)/(train users + 1)) over a list, then over users.',
      text: (value) => value.toFixed(3),
    },
    {
      key: 'tail',
      label: `Tail share@${k}`,
      better: 'higher',
      definition:
        'Share of recommended items outside the head of the dataset’s segments: unless they were edited, the most popular items that hold 80 % of train rows.',
      text: decimal,
    },
    ...modalities.map((modality) => ({
      key: similarityKey(modality),
      label: `ILS@${k} (${modality})`,
      better: 'lower' as const,
      definition:
        'How alike the items of a list are: mean cosine of their features over all pairs of a list, then over users; items without features are in no pair, and their number stands beside it. Diversity is 1 − ILS.',
      text: decimal,
    })),
  ];
}
