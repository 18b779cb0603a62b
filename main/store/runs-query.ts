/**
 * The runs table over columns in memory (runs-columns.ts): search, filter, sort, collapse seeds, facets and constants, for any number of
 * runs. What a page shows of its few rows is read from SQL. Test values take part only where they are shown: an order would give a
 * masked value away.
 */
import type { ConfigurationWords } from '#contract/runs-table.ts';
import type { RunsPage } from '#contract/view.ts';
import { configurationWords } from './configuration-words.ts';
import { ConstantSettings } from './constant-settings.ts';
import type { Database } from './database.ts';
import { runColumns, runTables, toRunRows, type RunRow, type StoredRun } from './run-rows.ts';
import { cellColumns, cellsOf, type Cells } from './runs-cells.ts';
import { contestOf, type Contest } from './runs-contest.ts';
import { RunColumns } from './runs-columns.ts';
import { columnSql, type ParsedRunsQuery } from './runs-conditions.ts';
import { facetsOf } from './runs-facets.ts';
import { groupsOf, type Group } from './runs-groups.ts';
import { linesOf, membersOf, orderedLines, type Lines } from './runs-lines.ts';
import { matchesOf } from './runs-matches.ts';
import { meanAndDeviation } from './spread.ts';

/** What run sentences are made of. */
const sentenceMetrics = ['recall@20'];

/** A page without sentences, which the studio adds. */
export interface RunRowsPage extends Omit<RunsPage, 'rows'> {
  readonly rows: readonly (Omit<RunsPage['rows'][number], 'runs'> & { readonly runs: readonly RunRow[] })[];
}

/** What all pages of a query share, however they are grouped and ordered. */
interface Matched {
  readonly matches: Uint8Array;
  readonly totalRuns: number;
  readonly facets: RunsPage['facets'];
  readonly constants: RunsPage['constants'];
}

export class RunsPages {
  readonly #database: Database;
  readonly #columns: RunColumns;
  readonly #constants: ConstantSettings;
  /** The last one: sorting and scrolling ask for the same runs again and again. */
  #last: { readonly of: string; readonly matched: Matched } | undefined;

  /** The last ones. */
  #lines: { readonly matches: Uint8Array; readonly of: string; readonly lines: Lines } | undefined;

