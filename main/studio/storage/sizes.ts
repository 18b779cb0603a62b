/** The sizes of everything in the data folder by kind, as they are on the disk. */
import { relative, sep } from 'node:path';
import { storageKinds, type Storage, type StorageKind } from '#contract/storage.ts';
import type { StudioCore } from '../core.ts';
import { freeSpace } from '../free-space.ts';
import { filesBelow } from './walk.ts';

/** What is in the trash: whole runs by id, and single files as "run/file". */
export interface Trashed {
  readonly runs: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

/** The kind of a file from its place in the data folder, parts of its path in order. Pure. */
export function kindOf(parts: readonly string[], trashed: Trashed): StorageKind {
  const [top = '', second = '', third = ''] = parts;
  if (parts.length === 1) return top.startsWith('avocet.sqlite') ? 'database' : 'other';
  if (top === 'runs') {
    if (trashed.runs.has(second) || trashed.files.has(`${second}/${third}`)) return 'trash';
    if (third.startsWith('checkpoint-')) return 'checkpoints';
    return third.startsWith('per-user') ? 'per-user' : 'run-files';
  }
  if (top === 'cache' || top.startsWith('cache-removed-')) return 'caches';
  if (top === 'datasets' || top === 'bundles' || top === 'backups' || top === 'models') return top;
  return 'other';
}

/** Bytes and files of the data folder by kind, each file under one, as the disk has them now. */
export async function sizesOf({ store, folders }: Pick<StudioCore, 'store' | 'folders'>): Promise<Storage> {
  const trashed: Trashed = {
    runs: new Set(store.trash.all().map(({ id }) => id)),
    files: new Set(store.artifacts.allTrashed().map(({ runId, file }) => `${runId}/${file}`)),
  };
  const amounts = new Map<StorageKind, { bytes: number; files: number }>(storageKinds.map((kind) => [kind, { bytes: 0, files: 0 }]));
  const total = { bytes: 0, files: 0 };
  for await (const { path, bytes } of filesBelow(folders.home)) {
    for (const amount of [total, amounts.get(kindOf(relative(folders.home, path).split(sep), trashed))!]) {
      amount.bytes += bytes;
      amount.files++;
    }
  }
  return {
    countedAt: Date.now(),
    ...total,
    freeBytes: await freeSpace(folders.home),
    kinds: storageKinds.map((kind) => ({ kind, ...amounts.get(kind)! })),
  };
}
