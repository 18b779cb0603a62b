/**
 * Moving the data folder: everything is copied while the folder stays in use, each file is read again and compared, and only then the new place
 * is used. Until that moment nothing in the old folder has changed, so a move that is left or killed costs nothing but a copy.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { MoveEvent } from '#contract/storage.ts';
import { databaseName } from '#store/copies.ts';
import type { StudioCore } from '../core.ts';
import { fileHash } from '../file-hash.ts';
import { followMoves, movedName } from '../home.ts';
import { isWithin } from '../host.ts';
import { freeSpace } from '../free-space.ts';
import { systemWords } from '../system-words.ts';
import { writeAtomically } from '../write-atomically.ts';
import { filesBelow, removeFolder, type Amount } from './walk.ts';

/** In a folder that a move is filling: what lies beside it is a copy that was left, and may go. */
const fillingName = 'moving.json';
/** What belongs to the processes that hold the folder, and what goes by itself; the database is copied when it is closed. */
const leftOut = (name: string): boolean =>
  name === movedName ||
  name === fillingName ||
  name.startsWith(databaseName) ||
  name.startsWith('owner.') ||
  name === 'desktop' ||
  name.startsWith('cache-removed-');

const tellEveryMs = 250;

interface Copied {
  readonly bytes: number;
  readonly modified: number;
}

const cancelled = () =>
  new ProblemError({ kind: 'cancelled', code: 'move.cancelled', message: 'The move was stopped; the data folder is as it was' });

/**
 * @throws ProblemError move.* where the place cannot take the folder, storage.runs-at-work; leaving the generator before its last event leaves the
 * old folder as it was and takes the copy away
 */
export async function* moveHome(
  core: Pick<StudioCore, 'folders' | 'supervisor' | 'jobs' | 'queue' | 'reopen'>,
  wanted: string,
  signal: AbortSignal,
): AsyncGenerator<MoveEvent, void, void> {
  const { folders, jobs, queue, reopen } = core;
  const { home } = folders;
  refuseWhileBusy(core);
  const target = await placeFor(home, wanted);
  const abort = new AbortController();
  const cancel = () => abort.abort();
  signal.addEventListener('abort', cancel, { once: true });
  queue.rest(true);
  const job = jobs.begin('Moving the data folder', cancel);
  const made = existsSync(target) ? undefined : firstMade(target);
  let isOver = false;
  try {
    await mkdir(target, { recursive: true });
    await writeFile(join(target, fillingName), JSON.stringify({ from: home }));
    const total = await bytesToCopy(home);
    const free = await freeSpace(target);
    if (free > 0 && free < total * 1.01)
      throw problem(
        'move.no-space',
        'There is not enough free space for the data folder',
        target,
        'Choose another disk, or empty the trash and the caches first.',
      );
    const copied = new Map<string, Copied>();
    let done = 0;
    let toldAt = 0;
    for await (const bytes of copyAll(home, target, copied, abort.signal)) {
      done += bytes;
      const fraction = total === 0 ? 1 : Math.min(1, done / total);
      // A reader takes its time for each; the copying must not wait for it file by file.
      const now = Date.now();
      if (now - toldAt < tellEveryMs && toldAt > 0) continue;
      toldAt = now;
      job.progress(fraction);
      yield { type: 'progress', fraction, bytes: done, of: total };
    }
    if (abort.signal.aborted) throw cancelled();
    refuseWhileBusy(core, job.id);
    yield { type: 'switching' };
    if (abort.signal.aborted) throw cancelled();
    isOver = true;
    // The folder is closed, so the database is whole and nothing else changes; then the new place is the data folder.
    reopen(async () => {
      try {
        for await (const bytes of copyAll(home, target, copied, new AbortController().signal)) void bytes;
        for (const name of readdirSync(home)) if (name.startsWith(databaseName)) await copyVerified(join(home, name), join(target, name));
        for (const name of [fillingName, movedName]) await rm(join(target, name), { force: true });
        await writeAtomically(join(home, movedName), Buffer.from(`${JSON.stringify({ to: target })}\n`));
      } catch (error) {
        await takeAway(target, made);
        throw error;
      }
    });
    yield { type: 'moved', to: target };
  } finally {
    signal.removeEventListener('abort', cancel);
    job.end();
    if (!isOver) {
      await takeAway(target, made);
      queue.rest(false);
    }
  }
}

function refuseWhileBusy({ supervisor, jobs }: Pick<StudioCore, 'supervisor' | 'jobs'>, own?: string): void {
  const busy = supervisor.active.length;
  if (busy > 0)
    throw new ProblemError({
      kind: 'config',
      code: 'storage.runs-at-work',
      message: 'The data folder cannot be moved while runs are at work',
      values: { runs: busy },
      fix: 'Pause the runs or wait until they have ended.',
    });
  const other = jobs.list.find(({ id }) => id !== own);
  if (other !== undefined)
    throw new ProblemError({
      kind: 'config',
      code: 'storage.busy',
      message: `The data folder cannot be moved while this goes on: ${other.text}`,
      fix: 'Wait until it has ended, or end it in the status bar.',
    });
}

function problem(code: string, message: string, where: string, fix: string): ProblemError {
  return new ProblemError({ kind: 'disk', code, message, where, fix });
}

