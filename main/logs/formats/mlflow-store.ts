/** The SQLite store of MLflow, read only: tables experiments, runs, metrics, params and tags. */
import { basename } from 'node:path';
import type Driver from 'better-sqlite3';
import { addTo } from '#contract/grouped.ts';
import { unitsOf, type LogFile, type LogFormat, type LogUnit, type RawMetric, type RawRun } from '../log-format.ts';
import { damaged } from '../parts/damaged.ts';
import { headBytes } from '../parts/file-head.ts';
import { metricOf, rawRun, type LoggedPoint } from '../parts/mlflow-run.ts';

const name = /(?:^[^.]+|\.(?:db|sqlite3?))$/i;

interface RunRow {
  readonly id: string;
  readonly name: string | null;
  readonly status: string | null;
  readonly start: number | null;
  readonly end: number | null;
  readonly stage: string | null;
  readonly experiment: string | null;
  readonly points: number;
}

export const mlflowStore: LogFormat = {
  tool: 'mlflow',
  find: async (place) => {
    const units: LogUnit[] = [];
    const open: Driver.Database[] = [];
    for (const file of place.files) {
      if (!name.test(basename(file.relative)) || !(await isSqlite(file))) continue;
      units.push(
        ...(await unitsOf(file, async () => {
          const database = await openStore(file);
          if (database === undefined) return [];
          open.push(database);
          return runsIn(database, file);
        })),
      );
    }
    return { units, close: () => open.forEach((database) => database.close()) };
  },
};

/** @throws ProblemError logs.damaged where the tables are torn, or are those of another version */
function runsIn(database: Driver.Database, file: LogFile): LogUnit[] {
  let rows: RunRow[];
  try {
    rows = database
      .prepare<[], RunRow>(
        `SELECT r.run_uuid AS id, r.name, r.status, r.start_time AS start, r.end_time AS "end", r.lifecycle_stage AS stage, e.name AS experiment,
           (SELECT count(*) FROM metrics m WHERE m.run_uuid = r.run_uuid) AS points
         FROM runs r LEFT JOIN experiments e ON e.experiment_id = r.experiment_id ORDER BY r.start_time, r.run_uuid`,
      )
      .all();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw damaged(
      file.path,
      `The runs of this MLflow database cannot be listed: ${why}`,
      'Open it with the MLflow that wrote it, which brings old tables up to date (mlflow db upgrade), or copy it anew.',
    );
  }
  return rows.map((row) => ({
    label: `${file.relative}, run ${row.name ?? row.id}`,
    weight: row.points * 50,
    read: () => Promise.resolve().then(() => runOf(database, file, row)),
  }));
}

async function isSqlite(file: LogFile): Promise<boolean> {
  return (await headBytes(file, 16)).toString('latin1') === 'SQLite format 3\u0000';
}

/**
 * Undefined where the file is no store of MLflow.
 * @throws ProblemError logs.damaged where it is locked or torn: what it held cannot be known
 */
async function openStore({ path }: LogFile): Promise<Driver.Database | undefined> {
  // Loaded where such a file is met: other readers need no database.
  const { default: Sqlite } = await import('better-sqlite3');
  let database: Driver.Database | undefined;
  try {
    database = new Sqlite(path, { readonly: true, fileMustExist: true });
    const tables = new Set(
      database
        .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
        .all()
        .map((row) => row.name),
    );
    if (['experiments', 'runs', 'metrics', 'params', 'tags'].every((table) => tables.has(table))) return database;
    database.close();
    return undefined;
  } catch (error) {
    database?.close();
    throw damaged(
      path,
      `This SQLite file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'If it is an MLflow store, end the program that writes it and copy the whole file anew.',
    );
  }
}

function runOf(database: Driver.Database, file: LogFile, row: RunRow): RawRun {
  const pairs = (table: 'params' | 'tags') =>
    new Map(
      database
        .prepare<[string], { key: string; value: string | null }>(`SELECT key, value FROM ${table} WHERE run_uuid = ? ORDER BY key`)
        .all(row.id)
        .map(({ key, value }) => [key, value ?? '']),
    );
  const { id, status, stage, start, end } = row;
  const place = `${file.path}, run ${id}`;
  return rawRun({
    ...{ id, status, stage, start, end },
    name: row.name ?? undefined,
    experiment: row.experiment ?? undefined,
    source: place,
    where: place,
    params: pairs('params'),
    tags: pairs('tags'),
    metrics: metricsOf(database, id),
  });
}

function metricsOf(database: Driver.Database, id: string): RawMetric[] {
  const points = new Map<string, LoggedPoint[]>();
  const rows = database
    .prepare<[string], LoggedPoint & { readonly key: string; readonly isNan: number }>(
      'SELECT key, value, timestamp AS time, step, is_nan AS isNan FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp',
    )
    .all(id);
  for (const { key, value, time, step, isNan } of rows) addTo(points, key, { step, time, value: isNan ? Number.NaN : value });
  return [...points].map(([key, own]) => metricOf(key, own));
}
