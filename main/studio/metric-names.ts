import { ProblemError } from '#contract/problem.ts';
import { cutOffs, metricNames } from '#contract/run.ts';
import type { Table } from '#contract/table.ts';

const definitions: Readonly<Record<(typeof metricNames)[number], { label: string; short: string; definition: (k: number) => string }>> = {
  recall: {
    label: 'Recall',
    short: 'R',
    definition: (k) => `Hits in the first ${k} divided by the user's held-out items, mean over evaluated users.`,
  },
  ndcg: {
    label: 'NDCG',
    short: 'N',
    definition: (k) =>
      `Discounted gain of the hits in the first ${k}, 1/log2(rank + 1), divided by the best possible, mean over evaluated users.`,
  },
  precision: { label: 'Precision', short: 'P', definition: (k) => `Hits in the first ${k} divided by ${k}, mean over evaluated users.` },
  map: {
    label: 'MAP',
    short: 'MAP',
    definition: (k) =>
      `Sum of precision at the rank of each hit in the first ${k}, divided by min(held-out items, ${k}), mean over evaluated users.`,
  },
};

/** Label, direction and definition of a metric key such as "recall@20"; an unknown key lists the known ones. */
export function describeMetric(key: string): Table['metrics'][number] {
  const [name = '', cut = ''] = key.toLowerCase().split('@');
  const entry = (definitions as Record<string, (typeof definitions)['recall'] | undefined>)[name];
  const k = Number(cut);
  if (entry === undefined || !(cutOffs as readonly number[]).includes(k)) {
    throw new ProblemError({
      kind: 'config',
      code: 'metric.unknown',
      message: `There is no metric "${key}"`,
      values: { metric: key },
      fix: `Known: ${metricNames.join(', ')}, each at ${cutOffs.join(', ')}, written like recall@20`,
    });
  }
  return {
    key: `${name}@${k}`,
    label: `${entry.label}@${k}`,
    short: `${entry.short}@${k}`,
    better: 'higher',
    definition: entry.definition(k),
  };
}
