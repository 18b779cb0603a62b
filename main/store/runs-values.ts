/**
 * Values of a run as SQL over `run r` alone: its fields, its settings, the readings of its metrics, a person's own columns, and formulas
 * over them. Other tables come in as sub-queries, and whatever a common query reads stands in the index `run_list`, so that no run is
 * read whole (its configuration, record and search text are long).
 */
import { measuredOf, type Expression, type Measured } from '#contract/runs-expression.ts';
import { fieldName, kindOf } from '#contract/runs-fields.ts';
import type { Reading } from '#contract/runs-table.ts';

export type Value = string | number;
export interface Piece {
  readonly sql: string;
  readonly values: readonly Value[];
  /** Where all values of it can be read at once, for those that keep them. */
  readonly from?: Whole;
}

/** A metric at the best epoch by part, its reading at another, or a setting as it is stored, as a number or as a text. */
export type Whole =
  | { readonly kind: 'metric'; readonly part: 'validation' | 'test' | 'log'; readonly key: string }
  | { readonly kind: 'reading'; readonly of: 'last' | 'low' | 'high'; readonly key: string }
  | { readonly kind: 'setting'; readonly key: string; readonly as: 'stored' | 'number' | 'text' };

export const datasetName = 'coalesce((SELECT d.name FROM dataset d WHERE d.id = r.dataset), r.dataset_name)';
const experimentName = '(SELECT e.name FROM experiment e WHERE e.id = r.experiment_id)';

/** Fields that are columns of a run. */
const columns: Readonly<Record<string, string>> = {
  id: 'r.id',
  state: 'r.state',
  dataset: datasetName,
  model: 'r.model_title',
  experiment: experimentName,
  tag: "(SELECT group_concat(t.name, ', ') FROM tag t WHERE t.run = r.number)",
  seed: 'nullif(r.seed, -1)',
  device: 'r.device',
  note: "nullif(r.note, '')",
  createdAt: 'r.created_at',
  startedAt: 'r.started_at',
  endedAt: 'r.ended_at',
  epochs: 'r.epochs',
  bestEpoch: 'r.best_epoch',
  secondsPerEpoch: 'r.seconds_per_epoch',
  evaluationSeconds: 'r.evaluation_seconds',
  // A run that has not begun took nothing yet, an imported log without times nobody knows how long.
  elapsedSeconds: '(nullif(r.elapsed_ms, 0) / 1000.0)',
  peakMemoryBytes: 'r.peak_memory_bytes',
  parameters: 'r.parameters',
  fileBytes: '(SELECT sum(a.bytes) FROM artifact a WHERE a.run_id = r.id)',
  starred: 'r.starred',
  configuration: 'r.configuration',
};

/** What a field is called, any of which a query may write: a model's id or its title. */
export function namesOf(field: string): readonly string[] {
  if (field === 'model') return ['r.model', 'r.model_title'];
  if (field === 'dataset') return ['r.dataset', datasetName];
  if (field === 'experiment') return ['r.experiment_id', experimentName];
  return [];
}

/** Whether the test values of the run of `metric m` are shown. */
export const shownTest = '(SELECT r.test_shown FROM run r WHERE r.number = m.run) = 1';

const readingColumns = { last: 'last', min: 'low', max: 'high' } as const;

/** The value of a field for a run: as it is stored, or as a number (none where it is a text), or as a text. */
export function valueOf(name: string, reading: Reading, as: 'stored' | 'number' | 'text' = 'stored'): Piece {
  const field = fieldName(name);
  const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (column !== undefined) {
    if (as === 'number' && kindOf(field) === 'text') return { sql: 'NULL', values: [] };
    return { sql: column, values: [] };
  }
  const measured = measuredOf(field);
  if (measured !== undefined) return metricValue(measured, reading);
  const kept = as === 'number' ? 'x.number' : as === 'text' ? 'x.text' : 'coalesce(x.number, x.text)';
  if (field.startsWith('my.'))
    return { sql: `(SELECT ${kept} FROM own_value x WHERE x.run = r.number AND x.name = ?)`, values: [field.slice(3)] };
  return {
    sql: `(SELECT ${kept} FROM setting x WHERE x.configuration = r.configuration AND x.key = ?)`,
    values: [field],
    from: { kind: 'setting', key: field, as },
  };
}

function metricValue({ part, key }: Measured, reading: Reading): Piece {
  const taken = part === 'val' ? reading : part;
  if (taken === 'last' || taken === 'min' || taken === 'max') {
    const of = readingColumns[taken];
    return {
      sql: `(SELECT m.${of} FROM reading m WHERE m.run = r.number AND m.key = ?)`,
      values: [key],
      from: { kind: 'reading', of, key },
    };
  }
  const stored = part === 'test' || part === 'log' ? part : 'validation';
  // A masked value is none: an order or a filter would give it away.
  const shown = stored === 'test' ? ' AND r.test_shown = 1' : '';
  return {
    sql: `(SELECT m.value FROM metric m INDEXED BY metric_reading WHERE m.run = r.number AND m.part = '${stored}' AND m.key = ?${shown})`,
    values: [key],
    from: { kind: 'metric', part: stored, key },
  };
}

/** The number a formula gives for a run; a missing part, a division by 0 or a root of a negative number give none. */
export function numberOf(expression: Expression, reading: Reading): Piece {
  switch (expression.kind) {
    case 'number':
      return { sql: '?', values: [expression.value] };
    case 'text':
      return { sql: 'NULL', values: [] };
    case 'field':
      return valueOf(expression.name, reading, 'number');
    case 'negated': {
      const of = numberOf(expression.of, reading);
      return { sql: `(- ${of.sql})`, values: of.values };
    }
    case 'binary': {
      const [left, right] = [numberOf(expression.left, reading), numberOf(expression.right, reading)];
      const values = [...left.values, ...right.values];
      if (expression.sign === '^') return { sql: `pow(${left.sql}, ${right.sql})`, values };
      // Whole numbers would be divided without their rest.
      const whole = expression.sign === '/' ? ' * 1.0' : '';
      return { sql: `(${left.sql}${whole} ${expression.sign} ${right.sql})`, values };
    }
    case 'call': {
      const of = expression.of.map((part) => numberOf(part, reading));
      return { sql: `${expression.name}(${of.map(({ sql }) => sql).join(', ')})`, values: of.flatMap(({ values }) => values) };
    }
  }
}
