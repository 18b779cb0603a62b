/**
 * The runs table over SQL: search, filter, sort, collapse seeds, facets and constants, for any number of runs. Values live in
 * (run, part, key) and (configuration, key) tables, so a filter touches an index and never a JSON column. Test values take part only
 * where they are shown: an order would give a masked value away.
 */
import type { RunsPage, RunsQuery } from '#contract/view.ts';
import type { Database } from './database.ts';
import { runColumns, runTables, toRunRows, type RunRow, type StoredRun } from './run-rows.ts';

export type ParsedRunsQuery = {
  readonly [Key in keyof Required<RunsQuery>]-?: NonNullable<RunsQuery[Key]>;
};

/** A page without sentences, which the studio adds. */
export interface RunRowsPage extends Omit<RunsPage, 'rows'> {
  readonly rows: readonly (Omit<RunsPage['rows'][number], 'runs'> & { readonly runs: readonly RunRow[] })[];
}

/** Fields that are columns of a run. */
const columns: Readonly<Record<string, string>> = {
  id: 'r.id',
  state: 'r.state',
  dataset: 'coalesce(d.name, r.dataset_name)',
  model: 'r.model_title',
  experiment: 'e.name',
  seed: 'r.seed',
  starred: 'r.starred',
  device: 'r.device',
  note: 'r.note',
  createdAt: 'r.created_at',
  startedAt: 'r.started_at',
  endedAt: 'r.ended_at',
  epochs: 'r.epochs',
  bestEpoch: 'r.best_epoch',
  secondsPerEpoch: 'r.seconds_per_epoch',
  evaluationSeconds: 'r.evaluation_seconds',
  elapsedSeconds: 'r.elapsed_ms',
  peakMemoryBytes: 'r.peak_memory_bytes',
};

/** Names a comparison or an order may use beside metrics (`val.…`, `test.…`) and settings; `tag` only compares. */
export const runFields: readonly string[] = [...Object.keys(columns), 'tag'];

type Value = string | number;
interface Piece {
  readonly sql: string;
  readonly values: readonly Value[];
}

const operators: Readonly<Record<string, string>> = { '=': '=', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>=' };
const escapeLike = (text: string) => text.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`);

/** The value of a field for a run: a column, a metric's reading, or a setting. `aggregate` folds it over the seeds of a group. */
function valueOf(field: string, asText = false): Piece {
  const column = columns[field];
  if (column !== undefined) return { sql: column, values: [] };
  const metric = /^(val|test)\.(.+)$/.exec(field);
  if (metric !== null) {
    const part = metric[1] === 'test' ? 'test' : 'validation';
    const shown = part === 'test' ? ' AND r.test_shown = 1' : '';
    return {
      sql: `(SELECT m.value FROM metric m WHERE m.run = r.number AND m.part = '${part}' AND m.key = ?${shown})`,
      values: [metric[2]!],
    };
  }
  const value = asText ? 's.text' : 'coalesce(s.number, s.text)';
  return { sql: `(SELECT ${value} FROM setting s WHERE s.configuration = r.configuration AND s.key = ?)`, values: [field] };
}

function conditions(query: ParsedRunsQuery): Piece {
  const parts: string[] = [query.trashed ? 'r.trashed_at IS NOT NULL' : 'r.trashed_at IS NULL'];
  const values: Value[] = [];
  const among = (sql: string, list: readonly string[]) => {
    if (list.length === 0) return;
    parts.push(`${sql} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(list));
  };
  among('r.state', query.states);
  among('r.dataset', query.datasets);
  among('r.model', query.models);
  if (query.experiments.length > 0) {
    parts.push('r.id IN (SELECT c.run_id FROM experiment_cell c WHERE c.experiment_id IN (SELECT value FROM json_each(?)))');
    values.push(JSON.stringify(query.experiments));
  }
  if (query.tags.length > 0) {
    parts.push('r.number IN (SELECT t.run FROM tag t WHERE t.name IN (SELECT value FROM json_each(?)))');
    values.push(JSON.stringify(query.tags));
  }
  if (query.starred) parts.push('r.starred = 1');
  for (const word of query.search.split(/\s+/).filter((found) => found !== '')) {
    const like = `%${escapeLike(word)}%`;
    parts.push(
      "(r.search LIKE ? ESCAPE '\\' OR lower(r.note) LIKE ? ESCAPE '\\' OR lower(coalesce(d.name, '')) LIKE ? ESCAPE '\\' OR lower(e.name) LIKE ? ESCAPE '\\' OR r.state LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM tag t WHERE t.run = r.number AND lower(t.name) LIKE ? ESCAPE '\\'))",
    );
    values.push(like, like, like, like, like, like);
  }
  for (const { field, operator, value } of query.where) {
    if (field === 'tag') {
      parts.push(
        `${operator === '!=' ? 'NOT ' : ''}EXISTS (SELECT 1 FROM tag t WHERE t.run = r.number AND t.name ${operator === 'contains' ? "LIKE '%' || ? || '%'" : '= ?'})`,
      );
      values.push(String(value));
      continue;
    }
    const source = valueOf(field, operator === 'contains');
    // Stored in milliseconds, named in seconds.
    const bound = field === 'elapsedSeconds' && typeof value === 'number' ? value * 1000 : value;
    if (operator === 'contains') {
      parts.push(`lower(${source.sql}) LIKE ? ESCAPE '\\'`);
      values.push(...source.values, `%${escapeLike(String(value))}%`);
    } else {
      parts.push(`${source.sql} ${operators[operator]!} ?`);
      values.push(...source.values, bound);
    }
  }
  return { sql: parts.join(' AND '), values };
}

