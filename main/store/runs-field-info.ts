/** What runs have that can be named: how many have it, between which values or which ones. Of masked test values only that they exist. */
import { runFields } from '#contract/runs-fields.ts';
import type { FieldInfo } from '#contract/runs-table.ts';
import type { Database } from './database.ts';
import { valueOf } from './runs-values.ts';

/** Values listed of a field, the most frequent ones. */
const listed = 30;

interface Counted {
  readonly key: string;
  readonly runs: number;
  readonly low: number | null;
  readonly high: number | null;
}

const range = ({ low, high }: Counted) => (low === null || high === null ? {} : { low, high });

/** In pieces that each take a moment, so that whoever asks lets others have their turn in between. */
export function* fieldInfo(database: Database): Generator<FieldInfo[]> {
  yield ownFields(database);
  yield* metricFields(database);
  yield* settingFields(database);
  yield manualFields(database);
}

function ownFields(database: Database): FieldInfo[] {
  return Object.entries(runFields).map(([name, { label, type, says }]) => {
    const info = { name, label, type, says, group: 'run' as const };
    if (name === 'tag')
      return {
        ...info,
        ...frequent(
          database,
          'SELECT t.name AS value, count(*) AS runs FROM tag t JOIN run r ON r.number = t.run WHERE r.trashed_at IS NULL',
        ),
      };
    const { sql } = valueOf(name, 'best');
    if (['state', 'dataset', 'model', 'experiment', 'device'].includes(name))
      return { ...info, ...frequent(database, `SELECT ${sql} AS value, count(*) AS runs FROM run r WHERE r.trashed_at IS NULL`) };
    return { ...info, runs: 0 };
  });
}

function frequent(database: Database, select: string, values: readonly string[] = []): Pick<FieldInfo, 'runs' | 'values'> {
  const rows = database.all<{ value: string | null; runs: number }>(`${select} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${listed}`, values);
  const found = rows.flatMap(({ value, runs }) => (value === null ? [] : [{ value: String(value), runs }]));
  return { runs: found.reduce((sum, { runs }) => sum + runs, 0), values: found };
}

/** Names one after the other, each found by one step into the index however many values lie between. */
function* metricFields(database: Database): Generator<FieldInfo[]> {
  const next = (after: { part: string; key: string }) =>
    database.get<{ part: string; key: string }>(
      'SELECT part, key FROM metric INDEXED BY metric_reading WHERE (part, key) > (?, ?) ORDER BY part, key LIMIT 1',
      [after.part, after.key],
    );
  for (let at = next({ part: '', key: '' }); at !== undefined; at = next(at)) {
    const row = database.get<Counted>(
      'SELECT key, count(*) AS runs, min(value) AS low, max(value) AS high FROM metric INDEXED BY metric_reading WHERE part = ? AND key = ?',
      [at.part, at.key],
    )!;
    const isTest = at.part === 'test';
    const field = (prefix: string, says: string, more: object = {}): FieldInfo => ({
      name: `${prefix}.${row.key}`,
      label: row.key,
      group: isTest ? 'test' : 'validation',
      type: 'number',
      says,
      runs: row.runs,
      ...more,
    });
    if (at.part === 'log') yield [{ ...field('log', 'As an imported log calls it: the last value'), group: 'log', ...range(row) }];
    else if (isTest) yield [field('test', 'Test, once the selection is frozen')];
    else
      yield [
        field('val', 'Validation, as the table reads it', range(row)),
        field('last', 'Validation at the last epoch'),
        field('min', 'Lowest validation value'),
        field('max', 'Highest validation value'),
      ];
  }
}

function* settingFields(database: Database): Generator<FieldInfo[]> {
  const next = (after: string) =>
    database.get<{ key: string }>('SELECT key FROM setting INDEXED BY setting_number WHERE key > ? ORDER BY key LIMIT 1', [after]);
  for (let at = next(''); at !== undefined; at = next(at.key)) {
    // A setting with the name of a field of the run (the epochs allowed, the epochs run) cannot be named beside it.
    if (Object.hasOwn(runFields, at.key)) continue;
    const row = database.get<Counted>(
      'SELECT key, count(*) AS runs, min(number) AS low, max(number) AS high FROM setting INDEXED BY setting_number WHERE key = ?',
      [at.key],
    )!;
    const values = settingValues(database, at.key);
    yield [
      {
        name: row.key,
        label: row.key,
        group: 'setting',
        type: row.low === null ? 'text' : 'any',
        says: 'Setting',
        runs: row.runs,
        ...range(row),
        ...(values.length > listed ? {} : { values: values.map((value) => ({ value, runs: 0 })) }),
      },
    ];
  }
}

/** One more than are listed, where there are too many. Texts first, as SQLite has what is no number. */
function settingValues(database: Database, key: string): string[] {
  const texts = database.plain<{ text: string }>(
    `SELECT DISTINCT text FROM setting INDEXED BY setting_text WHERE key = ? AND number IS NULL ORDER BY text LIMIT ${listed + 1}`,
    [key],
  );
  const numbers = database.plain<{ number: number }>(
    `SELECT DISTINCT number FROM setting INDEXED BY setting_number WHERE key = ? AND number IS NOT NULL ORDER BY number LIMIT ${listed + 1}`,
    [key],
  );
  return [...texts.map(({ text }) => text), ...numbers.map(({ number }) => String(number))];
}

function manualFields(database: Database): FieldInfo[] {
  const names = database.all<{ name: string }>('SELECT DISTINCT name FROM own_value ORDER BY name');
  return names.map(({ name }) => ({
    name: `my.${name}`,
    label: name,
    group: 'own',
    type: 'any',
    says: 'Your own column',
    ...frequent(database, 'SELECT text AS value, count(*) AS runs FROM own_value WHERE name = ?', [name]),
  }));
}
