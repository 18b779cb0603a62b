/** Reported values from a researcher's CSV file: one row a value, with source, dataset, model, metric and value named in the header. */
import { createHash } from 'node:crypto';
import { metricOf } from '#contract/metrics.ts';
import { ProblemError } from '#contract/problem.ts';
import type { ReportedRow } from '#contract/runs-table.ts';
import { readReferences } from '../reproduction/references.ts';

/**
 * Rows by source, split, dataset, model and note. The same file again brings the same ids, so nothing is there twice. Values of metrics that
 * Avocet does not know are kept under their printed names.
 * @throws ProblemError with file:line for a table of another form
 */
export function reportedRows(text: string, fileName: string): ReportedRow[] {
  const rows = new Map<string, ReportedRow>();
  for (const { kind, source, split, dataset, model, note, metric, value } of readReferences(text, fileName)) {
    if (kind !== 'published') continue;
    const key = [source, split, dataset, model, note].join('\n');
    const row = rows.get(key) ?? {
      id: `reported-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`,
      citation: source,
      split,
      dataset,
      model,
      note,
      values: {},
    };
    rows.set(key, { ...row, values: { ...row.values, [metricOf(metric)?.key ?? metric]: value } });
  }
  if (rows.size === 0)
    throw new ProblemError({
      kind: 'data',
      code: 'reported.none',
      message: 'The file holds no reported value',
      where: fileName,
      fix: 'Give a CSV file with the columns source, split, dataset, model, metric, value and note.',
    });
  return [...rows.values()];
}
