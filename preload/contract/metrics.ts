/** What the accuracy metrics are (protocol.md section 5): name, direction and definition, for tables, screens and exports alike. */
import { cutOffs, metricNames } from './run.ts';

export type MetricName = (typeof metricNames)[number];

interface Definition {
  readonly label: string;
  readonly short: string;
  readonly better: 'higher' | 'lower';
  /** Per user, in plain signs: T_u held-out items, rel(r) 1 where rank r is a hit, h_u hits within the first K. The metric is the mean over evaluated users. */
  readonly formula: string;
  readonly definition: (k: number) => string;
}

export const metricDefinitions: Readonly<Record<MetricName, Definition>> = {
  recall: {
    label: 'Recall',
    short: 'R',
    better: 'higher',
    formula: 'h_u / |T_u|',
    definition: (k) => `Hits in the first ${k} divided by the user's held-out items, mean over evaluated users.`,
  },
  ndcg: {
    label: 'NDCG',
    short: 'N',
    better: 'higher',
    formula: 'Σ_r rel(r)/log₂(r+1) ÷ Σ_{r=1}^{min(|T_u|,K)} 1/log₂(r+1)',
    definition: (k) =>
      `Discounted gain of the hits in the first ${k}, 1/log2(rank + 1), divided by the best possible, mean over evaluated users.`,
  },
  precision: {
    label: 'Precision',
    short: 'P',
    better: 'higher',
    formula: 'h_u / K',
    definition: (k) => `Hits in the first ${k} divided by ${k}, mean over evaluated users.`,
  },
  map: {
    label: 'MAP',
    short: 'MAP',
    better: 'higher',
    formula: '(1/min(|T_u|,K)) Σ_r rel(r) · h_u(r)/r',
    definition: (k) =>
      `Sum of precision at the rank of each hit in the first ${k}, divided by min(held-out items, ${k}), mean over evaluated users.`,
  },
};

/** A metric at a cut-off, in words. */
export interface MetricWords {
  /** "recall@20". */
  readonly key: string;
  /** "Recall@20". */
  readonly label: string;
  /** "R@20", for narrow columns. */
  readonly short: string;
  readonly better: 'higher' | 'lower';
  readonly definition: string;
}

/** The metric a key such as "recall@20" names; undefined for any other key. */
export function metricOf(key: string): MetricWords | undefined {
  const [written = '', cut = ''] = key.toLowerCase().split('@');
  const name = metricNames.find((known) => known === written);
  const k = cutOffs.find((known) => String(known) === cut);
  if (name === undefined || k === undefined) return undefined;
  const { label, short, better, definition } = metricDefinitions[name];
  return { key: `${name}@${k}`, label: `${label}@${k}`, short: `${short}@${k}`, better, definition: definition(k) };
}
