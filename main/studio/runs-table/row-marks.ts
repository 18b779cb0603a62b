/** Best and second among all rows of the runs table, whatever a screen has loaded. Masked test values take no part: the store gives none. */
import { metricOf } from '#contract/metrics.ts';
import { metricKeyOf } from '#contract/runs-expression.ts';
import type { RowMarks } from '#contract/runs-table.ts';
import type { ParsedRunsQuery } from '#store/runs-conditions.ts';
import type { Store } from '#store/store.ts';
import { marks } from '#stats/marks.ts';

/** Only of metrics: which way is better, their definition says. */
export async function rowMarks(store: Pick<Store, 'pages'>, query: ParsedRunsQuery): Promise<RowMarks> {
  const found: Record<string, Record<string, 'best' | 'second'>> = {};
  for (const column of query.columns) {
    const metric = metricOf(metricKeyOf(column) ?? '');
    // Asked anew for every column: others have had their turn since the last one, and runs may have come.
    const contest = metric === undefined ? undefined : store.pages.contest(query);
    if (metric === undefined || contest === undefined) continue;
    const values = contest.values(column);
    const own: Record<string, 'best' | 'second'> = {};
    for (const lines of contest.questions) {
      const known = lines.map((line) => (Number.isNaN(values[line]!) ? undefined : values[line]!));
      for (const [at, mark] of marks(known, metric.better).entries()) if (mark !== undefined) own[contest.keyOf(lines[at]!)] = mark;
    }
    found[column] = own;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}
