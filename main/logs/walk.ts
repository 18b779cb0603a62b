/** The files of a chosen place. Links are not followed, so nothing outside it is read and no folder is met twice. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { LogFile, LogPlace } from './log-format.ts';

const most = 500_000;

/** @throws ProblemError logs.missing, logs.too-many */
export async function placeOf(path: string, signal: AbortSignal): Promise<LogPlace> {
  const root = resolve(path);
  const found = await stat(root).catch(() => undefined);
  if (found === undefined)
    throw new ProblemError({
      kind: 'data',
      code: 'logs.missing',
      message: 'There is no such file or folder on the machine the studio runs on',
      where: root,
      fix: 'Choose a folder of runs, or a log file.',
    });
  if (found.isFile()) return { root: dirname(root), files: [{ path: root, relative: basename(root), bytes: found.size }], closed: [] };
  const files: LogFile[] = [];
  const closed: { path: string; reason: string }[] = [];
  const open: { readonly path: string; readonly relative: string }[] = [{ path: root, relative: '' }];
  while (open.length > 0 && !signal.aborted) {
    const folder = open.pop()!;
    const entries = await readdir(folder.path, { withFileTypes: true }).catch((error: unknown) => {
      closed.push({ path: folder.path, reason: error instanceof Error ? error.message : String(error) });
      return [];
    });
    // By name, so that every import of a folder meets its runs in the same order.
    for (const entry of entries.sort((a, b) => (a.name < b.name ? 1 : -1))) {
      const next = {
        path: join(folder.path, entry.name),
        relative: folder.relative === '' ? entry.name : `${folder.relative}/${entry.name}`,
      };
      if (entry.isDirectory()) open.push(next);
      else if (entry.isFile()) files.push({ ...next, bytes: (await lstat(next.path)).size });
    }
    if (files.length > most)
      throw new ProblemError({
        kind: 'data',
        code: 'logs.too-many',
        message: `The folder holds more than ${most} files`,
        where: root,
        fix: 'Choose the folder of the runs themselves.',
      });
  }
  return { root, files: files.sort((a, b) => (a.relative < b.relative ? -1 : 1)), closed };
}