/** The folder that takes the data: one that is not there yet, an empty one, or one that an earlier move left half filled. */
async function placeFor(home: string, wanted: string): Promise<string> {
  if (!isAbsolute(wanted.trim()))
    throw problem('move.relative', 'The new place must be a whole path', wanted, 'Begin it at the root of the disk.');
  const target = resolve(wanted.trim());
  const real = realOf(target);
  const own = realpathSync(home);
  if (isWithin(own, real) || isWithin(real, own))
    throw problem(
      'move.inside',
      'The new place and the data folder lie in each other',
      target,
      'Choose a folder beside it, or on another disk.',
    );
  let names: string[];
  try {
    names = await readdir(target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return target;
    throw problem('move.unusable', `The new place cannot be used: ${systemWords(error)}`, target, 'Choose a folder that you may write to.');
  }
  if (isHalfFilled(target)) await empty(target);
  else if (names.some((name) => name !== movedName))
    throw problem(
      'move.not-empty',
      'The new place is not empty',
      target,
      'Choose an empty folder, or the name of one that is not there yet.',
    );
  return target;
}

/** True where an earlier move left its copy; a file of this name that somebody else wrote is no leave to delete what lies beside it. */
function isHalfFilled(target: string): boolean {
  try {
    const { from } = JSON.parse(readFileSync(join(target, fillingName), 'utf8')) as { from?: unknown };
    return typeof from === 'string';
  } catch {
    return false;
  }
}

/** A path as the disk has it, of which a part may not be there yet. */
function realOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(realOf(above), relative(above, path));
}

/** The topmost folder that has to be made for a path. */
function firstMade(path: string): string {
  let first = path;
  while (!existsSync(dirname(first))) first = dirname(first);
  return first;
}

async function bytesToCopy(home: string): Promise<number> {
  let bytes = 0;
  for await (const file of filesBelow(home)) {
    const [top = ''] = relative(home, file.path).split(sep);
    if (!leftOut(top) || top.startsWith(databaseName)) bytes += file.bytes;
  }
  return bytes;
}

/** Copies what is new or has changed since it was copied, and takes away what is gone; says the bytes of each file. */
async function* copyAll(
  home: string,
  target: string,
  copied: Map<string, Copied>,
  signal: AbortSignal,
): AsyncGenerator<number, void, void> {
  const seen = new Set<string>();
  for await (const { path, isFolder } of entriesBelow(home)) {
    if (signal.aborted) throw cancelled();
    const name = relative(home, path);
    const to = join(target, name);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) continue;
    if (isFolder) {
      await mkdir(to, { recursive: true });
      continue;
    }
    seen.add(name);
    const known = copied.get(name);
    if (known?.bytes === found.size && known.modified === found.mtimeMs) continue;
    if (found.isSymbolicLink()) {
      await rm(to, { force: true });
      await symlink(await readlink(path), to);
    } else if (found.isFile()) {
      await copyVerified(path, to);
    } else continue;
    copied.set(name, { bytes: found.size, modified: found.mtimeMs });
    yield found.size;
  }
  for (const name of copied.keys())
    if (!seen.has(name)) {
      await rm(join(target, name), { force: true });
      copied.delete(name);
    }
}

/** Folders before what is in them; what a move leaves out is not met. */
async function* entriesBelow(home: string): AsyncGenerator<{ path: string; isFolder: boolean }, void, void> {
  const open = [home];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (folder === home && leftOut(entry.name)) continue;
      const path = join(folder, entry.name);
      yield { path, isFolder: entry.isDirectory() };
      if (entry.isDirectory()) open.push(path);
    }
  }
}

/** @throws ProblemError move.copy, move.differs */
async function copyVerified(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
    const { atime, mtime } = await lstat(from);
    await utimes(to, atime, mtime);
  } catch (error) {
    throw problem(
      'move.copy',
      `A file could not be copied: ${systemWords(error)}`,
      from,
      'Check the disk and its free space; the data folder is as it was.',
    );
  }
  const [own, other] = await Promise.all([fileHash(from), fileHash(to)]);
  if (own !== other)
    throw problem(
      'move.differs',
      'A copied file is not what was copied',
      to,
      'Check the disk it was written to; the data folder is as it was.',
    );
}

/** Takes a copy away that is not used: all that was put into the folder, and the topmost of the folders that were made for it. */
async function takeAway(target: string, made: string | undefined): Promise<void> {
  if (made !== undefined) await rm(made, { recursive: true, force: true });
  else if (existsSync(target)) await empty(target);
}

/** All but the word of where data are that lay here before: whoever asks for this folder finds them by it. */
async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name !== movedName) await rm(join(folder, name), { recursive: true, force: true });
}

/** The folder that was asked for, where its data were moved to this one and something of them is still in it. */
export function formerHome(asked: string, home: string): string | undefined {
  if (asked === home || followMoves(asked) !== home) return undefined;
  return readdirSync(asked).some((name) => name !== movedName && name !== 'desktop') ? asked : undefined;
}

/** Deletes what is left where the data lay; the word of where they are now stays. */
export async function removeFormer(former: string): Promise<Amount> {
  const freed = { bytes: 0, files: 0 };
  for (const name of await readdir(former)) {
    // The app's own profile may be in use.
    if (name === movedName || name === 'desktop') continue;
    const { bytes, files } = await removeFolder(join(former, name));
    freed.bytes += bytes;
    freed.files += files;
  }
  return freed;
}
