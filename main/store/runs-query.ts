/**
 * The runs table over SQL: search, filter, sort, collapse seeds, facets and constants, for any number of runs. Values live in
 * (run, part, key) and (configuration, key) tables, so a filter touches an index and never a JSON column. Test values take part only
 * where they are shown: an order would give a masked value away.
 */
import type { RunsPage } from '#contract/view.ts';
import type { Database } from './database.ts';
import { runColumns, runTables, toRunRows, type RunRow, type StoredRun } from './run-rows.ts';
import { cellsOf, type Cells } from './runs-cells.ts';
import { conditions, looksForWords, ordering, type ParsedRunsQuery } from './runs-conditions.ts';
import { groupsOf } from './runs-groups.ts';
import type { Piece } from './runs-values.ts';
import { ConstantSettings } from './constant-settings.ts';
import { meanAndDeviation } from './spread.ts';
import { facetsOf, type MatchedGroup } from './runs-facets.ts';

/** What run sentences are made of. */
const sentenceMetrics = ['recall@20'];

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
    // A page that asks for columns shows their cells; of the rest only the sentence of a run names a metric.
    const rows = toRunRows(this.#database, stored, query.columns.length === 0 ? undefined : sentenceMetrics);
    const byNumber = new Map(stored.map((run, index) => [run.number, rows[index]!]));
    // What matches, counted by all that the facets ask for at once: one pass over an index, and far fewer rows than runs.
    const matched = this.#database.all<MatchedGroup>(
      `SELECT r.dataset, r.configuration, r.state, r.model, r.experiment_id, count(*) AS count, max(r.number) AS newest FROM run r WHERE ${where.sql} GROUP BY r.dataset, r.configuration, r.state, r.model, r.experiment_id`,
      where.values,
    );
    const totalRuns = matched.reduce((sum, group) => sum + group.count, 0);
    const cells = cellsOf(this.#database, members, query.columns, query.reading);
    return {
      rows: members.map((numbers, at) => ({
        ...aggregated(numbers.map((number) => byNumber.get(number)!)),
        ...(query.columns.length === 0 ? {} : { cells: cells[at]! }),
      })),
      totalRows: query.collapse ? new Set(matched.map((group) => `${group.dataset} ${group.configuration}`)).size : totalRuns,
      totalRuns,
      facets: facetsOf(this.#database, matched, where),
      constants: this.#constants.among(new Set(matched.map((group) => group.configuration))),
      // Counted with the first page only: later ones go on in the same groups.
      ...(query.group.length === 0 || query.offset > 0 ? {} : { groups: groupsOf(this.#database, query, where) }),
    };
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
    const where = conditions(query);
    return this.#database
      .all<{ id: string }>(`SELECT r.id FROM run r WHERE ${where.sql} ORDER BY r.number DESC`, where.values)
      .map(({ id }) => id);
  }

  /** Rows of a query in its order, each as the numbers of its runs: all of them, whatever is shown. */
  rowsOf(query: ParsedRunsQuery): readonly (readonly number[])[] {
    return this.#members({ ...query, offset: 0, limit: -1 }, this.#matching(query));
  }

  /** Cells of rows given by run numbers, for exports. */
  cellsOfNumbers(rows: readonly (readonly number[])[], columns: readonly string[], reading: ParsedRunsQuery['reading']): Cells[] {
    return cellsOf(this.#database, rows, columns, reading);
  }

  /** The condition of a query. A search reads all texts, so it is made once and its matches stand for it. */
  #matching(query: ParsedRunsQuery): Piece {
    const where = conditions(query);
    if (!looksForWords(query)) return where;
    const found = this.#database.all<{ number: number }>(`SELECT r.number FROM run r WHERE ${where.sql}`, where.values);
    return {
      // The index has all columns asked for; without it each run found would be fetched whole.
      sql: `${query.trashed ? 'r.trashed_at IS NOT NULL AND ' : /trashed/.test(query.filter) ? '' : 'r.trashed_at IS NULL AND '}+r.number IN (SELECT value FROM json_each(?))`,
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
    const found = meanAndDeviation(values.flatMap((entry) => entry[key] ?? []));
    mean[key] = found.mean;
    if (found.sd !== undefined) sd[key] = found.sd;
  }
  return { mean, sd };
}
