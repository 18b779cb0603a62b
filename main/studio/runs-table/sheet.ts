/**
 * All that a runs query matches as rows of a file: they come from the store, whatever a screen has loaded. Masked test values stay masked. Rows
 * of papers that stand with the runs come last and name their source, by which they are told from runs.
 */
import type { Sheet, SheetColumn, SheetValue } from '#export/sheet.ts';
import { reportedShown } from '#contract/reported-match.ts';
import { fieldName, kindOf } from '#contract/runs-fields.ts';
import { unitOf } from '#contract/units.ts';
import type { ReportedRow, RunsCell } from '#contract/runs-table.ts';
import { isAveraged, type ParsedRunsQuery } from '#store/runs-conditions.ts';
import type { Store } from '#store/store.ts';

/** Rows whose cells are made at a time; others get their turn in between. */
const chunk = 500;

/** What names a row, before the columns asked for. */
const leading = { collapsed: ['model', 'dataset', 'configuration', 'seed'], single: ['id', 'model', 'dataset', 'seed', 'state'] };

export interface RunsSheet extends Sheet {
  /** Rows of runs. */
  readonly rows: number;
  /** Rows of papers, known once all portions were taken. */
  readonly reported: () => number;
}

/** A header of stable keys; means of seeds come with standard deviation and n. A configuration comes with its words, for its key is a hash. */
export function runsSheet(store: Pick<Store, 'pages' | 'reported' | 'datasets'>, query: ParsedRunsQuery, now: number): RunsSheet {
  const rows = store.pages.rowsOf(query);
  const first = query.collapse ? leading.collapsed : leading.single;
  const asked = [...first, ...query.columns.filter((column) => !first.includes(column))];
  const isMean = (column: string) => query.collapse && isAveraged(column);
  const number = (key: string, unit = ''): SheetColumn => ({ key, kind: 'number', unit });
  const columns: SheetColumn[] = asked.flatMap((column) =>
    isMean(column)
      ? [number(`${column}/mean`, unitOf(column)), number(`${column}/sd`, unitOf(column)), number(`${column}/n`)]
      : [{ key: column, kind: kindIn(column, query), unit: unitOf(column) }],
  );
  if (query.collapse) columns.push(number('runs'));
  if (query.collapse) columns.push({ key: 'differences', kind: 'text' });
  columns.push({ key: 'source', kind: 'text' });
  const papers: ReportedRow[] = [];
  const means = asked.map(isMean);
  const datasetAt = asked.indexOf('dataset');
  async function* portions() {
    const datasets = new Set<string>();
    for (let from = 0; from < rows.length; from += chunk) {
      const part = rows.slice(from, from + chunk);
      const cells = store.pages.cellsOfNumbers(part, asked, query.reading);
      for (const { text } of cells[datasetAt]!) if (text !== undefined) datasets.add(text);
      const differences = query.collapse ? store.pages.differencesOf(part.map(([number]) => number!)) : undefined;
      yield part.map(({ length, 0: number }, row) => {
        const values: SheetValue[] = [];
        for (const [at, mean] of means.entries()) {
          const cell = cells[at]![row]!;
          if (mean) values.push(cell.value, cell.sd, cell.value === undefined ? 0 : (cell.n ?? 1));
          else values.push(valueOf(cell));
        }
        if (query.collapse) values.push(length, inWords(differences?.get(number!)));
        values.push(undefined);
        return values;
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    papers.push(...papersBeside(store, query, datasets));
    if (papers.length > 0) yield papers.map((row) => paperValues(row, asked, isMean, query.collapse));
  }
  const facts: (readonly [string, string])[] = [
    [
      'what',
      query.collapse ? 'configurations, seeds averaged: mean, standard deviation (n - 1) and n; differences from the preset' : 'runs',
    ],
    ['rows', String(rows.length)],
    ['filter', query.filter === '' ? 'none' : query.filter],
    ['reading', readings[query.reading]],
    ...groundFacts(store.pages.groundsOf(rows.flat())),
    ['test values', 'shown where a selection was frozen or there was nothing to select; empty where masked'],
    ['source', 'empty for own runs; the citation of a value reported in a paper, which enters no mean, rank or test'],
    ['made', new Date(now).toISOString()],
  ];
  return { name: 'Runs', columns, portions: portions(), facts, rows: rows.length, reported: () => papers.length };
}

function groundFacts(grounds: readonly { dataset: string; splitHash: string; protocol: string | null }[]): (readonly [string, string])[] {
  const splits: Record<string, string[]> = {};
  for (const { dataset, splitHash } of grounds) splits[dataset] = [...new Set([...(splits[dataset] ?? []), splitHash])];
  return [
    ['fingerprints', JSON.stringify(splits)],
    ['protocols', [...new Set(grounds.map(({ protocol }) => (protocol === 'mmrec' ? 'mmrec' : 'validation')))].sort().join(', ')],
  ];
}

const valueOf = ({ value, text }: RunsCell): SheetValue => value ?? (text === '' ? undefined : text);

/** "n_layers 2, reg_weight 0.1"; nothing for a preset as it is. */
const inWords = (differences: readonly { readonly key: string; readonly value: string }[] = []): SheetValue =>
  differences.length === 0 ? undefined : differences.map(({ key, value }) => `${key} ${value}`).join(', ');

const readings: Readonly<Record<ParsedRunsQuery['reading'], string>> = {
  best: 'at the best validation epoch',
  last: 'at the last epoch',
  min: 'lowest over epochs',
  max: 'highest over epochs',
};

/** Texts of several seeds may stand in the place of a number. */
function kindIn(column: string, { collapse }: ParsedRunsQuery): SheetColumn['kind'] {
  const kind = column.startsWith('=') ? 'number' : kindOf(column);
  return collapse && kind === 'number' ? 'any' : kind;
}

/** As beside the table on the screen: of the datasets matched and the models ticked, for a query and not for single runs. */
function papersBeside(
  { reported, datasets: library }: Pick<Store, 'reported' | 'datasets'>,
  query: ParsedRunsQuery,
  datasets: ReadonlySet<string>,
): readonly ReportedRow[] {
  if (query.ids.length > 0 || query.trashed || query.archived) return [];
  const named = library.list().filter(({ summary }) => datasets.has(summary.id) || datasets.has(summary.name));
  return reportedShown(reported.list(), {
    datasets: [...datasets, ...named.flatMap(({ summary }) => [summary.id, summary.name])],
    models: query.models,
    filter: query.filter,
  });
}

/** Papers report test values alone, one number each. */
function paperValues(row: ReportedRow, asked: readonly string[], isMean: (column: string) => boolean, isCollapsed: boolean): SheetValue[] {
  const own: Readonly<Record<string, string | undefined>> = {
    model: row.model,
    dataset: row.dataset,
    state: 'reported',
    configuration: row.note,
    note: row.note,
  };
  const values = asked.flatMap((column): SheetValue[] => {
    const name = fieldName(column);
    const value = name.startsWith('test.') ? row.values[name.slice('test.'.length)] : undefined;
    if (isMean(column)) return [value, undefined, undefined];
    return [value ?? (own[name] === '' ? undefined : own[name])];
  });
  return [...values, ...(isCollapsed ? [undefined, undefined] : []), row.citation];
}
