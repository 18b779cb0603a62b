import { metricOf, type MetricWords } from '#contract/metrics.ts';

/** Words for a key such as "recall@20", said wherever one of its numbers is shown (look.md, signature 3); other series speak for themselves. */
export function metricWords(key: string): Omit<MetricWords, 'key'> {
  return (
    metricOf(key) ?? {
      label: key,
      short: key,
      better: 'lower',
      definition: key === 'loss' ? 'Training loss, sum over the batches of an epoch.' : `Recorded as ${key}.`,
    }
  );
}
