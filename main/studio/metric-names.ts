import { metricOf } from '#contract/metrics.ts';
import { ProblemError } from '#contract/problem.ts';
import { cutOffs, metricNames } from '#contract/run.ts';
import type { Table } from '#contract/table.ts';

/** Label, direction and definition of a metric key such as "recall@20"; an unknown key lists the known ones. */
export function describeMetric(key: string): Table['metrics'][number] {
  const found = metricOf(key);
  if (found !== undefined) return found;
  throw new ProblemError({
    kind: 'config',
    code: 'metric.unknown',
    message: `There is no metric "${key}"`,
    values: { metric: key },
    fix: `Known: ${metricNames.join(', ')}, each at ${cutOffs.join(', ')}, written like recall@20`,
  });
}