/** `ORDER BY` terms over rows named k0, k1 …; missing values come last in either direction. */
function ordering(query: ParsedRunsQuery): { readonly select: Piece; readonly order: string } {
  const select: string[] = [];
  const values: Value[] = [];
  const order: string[] = [];
  for (const [index, { field, descending }] of query.sort.entries()) {
    const value = valueOf(field);
    // Of a group: the mean of what is averaged in its row, else the newest or the common value.
    const isMetric = /^(val|test)\./.test(field);
    const term = !query.collapse ? value.sql : isMetric ? `avg(CASE WHEN r.state = 'finished' THEN ${value.sql} END)` : `max(${value.sql})`;
    select.push(`${term} AS k${index}`);
    values.push(...value.values);
    order.push(`k${index} IS NULL`, `k${index}${descending ? ' DESC' : ''}`);
  }
  return { select: { sql: select.map((term) => `, ${term}`).join(''), values }, order: [...order, 'first DESC'].join(', ') };
}

/** Pages of runs. Keeps the constants of the set it saw last: settings of a configuration never change. */
export class RunsPages {
  readonly #database: Database;
  #constants: { readonly of: string; readonly value: RunsPage['constants'] } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  page(query: ParsedRunsQuery): RunRowsPage {
    return runsPage(this.#database, query, (configurations) => {
      const of = configurations.join();
      if (this.#constants?.of !== of) this.#constants = { of, value: constantsOf(this.#database, configurations) };
      return this.#constants.value;
    });
  }
}

function runsPage(
  database: Database,
  query: ParsedRunsQuery,
  constants: (configurations: readonly string[]) => RunsPage['constants'],
): RunRowsPage {
  const where = conditions(query);
  const { select, order } = ordering(query);
  const group = query.collapse ? 'GROUP BY r.dataset, r.configuration' : 'GROUP BY r.number';
  const groups = database.all<{ first: number; numbers: string }>(
    `SELECT max(r.number) AS first, json_group_array(r.number) AS numbers${select.sql} FROM ${runTables} WHERE ${where.sql} ${group} ORDER BY ${order} LIMIT ? OFFSET ?`,
    [...select.values, ...where.values, query.limit, query.offset],
  );
  const numbers = groups.map((row) => JSON.parse(row.numbers) as number[]);
  const stored = database.all<StoredRun>(`SELECT ${runColumns} FROM ${runTables} WHERE r.number IN (SELECT value FROM json_each(?))`, [
    JSON.stringify(numbers.flat()),
  ]);
  const rows = toRunRows(database, stored);
  const byNumber = new Map(stored.map((run, index) => [run.number, rows[index]!]));
  const matched = database.all<Matched>(
    `SELECT r.number, r.state, r.dataset, coalesce(d.name, r.dataset_name) AS dataset_name, r.model, r.model_title, r.experiment_id, e.name AS experiment_name, r.configuration FROM ${runTables} WHERE ${where.sql}`,
    where.values,
  );
  return {
    rows: numbers.map((members) => aggregated(members.map((number) => byNumber.get(number)!))),
    totalRows: query.collapse ? new Set(matched.map((run) => `${run.dataset} ${run.configuration}`)).size : matched.length,
    totalRuns: matched.length,
    facets: facetsOf(database, matched),
    constants: constants([...new Set(matched.map((run) => run.configuration))]),
  };
}

/** Every setting that a stored run was configured with, those of models that are gone included. */
export function storedSettings(database: Database): string[] {
  return database.all<{ key: string }>('SELECT DISTINCT key FROM setting ORDER BY key').map((row) => row.key);
}

/** Ids of every run a query matches, for actions on all matched. */
export function matchingIds(database: Database, query: ParsedRunsQuery): string[] {
  const where = conditions(query);
  return database
    .all<{ id: string }>(`SELECT r.id FROM ${runTables} WHERE ${where.sql} ORDER BY r.number`, where.values)
    .map((row) => row.id);
}

interface Matched {
  number: number;
  state: string;
  dataset: string;
  datasetName: string;
  model: string;
  modelTitle: string;
  experimentId: string;
  experimentName: string;
  configuration: string;
}

function facetsOf(database: Database, matched: readonly Matched[]): RunsPage['facets'] {
  const count = (value: (run: Matched) => string, label: (run: Matched) => string) => {
    const found = new Map<string, { value: string; label: string; count: number }>();
    for (const run of matched) {
      const key = value(run);
      const entry = found.get(key);
      if (entry === undefined) found.set(key, { value: key, label: label(run), count: 1 });
      else entry.count += 1;
    }
    return [...found.values()].sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
  };
  const numbers = JSON.stringify(matched.map((run) => run.number));
  const tags = database.all<{ value: string; count: number }>(
    'SELECT name AS value, count(*) AS count FROM tag WHERE run IN (SELECT value FROM json_each(?)) GROUP BY name ORDER BY count DESC, name',
    [numbers],
  );
  return {
    state: count(
      (run) => run.state,
      (run) => run.state,
    ),
    dataset: count(
      (run) => run.dataset,
      (run) => run.datasetName,
    ),
    model: count(
      (run) => run.model,
      (run) => run.modelTitle,
    ),
    experiment: count(
      (run) => run.experimentId,
      (run) => run.experimentName,
    ),
    tag: tags.map((tag) => ({ ...tag, label: tag.value })),
  };
}

/** Settings that every matched run has with the same value. */
function constantsOf(database: Database, configurations: readonly string[]): RunsPage['constants'] {
  if (configurations.length === 0) return [];
  return database.all<{ key: string; value: string }>(
    'SELECT key, min(text) AS value FROM setting WHERE configuration IN (SELECT value FROM json_each(?)) GROUP BY key HAVING count(*) = ? AND min(text) = max(text) ORDER BY key',
    [JSON.stringify(configurations), configurations.length],
  );
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
