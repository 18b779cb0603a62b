/** Copies of the database: made while it is in use, checked page by page, and put in its place before it is opened. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import Driver from 'better-sqlite3';
import { ProblemError } from '#contract/problem.ts';
import { migrations } from './migrations.ts';

/** What a copy says of itself. */
export interface CopyFacts {
  readonly version: number;
  readonly experiments: number;
  readonly runIds: readonly string[];
}

export const databaseName = 'avocet.sqlite';
const waitingName = 'avocet-restore.sqlite';
export const backupsFolder = (home: string): string => join(home, 'backups');

/** 20261122-101530, UTC: sorts by time, and is fit for every file system. */
export function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}

/** A file in `backups` that is not there yet. */
export function freshBackup(home: string, name: string): string {
  mkdirSync(backupsFolder(home), { recursive: true });
  let path = join(backupsFolder(home), `${name}.sqlite`);
  for (let n = 2; existsSync(path); n++) path = join(backupsFolder(home), `${name}-${n}.sqlite`);
  return path;
}

/** A whole copy of an open database in a new file, while it is in use. */
export function copyInto(database: { exec(sql: string): unknown }, path: string): void {
  database.exec(`VACUUM INTO '${path.replaceAll("'", "''")}'`);
}

/** Opens a copy, checks every page of it and reads what it holds. @throws ProblemError backup.damaged, backup.newer */
export function checkCopy(file: string): CopyFacts {
  let driver: Driver.Database | undefined;
  try {
    driver = new Driver(file, { readonly: true, fileMustExist: true });
    const integrity = driver.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    const fault = integrity.find((row) => row.integrity_check !== 'ok');
    if (fault !== undefined) throw damaged(file, fault.integrity_check);
    const { user_version: version } = driver.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > migrations.length)
      throw new ProblemError({
        kind: 'config',
        code: 'backup.newer',
        message: `The copy has version ${version}; this Avocet knows versions up to ${migrations.length}`,
        values: { found: version, newest: migrations.length },
        where: file,
        fix: 'Restore it with the Avocet that made it, or a newer one.',
      });
    const runs = driver.prepare('SELECT id FROM run').all() as { id: string }[];
    const { experiments } = driver.prepare('SELECT count(*) AS experiments FROM experiment').get() as { experiments: number };
    return { version, experiments, runIds: runs.map(({ id }) => id) };
  } catch (error) {
    throw error instanceof ProblemError ? error : damaged(file, error instanceof Error ? error.message : String(error));
  } finally {
    driver?.close();
  }
}

function damaged(file: string, why: string): ProblemError {
  return new ProblemError({
    kind: 'disk',
    code: 'backup.damaged',
    message: `${basename(file)} is no whole copy of the database: ${why}`,
    where: file,
    fix: 'Choose another copy. The database in use is not changed.',
  });
}

/**
 * Lays a copy ready: the next time the folder is opened it takes the place of the database. Its queue is held, so that nothing starts
 * before a person has looked.
 */
export function layReady(home: string, copy: string): void {
  const temporary = join(home, `${waitingName}.tmp`);
  rmSync(temporary, { force: true });
  copyFileSync(copy, temporary);
  const driver = new Driver(temporary);
  try {
    driver.exec(`INSERT OR REPLACE INTO preference (key, value) VALUES ('queue.held', 'true')`);
  } finally {
    driver.close();
  }
  renameSync(temporary, join(home, waitingName));
}

/**
 * Puts a copy that lies ready in the place of the database, after that one was copied to `backups`. Only for who holds the folder, before
 * it is opened; killed in the middle, the next start does it again.
 */
export function takeReady(home: string, now: number): void {
  const waiting = join(home, waitingName);
  if (!existsSync(waiting)) return;
  const file = join(home, databaseName);
  if (existsSync(file)) keepFormer(home, file, now);
  for (const rest of ['-wal', '-shm']) rmSync(`${file}${rest}`, { force: true });
  renameSync(waiting, file);
}

function keepFormer(home: string, file: string, now: number): void {
  const former = freshBackup(home, `avocet-before-restore-${stamp(now)}`);
  try {
    const driver = new Driver(file);
    try {
      copyInto(driver, former);
    } finally {
      driver.close();
    }
  } catch {
    // What cannot be read is kept as it lies: it may be why a copy is restored.
    copyFileSync(file, former);
  }
}
