/**
 * The one SQLite file of a data folder: opened once, by the owner, synchronously. Uses only what better-sqlite3 13 and libsql 0.5
 * (which replaces it under an old test Electron) both have: prepare, all, get, run, exec, inTransaction.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Driver from 'better-sqlite3';
import { ProblemError } from '#contract/problem.ts';
import { copyInto, freshBackup } from './copies.ts';
import { migrations, type Migration } from './migrations.ts';
import { columnName, fromRows, toBound, type Bindable } from './names.ts';

export type Values = readonly Bindable[];

export class Database {
  readonly file: string;
  readonly #driver: Driver.Database;
  readonly #statements = new Map<string, Driver.Statement<unknown[]>>();
  #depth = 0;

  constructor(file: string, driver: Driver.Database) {
    this.file = file;
    this.#driver = driver;
  }

  #prepare(sql: string): Driver.Statement<unknown[]> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#driver.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All rows, fields in camelCase. `Row` is the shape the statement selects. */
  all<Row>(sql: string, values: Values = []): Row[] {
    return fromRows(this.#prepare(sql).all(...values.map(toBound)) as object[]) as Row[];
  }

  /** Rows as the driver hands them over, for many thousand: the statement itself names its columns as fields, and selects no blobs. */
  plain<Row>(sql: string, values: Values = []): Row[] {
    return this.#prepare(sql).all(...values.map(toBound)) as Row[];
  }

  get<Row>(sql: string, values: Values = []): Row | undefined {
    const row = this.#prepare(sql).get(...values.map(toBound)) as object | undefined;
    return row === undefined ? undefined : (fromRows([row])[0] as Row);
  }

  /** Number of rows changed. */
  run(sql: string, values: Values = []): number {
    return this.#prepare(sql).run(...values.map(toBound)).changes;
  }

  /** Inserts a record whose fields are the columns of the table; `orReplace` writes over the row with the same key. */
  insert(table: string, record: Readonly<Record<string, Bindable>>, orReplace = false): void {
    const fields = Object.keys(record);
    const sql = `INSERT ${orReplace ? 'OR REPLACE ' : ''}INTO ${table} (${fields.map(columnName).join(', ')}) VALUES (${fields.map(() => '?').join(', ')})`;
    this.run(sql, Object.values(record));
  }

  /** Sets fields of the rows where every field of `key` is equal. Number of rows changed. */
  update(table: string, key: Readonly<Record<string, Bindable>>, changes: Readonly<Record<string, Bindable>>): number {
    const fields = Object.keys(changes);
    if (fields.length === 0) return 0;
    const set = fields.map((field) => `${columnName(field)} = ?`).join(', ');
    const where = Object.keys(key)
      .map((field) => `${columnName(field)} = ?`)
      .join(' AND ');
    return this.run(`UPDATE ${table} SET ${set} WHERE ${where}`, [...Object.values(changes), ...Object.values(key)]);
  }

  exec(sql: string): void {
    this.#driver.exec(sql);
  }

  /** All or nothing; a transaction inside another joins it. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#driver.exec('BEGIN IMMEDIATE');
    this.#depth = 1;
    try {
      const result = work();
      this.#driver.exec('COMMIT');
      return result;
    } catch (error) {
      // A full or failing disk ends the transaction by itself: there is nothing left to roll back, and the reason must not be lost over it.
      if (this.#driver.inTransaction) this.#driver.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth = 0;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#driver.close();
  }
}

/** Node-API 10 is what the binary of better-sqlite3 13 asks for; below it the process dies without a word, so it is said here. */
export function checkNodeApi(version: string | undefined): void {
  if (Number(version ?? 0) >= 10) return;
  throw new ProblemError({
    kind: 'device',
    code: 'store.node-too-old',
    message: `This Node offers Node-API ${version ?? 'none'}; the store needs Node-API 10`,
    values: { found: version ?? 'none', needed: 10 },
    fix: 'Use Node 22.14 or newer (npm start and the avocet command bring their own), or Electron 35 or newer.',
  });
}

/**
 * Opens or creates the store and brings it to the newest schema; before that a copy goes to `backups/`.
 * @throws ProblemError store.newer (written by a newer Avocet), store.node-too-old, store.unreadable
 */
export function openDatabase(
  file: string,
  steps: readonly Migration[] = migrations,
  napi: string | undefined = process.versions['napi'],
): Database {
  checkNodeApi(napi);
  mkdirSync(dirname(file), { recursive: true });
  let driver: Driver.Database;
  try {
    driver = new Driver(file);
    driver.exec('PRAGMA journal_mode = WAL');
  } catch (error) {
    if (/locked|busy/i.test(error instanceof Error ? error.message : ''))
      throw new ProblemError({
        kind: 'disk',
        code: 'store.locked',
        message: 'Another program holds the store',
        where: file,
        fix: 'Close what has avocet.sqlite open (a database viewer, a backup), then start again.',
      });
    throw new ProblemError({
      kind: 'disk',
      code: 'store.unreadable',
      message: `The store cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      where: file,
      fix: 'Check that the folder is writable and the disk has space. Copies of the store are in the folder backups beside it.',
    });
  }
  driver.exec('PRAGMA synchronous = NORMAL');
  // Lists of many thousand runs read the same pages again and again; what notes changes (runs-columns.ts) needs no disk.
  driver.exec('PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY');
  driver.exec('PRAGMA foreign_keys = ON');
  driver.exec('PRAGMA busy_timeout = 5000');
  const database = new Database(file, driver);
  try {
    migrate(database, steps);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** How many migrations the file has had. */
export function schemaVersion(database: Database): number {
  return database.get<{ userVersion: number }>('PRAGMA user_version')!.userVersion;
}

function migrate(database: Database, steps: readonly Migration[]): void {
  const found = schemaVersion(database);
  const newest = steps.length;
  if (found > newest) {
    throw new ProblemError({
      kind: 'config',
      code: 'store.newer',
      message: `The store has version ${found}; this Avocet knows versions up to ${newest}`,
      values: { found, newest },
      where: database.file,
      fix: 'Open the folder with the Avocet that wrote it, or a newer one. An older copy may be in the folder backups.',
    });
  }
  if (found === newest) return;
  if (found > 0) copyInto(database, freshBackup(dirname(database.file), `avocet-version-${found}`));
  for (let version = found; version < newest; version++) {
    database.transaction(() => {
      steps[version]!(database);
      database.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}
