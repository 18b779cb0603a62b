/** The groups that rows of the runs table stand in: what they are called, and what all their finished runs come to. */
import type { RunsCell } from '#contract/runs-table.ts';
import { apartFields, type ApartField, type RunsPage } from '#contract/view.ts';
import { columnSql, foldOf, isResult, type ParsedRunsQuery } from './runs-conditions.ts';
import type { Column, RunColumns } from './runs-columns.ts';
import { lineValues, ranAgain, type Lines } from './runs-lines.ts';
import { meanAndDeviation } from './spread.ts';

/** With how many configurations the runs are of that belong to it. */
export type Group = NonNullable<RunsPage['groups']>[number] & { readonly configurations: number };
type GroupValue = Group['values'][number];

interface Building {
  readonly keys: readonly number[];
  rows: number;
  running: number;
  failed: number;
  /** Places of its runs, and of those among them that finished. */
  readonly all: number[];
  readonly finished: number[];
}

/** In the order in which their rows stand: the runs of a row have the values of its group (linesOf). */
export function groupsOf(columns: RunColumns, query: ParsedRunsQuery, lines: Lines): Group[] {
  const fields = query.group.map((field) => columns.column(columnSql(field, query.reading)));
  const perLine = fields.map((column) => lineValues(lines, column));
  const groups = new Map<string, Building>();
  const ofLine: Building[] = [];
  for (let line = 0; line < lines.count; line++) {
    const keys = perLine.map((values) => values[line]!);
    const name = keys.join();
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = { keys, rows: 0, running: 0, failed: 0, all: [], finished: [] }));
    group.rows += 1;
    ofLine.push(group);
  }
  const { codes, values: states } = columns.base.coded.state;
  for (let place = 0; place < lines.of.length; place++) {
    const line = lines.of[place]!;
    if (line < 0) continue;
    const state = states[codes[place]!];
    const group = ofLine[line]!;
    group.all.push(place);
    if (state === 'finished') group.finished.push(place);
    if (state === 'preparing' || state === 'running') group.running += 1;
    if (state === 'failed') group.failed += 1;
  }
  const folded = query.columns.flatMap((name) => {
    const fold = foldOf(name);
    return fold === undefined ? [] : [{ name, fold, column: columns.column(columnSql(name, query.reading)) }];
  });
  const families = apartFields.map((field) => ({ field, column: columns.column(columnSql(field, query.reading)) }));
  return [...groups.values()]
    .sort((a, b) => compared(a.keys, b.keys))
    .map(({ keys, all, finished, ...counts }) => {
      const here = new Set(finished);
      const apart = apartIn(families, finished);
      const own = apart === undefined ? folded : folded.filter(({ name }) => !isResult(name));
      return {
        values: keys.map((key, at) => valueOf(fields[at]!, key)),
        ...counts,
        runs: all.length,
        finished: finished.length,
        configurations: new Set(all.map((place) => columns.base.lines[place]!)).size,
        cells: Object.fromEntries(
          own.flatMap(({ name, fold, column }) => (fold.isTotal ? sumOf(name, column, all) : meanOf(columns, name, column, here))),
        ),
        ...(apart === undefined ? {} : { apart }),
      };
    });
}

/** The first field in which finished runs are of different questions. */
function apartIn(
  families: readonly { readonly field: ApartField; readonly column: Column }[],
  places: readonly number[],
): ApartField | undefined {
  return families.find(({ column: { numbers } }) => places.some((place) => !Object.is(numbers[place], numbers[places[0]!])))?.field;
}

function valueOf({ values }: Column, key: number): GroupValue {
  if (Number.isNaN(key)) return null;
  return values === undefined ? key : values[key]!;
}

/** Missing values last. */
function compared(a: readonly number[], b: readonly number[]): number {
  for (const [at, one] of a.entries()) {
    const other = b[at]!;
    if (Number.isNaN(one) !== Number.isNaN(other)) return Number.isNaN(one) ? 1 : -1;
    if (one < other) return -1;
    if (one > other) return 1;
  }
  return 0;
}

/** Over all of these runs that have the value, whatever became of them. */
function sumOf(name: string, { numbers }: Column, places: readonly number[]): [string, RunsCell][] {
  const known = places.flatMap((place) => (Number.isNaN(numbers[place]!) ? [] : [numbers[place]!]));
  return known.length === 0 ? [] : [[name, { value: known.reduce((sum, value) => sum + value, 0), n: known.length }]];
}

/** Over those of these runs that have the value, the newest of each seed; none for words. */
function meanOf(columns: RunColumns, name: string, { numbers, values }: Column, runs: ReadonlySet<number>): [string, RunsCell][] {
  if (values !== undefined) return [];
  const hasValue = (place: number) => !Number.isNaN(numbers[place]!);
  const counts = (place: number) => hasValue(place) && runs.has(place);
  const known = [...runs].filter((place) => hasValue(place) && !ranAgain(columns, place, counts)).map((place) => numbers[place]!);
  if (known.length === 0) return [];
  const { mean, sd } = meanAndDeviation(known);
  return [[name, { value: mean, n: known.length, ...(sd === undefined ? {} : { sd }) }]];
}
