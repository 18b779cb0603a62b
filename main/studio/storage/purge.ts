/** Emptying the trash and the caches: first what would go, to the byte, then exactly that. */
import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { Artifact } from '#contract/run.ts';
import type { Freed, TrashItem, TrashPlan, TrashRule } from '#contract/storage.ts';
import type { StudioCore } from '../core.ts';
import { amountBelow, removeFolder, type Amount } from './walk.ts';

type Parts = Pick<StudioCore, 'store' | 'folders'>;

const dayMs = 86_400_000;

interface Candidate extends Amount {
  readonly item: TrashItem;
  readonly trashedAt: number;
}

/** What a rule takes: all that is old enough, of that the oldest first until no more than `keepBytes` of the trash stay. Pure. */
export function chosenBy<T extends Amount & { readonly trashedAt: number }>(all: readonly T[], rule: TrashRule, now: number): T[] {
  const old = all
    .filter(({ trashedAt }) => rule.olderThanDays === undefined || now - trashedAt >= rule.olderThanDays * dayMs)
    .sort((a, b) => a.trashedAt - b.trashedAt);
  if (rule.keepBytes === undefined) return old;
  let left = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const chosen: T[] = [];
  for (const each of old) {
    if (left <= rule.keepBytes) break;
    chosen.push(each);
    left -= each.bytes;
  }
  return chosen;
}

/** What a rule would delete now, as a list to hand back to {@link purge}; bytes are those on the disk, locked runs are counted and stay. */
export async function planOf({ store, folders }: Parts, rule: TrashRule, now: number): Promise<TrashPlan> {
  const candidates: Candidate[] = [];
  const runs = store.trash.all();
  for (const { id, trashedAt, locked } of runs)
    if (!locked) candidates.push({ item: { run: id }, trashedAt, ...(await amountBelow(folders.run(id))) });
  for (const { runId, name, file, trashedAt } of store.artifacts.allTrashed()) {
    const found = await lstat(join(folders.run(runId), file)).catch(() => undefined);
    candidates.push({ item: { run: runId, checkpoint: name }, trashedAt, bytes: found?.size ?? 0, files: found === undefined ? 0 : 1 });
  }
  const chosen = chosenBy(candidates, rule, now);
  return {
    items: chosen.map(({ item }) => item),
    runs: chosen.filter(({ item }) => item.checkpoint === undefined).length,
    checkpoints: chosen.filter(({ item }) => item.checkpoint !== undefined).length,
    bytes: chosen.reduce((sum, { bytes }) => sum + bytes, 0),
    files: chosen.reduce((sum, { files }) => sum + files, 0),
    locked: runs.filter(({ locked }) => locked).length,
  };
}

/**
 * Deletes what of this still lies in the trash, for good. Locked runs stay. The record goes first: files without a record are rubbish, a
 * record without files would be a lie.
 */
export async function purge({ store, folders }: Parts, items: readonly TrashItem[]): Promise<Freed> {
  const freed = { runs: 0, checkpoints: 0, bytes: 0, files: 0 };
  const add = ({ bytes, files }: Amount) => {
    freed.bytes += bytes;
    freed.files += files;
  };
  const wanted = new Set(items.map(({ run, checkpoint }) => `${run} ${checkpoint ?? ''}`));
  for (const { runId, name, file } of store.artifacts.allTrashed()) {
    if (!wanted.has(`${runId} ${name}`)) continue;
    add(await purgeCheckpoint({ store, folders }, runId, { name, file }));
    freed.checkpoints++;
  }
  const ids = items.flatMap(({ run, checkpoint }) => (checkpoint === undefined ? [run] : []));
  for (const id of store.trash.purge(ids)) {
    add(await removeFolder(folders.run(id)));
    freed.runs++;
  }
  return freed;
}

/** Deletes a checkpoint that was put aside, for good, and says what the disk had of it. */
export async function purgeCheckpoint(
  { store, folders }: Parts,
  runId: string,
  { name, file }: Pick<Artifact, 'name' | 'file'>,
): Promise<Amount> {
  const path = join(folders.run(runId), file);
  const found = await lstat(path).catch(() => undefined);
  store.artifacts.forget(runId, name);
  await rm(path, { force: true });
  return { bytes: found?.size ?? 0, files: found === undefined ? 0 : 1 };
}

/**
 * Deletes what is kept only to save work: stages trained once for several runs, files handed to commands. Made again when a run needs it.
 * @throws ProblemError storage.runs-at-work
 */
export async function clearCaches({ folders, store, supervisor }: Pick<StudioCore, 'folders' | 'store' | 'supervisor'>): Promise<Amount> {
  if (supervisor.active.length > 0) {
    throw new ProblemError({
      kind: 'config',
      code: 'storage.runs-at-work',
      message: 'Caches cannot be emptied while runs are at work: they read them',
      values: { runs: supervisor.active.length },
      fix: 'Pause the runs or wait until they have ended, then empty the caches.',
    });
  }
  // Out of the way in one step: a run that starts meanwhile finds none and makes its own.
  if (existsSync(folders.cache)) renameSync(folders.cache, join(folders.home, `cache-removed-${randomUUID()}`));
  store.past.cachesCleared(Date.now());
  let bytes = 0;
  let files = 0;
  for (const name of await readdir(folders.home)) {
    if (!name.startsWith('cache-removed-')) continue;
    const gone = await removeFolder(join(folders.home, name));
    bytes += gone.bytes;
    files += gone.files;
  }
  return { bytes, files };
}
