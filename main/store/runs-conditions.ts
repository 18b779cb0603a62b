/**
 * What a runs query selects and how it orders, as SQL over `run r` alone: other tables come in as sub-queries, and whatever a common
 * query reads stands in the index `run_list`, so that no run is read whole (its configuration, record and search text are long).
 */
import type { RunsQuery } from '#contract/view.ts';

export type ParsedRunsQuery = {
  readonly [Key in keyof Required<RunsQuery>]-?: NonNullable<RunsQuery[Key]>;
};

/** Fields that are columns of a run. */
const columns: Readonly<Record<string, string>> = {
  id: 'r.id',
  state: 'r.state',
  dataset: 'coalesce((SELECT d.name FROM dataset d WHERE d.id = r.dataset), r.dataset_name)',
  model: 'r.model_title',
  experiment: '(SELECT e.name FROM experiment e WHERE e.id = r.experiment_id)',
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
export interface Piece {
  readonly sql: string;
  readonly values: readonly Value[];
}

const operators: Readonly<Record<string, string>> = { '=': '=', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>=' };
const escapeLike = (text: string) => text.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`);

/** The value of a field for a run: a column, a metric's reading, or a setting. */
function valueOf(field: string, asText = false): Piece {
  const column = columns[field];
  if (column !== undefined) return { sql: column, values: [] };
  const metric = /^(val|test)\.(.+)$/.exec(field);
  if (metric !== null) {
    const part = metric[1] === 'test' ? 'test' : 'validation';
    // A masked value is none: an order or a filter would give it away.
    const shown = part === 'test' ? ' AND r.test_shown = 1' : '';
    return {
      sql: `(SELECT m.value FROM metric m INDEXED BY metric_reading WHERE m.run = r.number AND m.part = '${part}' AND m.key = ?${shown})`,
      values: [metric[2]!],
    };
  }
  const value = asText ? 's.text' : 'coalesce(s.number, s.text)';
  return { sql: `(SELECT ${value} FROM setting s WHERE s.configuration = r.configuration AND s.key = ?)`, values: [field] };
}

/** Where a word of the search is looked for: each in its own index or small table, once a query and not once a run. */
const places = [
  // Stored in lower case already.
  'r.number IN (SELECT f.number FROM run f WHERE instr(f.search, ?))',
  "r.number IN (SELECT f.number FROM run f WHERE f.note <> '' AND instr(lower(f.note), ?))",
  'r.number IN (SELECT t.run FROM tag t WHERE instr(lower(t.name), ?))',
  'r.dataset IN (SELECT d.id FROM dataset d WHERE instr(lower(d.name), ?))',
  'r.experiment_id IN (SELECT e.id FROM experiment e WHERE instr(lower(e.name), ?))',
  'instr(r.state, ?)',
];

/** The runs a query matches, as a condition on `r`. */
export function conditions(query: ParsedRunsQuery): Piece {
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
    parts.push(`(${places.join(' OR ')})`);
    values.push(...places.map(() => word.toLowerCase()));
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
export function ordering(query: ParsedRunsQuery): { readonly select: Piece; readonly order: string } {
  const select: string[] = [];
  const values: Value[] = [];
  const order: string[] = [];
  for (const [index, { field, descending }] of query.sort.entries()) {
    const value = valueOf(field);
    // Of a group: the mean of what is averaged in its row, else the newest or the common value.
    const isMetric = /^(val|test)\.|^bestEpoch$/.test(field);
    const term = !query.collapse ? value.sql : isMetric ? `avg(CASE WHEN r.state = 'finished' THEN ${value.sql} END)` : `max(${value.sql})`;
    select.push(`, ${term} AS k${index}`);
    values.push(...value.values);
    order.push(`k${index} IS NULL`, `k${index}${descending ? ' DESC' : ''}`);
  }
  return { select: { sql: select.join(''), values }, order: [...order, 'first DESC'].join(', ') };
}
