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

export function fieldInfo(database: Database): FieldInfo[] {
  return [...ownFields(database), ...metricFields(database), ...settingFields(database), ...manualFields(database)];
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

function metricFields(database: Database): FieldInfo[] {
  const rows = database.all<Counted & { part: string }>(
    'SELECT part, key, count(*) AS runs, min(value) AS low, max(value) AS high FROM metric INDEXED BY metric_reading GROUP BY part, key',
  );
  return rows.flatMap((row): FieldInfo[] => {
    const isTest = row.part === 'test';
    const field = (prefix: string, says: string, more: object = {}): FieldInfo => ({
      name: `${prefix}.${row.key}`,
      label: row.key,
      group: isTest ? 'test' : 'validation',
      type: 'number',
      says,
      runs: row.runs,
      ...more,
    });
    if (isTest) return [field('test', 'Test, once the selection is frozen')];
    return [
      field('val', 'Validation, as the table reads it', range(row)),
      field('last', 'Validation at the last epoch'),
      field('min', 'Lowest validation value'),
      field('max', 'Highest validation value'),
    ];
  });
}

function settingFields(database: Database): FieldInfo[] {
  const rows = database.all<Counted & { distinct: number }>(
    'SELECT s.key, count(*) AS runs, min(s.number) AS low, max(s.number) AS high, count(DISTINCT s.text) AS "distinct" FROM setting s GROUP BY s.key ORDER BY s.key',
  );
  // A setting with the name of a field of the run (the epochs allowed, the epochs run) cannot be named beside it.
  return rows
    .filter(({ key }) => !Object.hasOwn(runFields, key))
    .map((row): FieldInfo => {
      const values =
        row.distinct <= listed
          ? database
              .all<{ value: string }>(`SELECT DISTINCT text AS value FROM setting WHERE key = ? ORDER BY number, text LIMIT ${listed}`, [
                row.key,
              ])
              .map(({ value }) => ({ value, runs: 0 }))
          : undefined;
      return {
        name: row.key,
        label: row.key,
        group: 'setting',
        type: row.low === null ? 'text' : 'any',
        says: 'Setting',
        runs: row.runs,
        ...range(row),
        ...(values === undefined ? {} : { values }),
      };
    });
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
