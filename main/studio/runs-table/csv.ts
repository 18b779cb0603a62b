/** All that a runs query matches as CSV: rows come from the store, whatever a screen has loaded. Masked test values stay masked. */
import { csvText } from '#contract/csv-text.ts';
import { csvNumber } from '#export/csv.ts';
import { kindOf } from '#contract/runs-fields.ts';
import type { RunsCell } from '#contract/runs-table.ts';
import { isAveraged, type ParsedRunsQuery } from '#store/runs-conditions.ts';
import type { Store } from '#store/store.ts';

/** Rows whose cells are made at a time; others get their turn in between. */
const chunk = 500;

/** What names a row, before the columns asked for. */
const leading = { collapsed: ['model', 'dataset', 'configuration', 'seed'], single: ['id', 'model', 'dataset', 'seed', 'state'] };

/** RFC 4180 with a header of stable keys; means of seeds come with standard deviation and n. */
export async function runsCsv(
  store: Pick<Store, 'pages'>,
  query: ParsedRunsQuery,
): Promise<{ readonly text: string; readonly rows: number }> {
  const rows = store.pages.rowsOf(query);
  const first = query.collapse ? leading.collapsed : leading.single;
  const columns = [...first, ...query.columns.filter((column) => !first.includes(column))];
  const isMean = (column: string) => query.collapse && isAveraged(column);
  const header = columns.flatMap((column) => (isMean(column) ? [`${column}/mean`, `${column}/sd`, `${column}/n`] : [column]));
  if (query.collapse) header.push('runs');
  const lines = [header.map(csvText).join(',')];
  const fieldsOf = columns.map((column) => (isMean(column) ? meanFields : kindOf(column) === 'time' ? timeField : plainField));
  for (let from = 0; from < rows.length; from += chunk) {
    const part = rows.slice(from, from + chunk);
    const cells = store.pages.cellsOfNumbers(part, columns, query.reading);
    for (const [row, { length }] of part.entries()) {
      const line = fieldsOf.map((fields, at) => fields(cells[at]![row]!)).join(',');
      lines.push(query.collapse ? `${line},${length}` : line);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { text: `${lines.join('\r\n')}\r\n`, rows: rows.length };
}

const plainField = ({ value, text }: RunsCell): string => (value === undefined ? csvText(text ?? '') : csvNumber(value));

const timeField = (cell: RunsCell): string => (cell.value === undefined ? plainField(cell) : new Date(cell.value).toISOString());

/** Mean, standard deviation and n. */
const meanFields = ({ value, sd, n }: RunsCell): string => `${csvNumber(value)},${csvNumber(sd)},${value === undefined ? 0 : (n ?? 1)}`;
