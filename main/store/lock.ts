/** The lock of a data folder: an exclusive SQLite transaction held for life. The system drops it when the process dies, however it dies. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Driver from 'better-sqlite3';
import { ProblemError } from '#contract/problem.ts';
import { checkNodeApi } from './database.ts';

export interface FolderLock {
  release(): void;
}

/** The lock, or undefined where another process holds it. */
export function tryLock(file: string): FolderLock | undefined {
  checkNodeApi(process.versions['napi']);
  let driver: Driver.Database;
  try {
    mkdirSync(dirname(file), { recursive: true });
    driver = new Driver(file);
  } catch (error) {
    throw unusable(file, error);
  }
  try {
    driver.exec('PRAGMA busy_timeout = 0');
    // Rollback mode: a WAL would allow readers beside us and leave more files behind.
    driver.exec('PRAGMA journal_mode = DELETE');
    driver.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    driver.close();
    if (isBusy(error)) return undefined;
    throw unusable(file, error);
  }
  return { release: () => driver.close() };
}

function isBusy(error: unknown): boolean {
  const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : String(error);
  return /SQLITE_BUSY|database is locked/.test(text);
}

function unusable(file: string, error: unknown): ProblemError {
  const isFull =
    error instanceof Error && /SQLITE_FULL|disk is full|ENOSPC/.test(`${'code' in error ? String(error.code) : ''} ${error.message}`);
  return new ProblemError({
    kind: 'disk',
    code: 'home.unusable',
    message: `The data folder cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    where: file,
    fix: isFull
      ? 'Free some space on its disk, or choose a folder on another one (--home DIR, or AVOCET_HOME).'
      : 'Choose a folder on a local disk that you may write to (--home DIR, or AVOCET_HOME).',
  });
}
