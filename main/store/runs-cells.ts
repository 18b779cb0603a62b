/** Cells of the runs table: for rows of one or several runs, the value of each column asked for, or why there is none. */
import type { RunState } from '#contract/run.ts';
import { fieldName, formulaText, kindOf, runFields } from '#contract/runs-fields.ts';
import type { Reading, RunsCell } from '#contract/runs-table.ts';
import type { Database } from './database.ts';
import { foldOf, type Fold } from './runs-conditions.ts';
import { valuesOfRuns, type ColumnValues } from './runs-cell-values.ts';
import { meanAndDeviation } from './spread.ts';

/** What a cell must know of a run beside its value. */
interface Known {
  readonly number: number;
  readonly configuration: string;
  readonly state: RunState;
  readonly seed: number;
  readonly testShown: number;
  readonly kind: string | null;
}

/** A run of a row, and its place among the values of a column. */
interface Member {
  readonly run: Known;
  readonly place: number;
}

export type Cells = Readonly<Record<string, RunsCell>>;

/** Cells of rows, each given as the numbers of its runs, oldest first: by column, in the order of the rows. */
export function cellColumns(
  database: Database,
  rows: readonly (readonly number[])[],
  columns: readonly string[],
  reading: Reading,
): readonly (readonly RunsCell[])[] {
  if (columns.length === 0) return [];
  const known = new Map(
    database
      .all<Known>(
        "SELECT r.number, r.state, r.seed, r.test_shown, r.configuration, json_extract(r.problem, '$.kind') AS kind FROM run r WHERE r.number IN (SELECT value FROM json_each(?))",
        [JSON.stringify(rows.flat())],
      )
      .map((run) => [run.number, run]),
  );
  const runs = [...known.values()];
  const places = new Map(runs.map(({ number }, place) => [number, place]));
  const asked = { numbers: runs.map(({ number }) => number), configurations: runs.map(({ configuration }) => configuration) };
  const members = rows.map((row) =>
    row.flatMap((number): Member[] => (known.has(number) ? [{ run: known.get(number)!, place: places.get(number)! }] : [])),
  );
  return valuesOfRuns(database, asked, columns, reading).map((values, at) => {
    const column = columns[at]!;
    const fold = foldOf(column);
    return members.map((of) => (fold === undefined ? commonCell(column, of, values) : foldedCell(column, fold, of, values)));
  });
}

/** Cells of rows by the name of their column. */
export function cellsOf(database: Database, rows: readonly (readonly number[])[], columns: readonly string[], reading: Reading): Cells[] {
  const found = cellColumns(database, rows, columns, reading);
  return rows.map((_, row) => Object.fromEntries(columns.map((column, at) => [column, found[at]![row]!])));
}

/** Of one run what it has, of seeds the mean over those that finished, the newest run of each. */
function foldedCell(column: string, { isTotal, counts }: Fold, members: readonly Member[], values: ColumnValues): RunsCell {
  const counted = new Map<number, number>();
  for (const { run, place } of members) {
    const value = values[place];
    if (typeof value === 'number' && Number.isFinite(value) && counts(members.length === 1, run.state))
      counted.set(isTotal ? run.number : run.seed, value);
  }
  const numbers = [...counted.values()];
  if (numbers.length === 0)
    return {
      missing: missingWords(
        column,
        members.map(({ run }) => run),
      ),
    };
  if (isTotal) return { value: numbers.reduce((sum, value) => sum + value, 0), n: numbers.length };
  const { mean, sd } = meanAndDeviation(numbers);
  return { value: mean, n: numbers.length, ...(sd === undefined ? {} : { sd }) };
}

function commonCell(column: string, members: readonly Member[], values: ColumnValues): RunsCell {
  const found = members.flatMap(({ place }) => values[place] ?? []);
  if (found.length === 0)
    return {
      missing: missingFact(
        column,
        members.map(({ run }) => run),
      ),
    };
  const distinct = [...new Set(found)];
  if (distinct.length > 1) {
    // Dates of seeds lie close together: the newest stands for them.
    if (kindOf(column) === 'time') return { value: Math.max(...found.map(Number)) };
    return { text: distinct.length <= 3 ? distinct.join(', ') : `${distinct.length} values` };
  }
  const [value] = distinct;
  return typeof value === 'number' ? { value } : { text: value! };
}

/** Why there is no setting or moment; what a person writes may be empty, and says nothing then. */
function missingFact(column: string, runs: readonly Known[]): string {
  if (kindOf(column) === 'time') return missingWords(column, runs);
  return Object.hasOwn(runFields, fieldName(column)) || column.startsWith('my.') ? '' : 'not set';
}

function missingWords(column: string, runs: readonly Known[]): string {
  const states = new Set(runs.map(({ state }) => state));
  // A stopped run has what it reached where it stands alone; a mean over seeds is over those that finished.
  const ended = runs.find(({ state }) => state === 'finished' || (state === 'stopped' && runs.length === 1));
  if (column.startsWith('test.') && ended !== undefined && ended.testShown !== 1) return 'masked';
  if (ended !== undefined) return formulaText(column) === undefined ? 'not recorded' : 'no value';
  if (states.has('imported')) return 'none';
  if (states.has('failed')) return runs.some(({ kind }) => kind === 'diverged') ? 'diverged' : 'failed';
  for (const state of ['running', 'preparing', 'paused', 'lost', 'stopped'] as const) if (states.has(state)) return state;
  return 'not run';
}
