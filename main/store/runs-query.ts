/**
 * The runs table over SQL: search, filter, sort, collapse seeds, facets and constants, for any number of runs. Values live in
 * (run, part, key) and (configuration, key) tables, so a filter touches an index and never a JSON column. Test values take part only
 * where they are shown: an order would give a masked value away.
 */
import type { RunsPage } from '#contract/view.ts';
import type { Database } from './database.ts';
import { runColumns, runTables, toRunRows, type RunRow, type StoredRun } from './run-rows.ts';
import { conditions, ordering, type ParsedRunsQuery, type Piece } from './runs-conditions.ts';
import { ConstantSettings } from './constant-settings.ts';
import { facetsOf, type MatchedGroup } from './runs-facets.ts';

/** A page without sentences, which the studio adds. */
export interface RunRowsPage extends Omit<RunsPage, 'rows'> {
  readonly rows: readonly (Omit<RunsPage['rows'][number], 'runs'> & { readonly runs: readonly RunRow[] })[];
}

export class RunsPages {
  readonly #database: Database;
  readonly #constants: ConstantSettings;

  constructor(database: Database) {
    this.#database = database;
    this.#constants = new ConstantSettings(database);
  }

  page(query: ParsedRunsQuery): RunRowsPage {
    const where = this.#matching(query);
    const members = this.#members(query, where);
    const stored = this.#database.all<StoredRun>(
      `SELECT ${runColumns} FROM ${runTables} WHERE r.number IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(members.flat())],
    );
    const rows = toRunRows(this.#database, stored);
    const byNumber = new Map(stored.map((run, index) => [run.number, rows[index]!]));
    // What matches, counted by all that the facets ask for at once: one pass over an index, and far fewer rows than runs.
    const matched = this.#database.all<MatchedGroup>(
      `SELECT r.dataset, r.configuration, r.state, r.model, r.experiment_id, count(*) AS count, max(r.number) AS newest FROM run r WHERE ${where.sql} GROUP BY r.dataset, r.configuration, r.state, r.model, r.experiment_id`,
      where.values,
    );
    const totalRuns = matched.reduce((sum, group) => sum + group.count, 0);
    return {
      rows: members.map((numbers) => aggregated(numbers.map((number) => byNumber.get(number)!))),
      totalRows: query.collapse ? new Set(matched.map((group) => `${group.dataset} ${group.configuration}`)).size : totalRuns,
      totalRuns,
      facets: facetsOf(this.#database, matched, where),
      constants: this.#constants.among(new Set(matched.map((group) => group.configuration))),
    };
  }

  /** The condition of a query. A search reads all texts, so it is made once and its matches stand for it. */
  #matching(query: ParsedRunsQuery): Piece {
    const where = conditions(query);
    if (query.search.trim() === '') return where;
    const found = this.#database.all<{ number: number }>(`SELECT r.number FROM run r WHERE ${where.sql}`, where.values);
    const trashed = query.trashed ? 'NOT NULL' : 'NULL';
    return {
      // The sign keeps SQLite to the index that has all columns asked for, instead of fetching each run whole.
      sql: `r.trashed_at IS ${trashed} AND +r.number IN (SELECT value FROM json_each(?))`,
      values: [JSON.stringify(found.map(({ number }) => number))],
    };
  }

  /** Numbers of the runs in each row of the page. */
  #members(query: ParsedRunsQuery, where: Piece): readonly (readonly number[])[] {
    const { select, order } = ordering(query);
    const values = [...select.values, ...where.values, query.limit, query.offset];
    const row = query.collapse
      ? 'max(r.number) AS first, json_group_array(r.number) AS numbers'
      : 'r.number AS first, json_array(r.number) AS numbers';
    const group = query.collapse ? 'GROUP BY r.dataset, r.configuration' : '';
    // Made before it is ordered: else each key is computed anew for every term of the order.
    const sql = `WITH line AS MATERIALIZED (SELECT ${row}${select.sql} FROM run r WHERE ${where.sql} ${group}) SELECT numbers FROM line ORDER BY ${order} LIMIT ? OFFSET ?`;
    return this.#database.all<{ numbers: string }>(sql, values).map(({ numbers }) => JSON.parse(numbers) as number[]);
  }
}

/** Every setting that a stored run was configured with, those of models that are gone included. */
export function storedSettings(database: Database): string[] {
  return database.all<{ key: string }>('SELECT DISTINCT key FROM setting ORDER BY key').map((row) => row.key);
}

/** Seeds are replicates: means and sample sds over the finished runs of a row, the newest run of a seed that ran twice. */
function aggregated(runs: readonly RunRow[]): RunRowsPage['rows'][number] {
  const sorted = [...runs].sort((a, b) => a.seed - b.seed || a.createdAt - b.createdAt);
  const bySeed = new Map<number, RunRow>();
  for (const run of sorted) if (run.state === 'finished' && run.validation !== undefined) bySeed.set(run.seed, run);
  const finished = [...bySeed.values()];
  const validation = finished.map((run) => run.validation!);
  const tests = finished.flatMap((run) => (run.test.state === 'shown' ? [run.test.values] : []));
  const first = sorted[0]!;
  const { mean, sd } = spread(validation);
  const allShown = finished.length > 0 && tests.length === finished.length;
  const test = spread(tests);
  return {
    key: `${first.dataset} ${first.configHash}${runs.length === 1 ? ` ${first.id}` : ''}`,
    runs: sorted,
    n: finished.length,
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
    const numbers = values.flatMap((entry) => entry[key] ?? []);
    const average = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    mean[key] = average;
    if (numbers.length > 1) sd[key] = Math.sqrt(numbers.reduce((sum, value) => sum + (value - average) ** 2, 0) / (numbers.length - 1));
  }
  return { mean, sd };
}
