/** Copies of the database in the folder `backups`: made on request, listed, checked, restored. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { Backup, BackupCheck } from '#contract/storage.ts';
import { backupsFolder, checkCopy, freshBackup, layReady, stamp } from '#store/copies.ts';
import type { StudioCore } from '../core.ts';

type Parts = Pick<StudioCore, 'store' | 'folders'>;

/** Newest first. */
export function listBackups(home: string): Backup[] {
  const folder = backupsFolder(home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => backupAt(folder, name))
    .sort((a, b) => b.at - a.at || b.name.localeCompare(a.name, 'en'));
}

function backupAt(folder: string, name: string): Backup {
  const { size, mtimeMs } = statSync(join(folder, name));
  const reason = name.startsWith('avocet-version-') ? 'migration' : name.startsWith('avocet-before-restore-') ? 'restore' : 'asked';
  return { name, bytes: size, at: Math.round(mtimeMs), reason };
}

/** Copies the database while it is in use. `now`: UTC ms, for the name. */
export function makeBackup({ store, folders }: Parts, now: number): Backup {
  const path = freshBackup(folders.home, `avocet-${stamp(now)}`);
  store.copyTo(path);
  const folder = backupsFolder(folders.home);
  return backupAt(folder, path.slice(folder.length + 1));
}

/** Deletes a copy for good and says what it was. @throws ProblemError backup.unknown */
export async function removeBackup(home: string, name: string): Promise<Backup> {
  const path = fileOf(home, name);
  const backup = backupAt(backupsFolder(home), name);
  await rm(path);
  return backup;
}

/** What a copy holds beside what is here: runs it lacks, and runs of it whose files are gone. @throws ProblemError backup.unknown, backup.damaged, backup.newer */
export function checkBackup({ store, folders }: Parts, name: string): BackupCheck {
  const { version, experiments, runIds } = checkCopy(fileOf(folders.home, name));
  const held = new Set(runIds);
  return {
    name,
    version,
    runs: runIds.length,
    experiments,
    lost: store.runs.allIds().filter((id) => !held.has(id)).length,
    withoutFiles: runIds.filter((id) => !existsSync(folders.run(id))).length,
  };
}

/**
 * Checks a copy and lays it ready; whoever opens the folder next puts it in place. The caller then opens it again.
 * @throws ProblemError storage.runs-at-work, backup.*
 */
export function restoreBackup(core: Parts & Pick<StudioCore, 'supervisor'>, name: string): void {
  if (core.supervisor.active.length > 0)
    throw new ProblemError({
      kind: 'config',
      code: 'storage.runs-at-work',
      message: 'The database cannot be replaced while runs are at work',
      values: { runs: core.supervisor.active.length },
      fix: 'Pause the runs or wait until they have ended.',
    });
  checkBackup(core, name);
  layReady(core.folders.home, fileOf(core.folders.home, name));
}

function fileOf(home: string, name: string): string {
  const path = join(backupsFolder(home), name);
  if (existsSync(path)) return path;
  throw new ProblemError({
    kind: 'disk',
    code: 'backup.unknown',
    message: `There is no copy of the database named ${name}`,
    values: { name },
    where: backupsFolder(home),
    fix: 'Settings, Paths and storage lists the copies there are.',
  });
}
