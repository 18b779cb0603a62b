/** What the metrics mean, said wherever one of their numbers is shown (protocol.md; look.md, signature 3). */
export interface MetricWords {
  /** "Recall@20". */
  readonly label: string;
  /** "R@20", for narrow columns. */
  readonly short: string;
  readonly better: 'higher' | 'lower';
  readonly definition: string;
}

const names: Record<string, { label: string; short: string; definition: (k: string) => string }> = {
  recall: {
    label: 'Recall',
    short: 'R',
    definition: (k) => `Share of a user's held-out items among the first ${k} recommended, mean over evaluated users.`,
  },
  ndcg: {
    label: 'NDCG',
    short: 'N',
    definition: (k) =>
      `Discounted gain of the first ${k} places: a hit at place r counts 1/log2(r+1), divided by the best possible; mean over evaluated users.`,
  },
  precision: {
    label: 'Precision',
    short: 'P',
    definition: (k) => `Share of the first ${k} recommended items that are held-out items, mean over evaluated users.`,
  },
  map: {
    label: 'MAP',
    short: 'MAP',
    definition: (k) => `Mean over hits of the precision at their place, within the first ${k}; mean over evaluated users.`,
  },
};

/** Words for a key such as "recall@20"; unknown keys speak for themselves. */
export function metricWords(key: string): MetricWords {
  const [name = key, k = ''] = key.split('@');
  const known = names[name];
  if (known === undefined)
    return {
      label: key,
      short: key,
      better: 'lower',
      definition: key === 'loss' ? 'Training loss, sum over the batches of an epoch.' : `Recorded as ${key}.`,
    };
  return { label: `${known.label}@${k}`, short: `${known.short}@${k}`, better: 'higher', definition: known.definition(k) };
}
