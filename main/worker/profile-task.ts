/** Lists and segments of finished runs, one dataset after another. */
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { ProblemError } from '#contract/problem.ts';
import { similarityKey, skippedKey, unpairedKey, type ProfileTask, type RunProfile } from '#contract/profile.ts';
import { cutOffs, metricKeys } from '#contract/run.ts';
import { itemSegmentIds, itemSegmentsOf, userSegmentOf } from '#contract/segments.ts';
import { openDataset } from '#data/dataset-folder.ts';
import type { Part } from '#data/dataset.ts';
import { countIds } from '#data/fingerprint.ts';
import { readNpy } from '#data/formats/npy.ts';
import { userRows, type UserRows } from '#data/user-rows.ts';
import { hitMetrics } from '#stats/hit-metrics.ts';
import { listMetrics } from '#stats/list-metrics.ts';
import { directionsOf, listSimilarity, type Directions } from '#stats/list-similarity.ts';
import { segmentMeans } from '#stats/segments.ts';
import { scoreLists } from '#training/metrics.ts';

type Group = ProfileTask['datasets'][number];

/** What the runs of a dataset are held against. */
export interface Ground {
  readonly ofUser: Int32Array;
  readonly ofItem: Int32Array;
  readonly trainUsers: number;
  readonly bounds: readonly number[];
  readonly itemSegments: Uint8Array;
  readonly itemCounts: number[];
  readonly isTail: Uint8Array;
  /** Held-out items of each user, one table for each item segment, and all of them. */
  readonly heldOut: readonly UserRows[];
  readonly allHeldOut: UserRows;
}

