/** Cells of the runs table: for rows of one or several runs, the value of each column asked for, or why there is none. */
import type { RunState } from '#contract/run.ts';
import { formulaText, kindOf } from '#contract/runs-fields.ts';
import type { Reading, RunsCell } from '#contract/runs-table.ts';
import type { Database } from './database.ts';
import { columnSql } from './runs-conditions.ts';
import { meanAndDeviation } from './spread.ts';

/** What a cell must know of a run beside its value. */
interface Known {
  readonly number: number;
  readonly state: RunState;
  readonly seed: number;
  readonly testShown: number;
  readonly kind: string | null;
}

export type Cells = Readonly<Record<string, RunsCell>>;

/** Numbers are averaged over seeds; what a run was set to do is the same in all of them, or several values. */
const averagedFields = new Set([
  'bestEpoch',
  'epochs',
  'elapsedSeconds',
  'secondsPerEpoch',
  'evaluationSeconds',
  'peakMemoryBytes',
  'fileBytes',
]);
const isMean = (column: string): boolean =>
  formulaText(column) !== undefined || /^(?:val|last|min|max|test|log)\./.test(column) || averagedFields.has(column);
/** Whole over a row instead of averaged: how much disk its runs take. */
const isTotal = (column: string): boolean => column === 'fileBytes';

/** Values by run number. One query a column: rows of a page are few, columns in sight too. */
function valuesOf(database: Database, numbers: string, column: string, reading: Reading): Map<number, string | number> {
  const value = columnSql(column, reading);
  const rows = database.plain<{ number: number; value: string | number | null }>(
    `SELECT r.number AS number, ${value.sql} AS value FROM run r WHERE r.number IN (SELECT value FROM json_each(?))`,
    [...value.values, numbers],
  );
  const found = new Map<number, string | number>();
  for (const { number, value: stored } of rows) if (stored !== null) found.set(number, stored);
  return found;
}

/** Cells of rows, each given as the numbers of its runs, oldest first. */
export function cellsOf(database: Database, rows: readonly (readonly number[])[], columns: readonly string[], reading: Reading): Cells[] {
  if (columns.length === 0) return rows.map(() => ({}));
  const numbers = JSON.stringify(rows.flat());
  const known = new Map(
    database
      .all<Known>(
        "SELECT r.number, r.state, r.seed, r.test_shown, json_extract(r.problem, '$.kind') AS kind FROM run r WHERE r.number IN (SELECT value FROM json_each(?))",
        [numbers],
      )
      .map((run) => [run.number, run]),
  );
  const cells = rows.map((): Record<string, RunsCell> => ({}));
  const runsOf = rows.map((row) => row.flatMap((number) => known.get(number) ?? []));
  for (const column of columns) {
    const values = valuesOf(database, numbers, column, reading);
    for (const [at, runs] of runsOf.entries()) {
      cells[at]![column] = isMean(column) ? meanCell(column, runs, values) : commonCell(column, runs, values);
    }
  }
  return cells;
}

/** Of one run what it has, of seeds the mean over those that finished, the newest run of each. */
function meanCell(column: string, runs: readonly Known[], values: ReadonlyMap<number, string | number>): RunsCell {
  const isMetric = !averagedFields.has(column);
  const counted = new Map<number, number>();
  for (const run of runs) {
    const value = values.get(run.number);
    const counts = isTotal(column) || (runs.length === 1 ? !isMetric || run.state !== 'failed' : run.state === 'finished');
    if (typeof value === 'number' && Number.isFinite(value) && counts) counted.set(isTotal(column) ? run.number : run.seed, value);
  }
  const numbers = [...counted.values()];
  if (numbers.length === 0) return { missing: missingWords(column, runs) };
  if (isTotal(column)) return { value: numbers.reduce((sum, value) => sum + value, 0), n: numbers.length };
  const { mean, sd } = meanAndDeviation(numbers);
  return { value: mean, n: numbers.length, ...(sd === undefined ? {} : { sd }) };
}

function commonCell(column: string, runs: readonly Known[], values: ReadonlyMap<number, string | number>): RunsCell {
  const found = runs.flatMap(({ number }) => values.get(number) ?? []);
  if (found.length === 0) return { missing: '' };
  const distinct = [...new Set(found)];
  if (distinct.length > 1) {
    // Dates of seeds lie close together: the newest stands for them.
    if (kindOf(column) === 'time') return { value: Math.max(...found.map(Number)) };
    return { text: distinct.length <= 3 ? distinct.join(', ') : `${distinct.length} values` };
  }
  const [value] = distinct;
  return typeof value === 'number' ? { value } : { text: value! };
}

function missingWords(column: string, runs: readonly Known[]): string {
  const states = new Set(runs.map(({ state }) => state));
  const ended = runs.find(({ state }) => state === 'finished' || state === 'stopped');
  if (column.startsWith('test.') && ended !== undefined && ended.testShown !== 1) return 'masked';
  if (ended !== undefined) return formulaText(column) === undefined ? 'not recorded' : 'no value';
  if (states.has('imported')) return 'none';
  if (states.has('failed')) return runs.some(({ kind }) => kind === 'diverged') ? 'diverged' : 'failed';
  for (const state of ['running', 'preparing', 'paused', 'lost'] as const) if (states.has(state)) return state;
  return 'not run';
}
