/** All that a runs query matches as a pivot: rows and columns are the values of two fields, cells the means that groups of runs have. */
import { metricOf } from '#contract/metrics.ts';
import { fieldsOf, metricKeyOf } from '#contract/runs-expression.ts';
import { fieldName, formulaText } from '#contract/runs-fields.ts';
import { parseFormula } from '#contract/runs-parser.ts';
import type { PivotCell, PivotFields, RunsPivot } from '#contract/runs-table.ts';
import { marks } from '#stats/marks.ts';
import type { ParsedRunsQuery } from '#store/runs-conditions.ts';
import type { Group } from '#store/runs-groups.ts';
import type { Store } from '#store/store.ts';

/** More of them no screen shows at once. */
const most = { rows: 200, columns: 40 };

type GroupValue = Group['values'][number];

/** Test metrics that a value is, or that its formula holds. */
function testsIn(value: string): readonly string[] {
  const formula = formulaText(value);
  const named = formula === undefined ? [value] : fieldsOf(parseFormula(formula)).map(({ name }) => fieldName(name));
  return [...new Set(named.filter((name) => name.startsWith('test.')).flatMap((name) => metricKeyOf(name) ?? []))];
}

/** What the store is asked for: beside each test metric the validation one, which says how many finished runs are masked. */
export function pivotQuery(query: ParsedRunsQuery, { rows, columns, value }: PivotFields): ParsedRunsQuery {
  const beside = testsIn(value).flatMap((key) => [`test.${key}`, `val.${key}`]);
  const asked = [...new Set([value, ...beside])];
  return { ...query, collapse: true, sort: [], offset: 0, limit: 1, group: [rows, columns], columns: asked };
}

/** `query` as {@link pivotQuery} makes it. */
export function runsPivot(
  pages: Pick<Store['pages'], 'groups' | 'configurationWords'>,
  query: ParsedRunsQuery,
  { rows, columns, value }: PivotFields,
): RunsPivot {
  const groups = pages.groups(query);
  const perRow = distinct(groups.map(({ values }) => values[0]!));
  const perColumn = pages.groups({ ...query, group: [columns], columns: [] });
  const named = new Map(groups.map((group) => [JSON.stringify(group.values), group]));
  const metric = metricOf(metricKeyOf(value) ?? '');
  const tests = testsIn(value);
  const cells = perColumn.map((column) => {
    const own = perRow.map((row) => cellOf(named.get(JSON.stringify([row, column.values[0]])), value, tests));
    // Seeds are replicates and never ranked; what is of several questions has no best.
    if (metric === undefined || column.apart !== undefined || rows === 'seed' || columns === 'seed') return own;
    const found = marks(
      own.map((cell) => cell?.value),
      metric.better,
    );
    return own.map((cell, at) => (cell === null || found[at] === undefined ? cell : { ...cell, mark: found[at] }));
  });
  const shown = perRow.slice(0, most.rows);
  const heads = perColumn.slice(0, most.columns).map(({ values }) => values[0]!);
  const hashes = rows === 'configuration' ? shown : columns === 'configuration' ? heads : undefined;
  return {
    rows: shown,
    columns: heads,
    ...(hashes === undefined ? {} : { configurations: pages.configurationWords(hashes.map(String)) }),
    cells: shown.map((_row, at) => cells.slice(0, most.columns).map((column) => column[at]!)),
    totalRows: perRow.length,
    totalColumns: perColumn.length,
  };
}

function cellOf(group: Group | undefined, value: string, tests: readonly string[]): PivotCell | null {
  if (group === undefined) return null;
  const cell = group.cells[value];
  const counted = { n: cell?.n ?? 0, configurations: group.configurations };
  if (group.apart !== undefined && (metricKeyOf(value) !== undefined || formulaText(value) !== undefined))
    return { ...counted, missing: 'apart' };
  // A mean over those runs alone whose test is shown would be one of chosen runs.
  if (tests.some((key) => (group.cells[`test.${key}`]?.n ?? 0) < (group.cells[`val.${key}`]?.n ?? 0)))
    return { ...counted, missing: 'masked' };
  if (cell?.value !== undefined) return { ...counted, value: cell.value, ...(cell.sd === undefined ? {} : { sd: cell.sd }) };
  if (group.finished > 0) return { ...counted, missing: 'no value' };
  if (group.running > 0) return { ...counted, missing: 'running' };
  return { ...counted, missing: group.failed > 0 ? 'failed' : 'not run' };
}

function distinct(values: readonly GroupValue[]): GroupValue[] {
  return [...new Set(values)];
}