  /** The last one: it is asked for column by column. */
  #contest: { readonly lines: Lines; readonly found: Contest } | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#columns = new RunColumns(database);
    this.#constants = new ConstantSettings(database);
  }

  /** Another number whenever a run, or what it is called, has changed. */
  get version(): number {
    void this.#columns.base;
    return this.#columns.version;
  }

  page(query: ParsedRunsQuery): RunRowsPage {
    const { totalRuns, facets, constants } = this.#matched(query);
    const lines = this.#linesOf(query);
    const order = orderedLines(this.#columns, query, lines);
    const members = membersOf(this.#columns, lines, order);
    const stored = this.#database.all<StoredRun>(
      `SELECT ${runColumns} FROM ${runTables} WHERE r.number IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(members.flat())],
    );
    // A page that asks for columns shows their cells; of the rest only the sentence of a run names a metric.
    const rows = toRunRows(this.#database, stored, query.columns.length === 0 ? undefined : sentenceMetrics);
    const byNumber = new Map(stored.map((run, index) => [run.number, rows[index]!]));
    const cells = cellsOf(this.#database, members, query.columns, query.reading);
    const whole = query.collapse ? this.#finishedSeeds(members.map(([number]) => byNumber.get(number!)!)) : [];
    return {
      rows: members.map((numbers, at) => ({
        ...aggregated(
          numbers.map((number) => byNumber.get(number)!),
          whole[at],
          lines.isPart[order[at]!] === 1,
        ),
        ...(query.columns.length === 0 ? {} : { cells: cells[at]! }),
      })),
      totalRows: lines.count,
      totalRuns,
      facets,
      constants,
      // Counted with the first page only: later ones go on in the same groups.
      ...(query.group.length === 0 || query.offset > 0 ? {} : this.#grouped(query, lines)),
    };
  }

  /** The groups of all runs that match. */
  groups(query: ParsedRunsQuery): Group[] {
    return groupsOf(this.#columns, query, this.#linesOf(query));
  }

  #grouped(query: ParsedRunsQuery, lines: Lines): Pick<RunsPage, 'groups' | 'configurations'> {
    const groups = groupsOf(this.#columns, query, lines);
    const at = query.group.indexOf('configuration');
    return at < 0 ? { groups } : { groups, configurations: this.configurationWords(groups.map(({ values }) => String(values[at]))) };
  }

  /** What these configurations are called beside each other, by hash. */
  configurationWords(hashes: readonly string[]): Record<string, ConfigurationWords> {
    const { numbers, coded } = this.#columns.base;
    const { codes, values } = coded.configuration;
    const newest = new Map(Array.from(codes, (code, place) => [values[code]!, numbers[place]!]));
    return configurationWords(
      this.#database,
      hashes.flatMap((hash) => newest.get(hash) ?? []),
    );
  }

  /** Finished seeds of each row's configuration, whatever the query leaves out; the trash is no result. */
  #finishedSeeds(rows: readonly RunRow[]): number[] {
    const counts = new Map(
      this.#database
        .all<{ at: number; seeds: number }>(
          `SELECT asked.key AS at, count(DISTINCT run.seed) AS seeds FROM json_each(?) asked
           JOIN run ON run.dataset = json_extract(asked.value, '$[0]') AND run.configuration = json_extract(asked.value, '$[1]')
           WHERE run.state = 'finished' AND run.trashed_at IS NULL GROUP BY asked.key`,
          [JSON.stringify(rows.map(({ dataset, configHash }) => [dataset, configHash]))],
        )
        .map(({ at, seeds }) => [at, seeds]),
    );
    return rows.map((_, at) => counts.get(at) ?? 0);
  }

  #matched(query: ParsedRunsQuery): Matched {
    const { base } = this.#columns;
    const { offset: _offset, limit: _limit, sort: _sort, group: _group, columns: _columns, ...asked } = query;
    const of = `${this.#columns.version} ${JSON.stringify(asked)}`;
    if (this.#last?.of === of) return this.#last.matched;
    const matches = matchesOf(this.#columns, query);
    const { codes, values } = base.coded.configuration;
    const isMatched = new Uint8Array(values.length);
    let totalRuns = 0;
    for (let place = 0; place < matches.length; place++) {
      if (matches[place] === 0) continue;
      totalRuns += 1;
      isMatched[codes[place]!] = 1;
    }
    const configurations = values.flatMap((_hash, code) => (isMatched[code] === 1 ? [code] : []));
    const matched = {
      matches,
      totalRuns,
      facets: facetsOf(this.#database, this.#columns, matches),
      constants: this.#constants.among(base.coded.configuration, configurations),
    };
    this.#last = { of, matched };
    return matched;
  }

  #linesOf(query: ParsedRunsQuery): Lines {
    const { matches } = this.#matched(query);
    const of = `${query.collapse} ${JSON.stringify(query.group)} ${query.reading}`;
    if (this.#lines?.matches === matches && this.#lines.of === of) return this.#lines.lines;
    const groups = query.collapse ? query.group.map((field) => this.#columns.column(columnSql(field, query.reading))) : [];
    const lines = linesOf(this.#columns, matches, query.collapse, groups);
    this.#lines = { matches, of, lines };
    return lines;
  }

  /** Cells of rows given by the ids of their runs; ids of runs that are gone are passed over. */
  cells(rows: readonly (readonly string[])[], columns: readonly string[], reading: ParsedRunsQuery['reading']): Cells[] {
    const numbers = new Map(
      this.#database
        .all<{ id: string; number: number }>('SELECT id, number FROM run WHERE id IN (SELECT value FROM json_each(?))', [
          JSON.stringify(rows.flat()),
        ])
        .map(({ id, number }) => [id, number]),
    );
    return cellsOf(
      this.#database,
      rows.map((ids) => ids.flatMap((id) => numbers.get(id) ?? [])),
      columns,
      reading,
    );
  }

  /** Ids of all runs a query matches, newest first. */
  matching(query: ParsedRunsQuery): string[] {
    const matches = matchesOf(this.#columns, query);
    const numbers = Array.from(this.#columns.base.numbers.filter((_number, place) => matches[place] === 1));
    return this.#database
      .plain<{ id: string }>('SELECT r.id FROM run r WHERE r.number IN (SELECT value FROM json_each(?)) ORDER BY r.number DESC', [
        JSON.stringify(numbers),
      ])
      .map(({ id }) => id);
  }

  /** Which rows of a query may be marked beside each other; none where seeds stand apart, for they are never ranked. */
  contest(query: ParsedRunsQuery): Contest | undefined {
    if (!query.collapse) return undefined;
    const lines = this.#linesOf(query);
    if (this.#contest?.lines !== lines) this.#contest = { lines, found: contestOf(this.#columns, query, lines) };
    return this.#contest.found;
  }

  /** Rows of a query in its order, each as the numbers of its runs: all of them, whatever is shown. */
  rowsOf(query: ParsedRunsQuery): readonly (readonly number[])[] {
    const lines = this.#linesOf(query);
    return membersOf(this.#columns, lines, orderedLines(this.#columns, { ...query, offset: 0, limit: -1 }, lines));
  }

  /** Cells of rows given by run numbers, for exports: by column, in the order of the rows. */
  cellsOfNumbers(
    rows: readonly (readonly number[])[],
    columns: readonly string[],
    reading: ParsedRunsQuery['reading'],
  ): ReturnType<typeof cellColumns> {
    return cellColumns(this.#database, rows, columns, reading);
  }

  /** What decides whether these runs can be compared: each dataset with the splits and protocols they were run under. */
  groundsOf(numbers: readonly number[]): { dataset: string; splitHash: string; protocol: string | null }[] {
    return this.#database.all(
      `SELECT DISTINCT r.dataset, coalesce(json_extract(r.provenance, '$.splitHash'), r.data_hash) AS split_hash,
         json_extract(r.config, '$.protocol') AS protocol
       FROM run r WHERE r.number IN (SELECT value FROM json_each(?)) AND r.state <> 'imported' ORDER BY 1, 2, 3`,
      [JSON.stringify(numbers)],
    );
  }

  /** By the number of a run: its settings that are not those of its preset, as screens name it. */
  differencesOf(numbers: readonly number[]): ReadonlyMap<number, RunRow['differences']> {
    const rows = this.#database.all<{ number: number; differences: string }>(
      'SELECT number, differences FROM run WHERE number IN (SELECT value FROM json_each(?))',
      [JSON.stringify(numbers)],
    );
    return new Map(rows.map(({ number, differences }) => [number, JSON.parse(differences) as RunRow['differences']]));
  }
}

/** Every setting that a stored run was configured with, those of models that are gone included. */
export function storedSettings(database: Database): string[] {
  return database.all<{ key: string }>('SELECT DISTINCT key FROM setting ORDER BY key').map((row) => row.key);
}

/** Seeds are replicates: means and sample sds over the finished runs of a row, the newest run of a seed that ran twice. An imported run is alone in its row. */
function aggregated(runs: readonly RunRow[], whole: number | undefined = 0, isPart: boolean): RunRowsPage['rows'][number] {
  const sorted = [...runs].sort((a, b) => a.seed - b.seed || a.createdAt - b.createdAt);
  const bySeed = new Map<number, RunRow>();
  for (const run of sorted)
    if ((run.state === 'finished' || run.state === 'imported') && run.validation !== undefined) bySeed.set(run.seed, run);
  const finished = [...bySeed.values()];
  const validation = finished.map((run) => run.validation!);
  const tests = finished.flatMap((run) => (run.test.state === 'shown' ? [run.test.values] : []));
  const first = sorted[0]!;
  const { mean, sd } = spread(validation);
  const allShown = finished.length > 0 && tests.length === finished.length;
  const test = spread(tests);
  return {
    key: `${first.dataset} ${first.configHash}${runs.length === 1 || isPart ? ` ${runs[0]!.id}` : ''}`,
    runs: sorted,
    n: finished.length,
    ...(whole > finished.length && finished.length > 0 ? { of: whole } : {}),
    mean,
    sd,
    ...(allShown ? { testMean: test.mean, testSd: test.sd } : {}),
  };
}

/** Mean and sample standard deviation per key (sd only for two or more values). */
export function spread(values: readonly Readonly<Record<string, number>>[]): { mean: Record<string, number>; sd: Record<string, number> } {
  const mean: Record<string, number> = {};
  const sd: Record<string, number> = {};
  for (const key of Object.keys(values[0] ?? {})) {
    const found = meanAndDeviation(values.flatMap((entry) => entry[key] ?? []));
    mean[key] = found.mean;
    if (found.sd !== undefined) sd[key] = found.sd;
  }
  return { mean, sd };
}