/** @throws ProblemError cancelled once `signal` is aborted, dataset.* */
export async function profileAll(task: ProfileTask, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<RunProfile[]> {
  const profiles: RunProfile[] = [];
  const total = task.datasets.reduce((sum, { runs }) => sum + runs.length, 0);
  for (const group of task.datasets) {
    const ground = await groundOf(group, task.part);
    const features = task.similarity === true ? await featuresOf(group) : new Map<string, Directions>();
    for (const run of group.runs) {
      profiles.push(await profile(task, run, ground, features));
      await setImmediate();
      if (signal.aborted) throw new ProblemError({ kind: 'cancelled', code: 'profile.cancelled', message: 'Cancelled' });
      onProgress(profiles.length / total);
    }
  }
  return profiles;
}

/** @throws ProblemError dataset.* */
export async function groundOf({ folder, segments }: Pick<Group, 'folder' | 'segments'>, name: ProfileTask['part']): Promise<Ground> {
  const dataset = await openDataset(folder, { features: false });
  const ofUser = countIds(dataset.train.users, dataset.users);
  const ofItem = countIds(dataset.train.items, dataset.items);
  const itemSegments = itemSegmentsOf(ofItem, segments.items).segments;
  const itemCounts = itemSegmentIds.map(() => 0);
  for (const segment of itemSegments) itemCounts[segment]! += 1;
  const part = dataset[name];
  return {
    ofUser,
    ofItem,
    trainUsers: ofUser.reduce((sum, rows) => sum + (rows > 0 ? 1 : 0), 0),
    bounds: segments.users,
    itemSegments,
    itemCounts,
    isTail: itemSegments.map((segment) => (segment === 0 ? 0 : 1)),
    allHeldOut: userRows(part, dataset.users),
    heldOut: itemSegmentIds.map((_, segment) => userRows(restricted(part, itemSegments, segment), dataset.users)),
  };
}

/** Features of the items by modality, with their lengths. @throws ProblemError dataset.* */
async function featuresOf({ folder }: Pick<Group, 'folder'>): Promise<ReadonlyMap<string, Directions>> {
  const { modalities } = await openDataset(folder);
  return new Map(modalities.map(({ name, values, width, missing }) => [name, directionsOf({ values, width, missing })]));
}

function restricted(part: Part, segments: Uint8Array, wanted: number): Part {
  const rows: number[] = [];
  part.items.forEach((item, row) => {
    if (segments[item] === wanted) rows.push(row);
  });
  return { users: Int32Array.from(rows, (row) => part.users[row]!), items: Int32Array.from(rows, (row) => part.items[row]!) };
}

async function profile(
  { k, metrics }: ProfileTask,
  { id, perUser, lists }: Group['runs'][number],
  ground: Ground,
  features: ReadonlyMap<string, Directions>,
): Promise<RunProfile> {
  const { itemCounts } = ground;
  if (perUser === undefined)
    return { id, itemCounts, note: 'the run kept no per-user values', listNote: 'the run kept no per-user values' };
  const table = await matrix(perUser);
  if (table === undefined) return { id, itemCounts, note: 'its per-user file is gone', listNote: 'its per-user file is gone' };
  const users = Int32Array.from({ length: table.rows }, (_, row) => table.values[row * table.columns]!);
  const byUser = { id, itemCounts, users: userSegments(table, users, metrics, ground) };
  const found = lists === undefined ? undefined : await matrix(lists);
  if (found === undefined)
    return { ...byUser, listNote: lists === undefined ? 'the run kept no lists' : 'the file with its lists is gone' };
  const top = {
    lists: found.values as Int32Array,
    width: found.columns,
    rows: users,
    k,
    popularity: ground.ofItem,
    isTail: ground.isTail,
    trainUsers: ground.trainUsers,
  };
  return {
    ...byUser,
    lists: {
      ...listMetrics(top),
      ...hitMetrics({ ...top, heldOut: ground.allHeldOut }),
      ...Object.fromEntries(
        [...features].flatMap(([name, directions]) => {
          const { mean, skipped, unpaired } = listSimilarity(top, directions);
          return [[similarityKey(name), mean] as const, [skippedKey(name), skipped] as const, [unpairedKey(name), unpaired] as const];
        }),
      ),
    },
    items: itemSegments({ items: top.lists, width: top.width, users }, metrics, ground),
  };
}

type Matrix = NonNullable<Awaited<ReturnType<typeof matrix>>>;

function userSegments(table: Matrix, users: Int32Array, metrics: readonly string[], ground: Ground): NonNullable<RunProfile['users']> {
  const count = ground.bounds.length + 1;
  const segments = users.map((user) => userSegmentOf(ground.ofUser[user] ?? 0, ground.bounds));
  const means = metrics.map((metric) => {
    const column = metricKeys.indexOf(metric);
    if (column < 0 || column + 1 >= table.columns) return Array.from({ length: count }, () => null);
    const values = Float64Array.from({ length: table.rows }, (_, row) => table.values[row * table.columns + column + 1]!);
    return segmentMeans(values, segments, count).map(({ mean }) => (Number.isNaN(mean) ? null : mean));
  });
  return { sizes: segmentMeans(new Float64Array(users.length), segments, count).map(({ n }) => n), means };
}

/**
 * Item segments (protocol.md section 5): the same lists, of whose hits only those in the segment count, over users with a held-out item in it;
 * |T_u ∩ S| takes the place of |T_u|.
 */
function itemSegments(
  lists: { readonly items: Int32Array; readonly width: number; readonly users: Int32Array },
  metrics: readonly string[],
  { heldOut }: Ground,
): NonNullable<RunProfile['items']> {
  const found = heldOut.map((wanted) => inSegment(lists, wanted));
  return {
    sizes: found.map(({ users }) => users.length),
    means: metrics.map((metric) =>
      found.map(({ values, users }) => {
        const own = values?.get(metric);
        return own === undefined ? null : own.reduce((sum, value) => sum + value, 0) / users.length;
      }),
    ),
  };
}

/** Users who have a held-out item of the segment, and every metric of their lists on those items alone. */
export function inSegment(
  { items, width, users: evaluated }: { readonly items: Int32Array; readonly width: number; readonly users: Int32Array },
  wanted: UserRows,
): { readonly users: Int32Array; readonly values?: ReadonlyMap<string, Float64Array> } {
  const known = cutOffs.filter((k) => k <= width);
  const users = evaluated.filter((user) => wanted.offsets[user + 1]! > wanted.offsets[user]!);
  if (users.length === 0 || known.length === 0) return { users };
  const all = { items, width, users: Int32Array.from({ length: items.length / width }, (_, user) => user) };
  return { users, values: scoreLists(all, wanted, known, users) };
}

/** A file of rows; undefined where it is gone or of another kind. */
export async function matrix(file: string): Promise<{ rows: number; columns: number; values: Float64Array | Int32Array } | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { header, values } = readNpy(bytes, file);
  if (!(values instanceof Float64Array || values instanceof Int32Array)) return undefined;
  return { rows: header.shape[0] ?? 0, columns: header.shape[1] ?? 1, values };
}
