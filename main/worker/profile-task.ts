/** Lists and user segments of finished runs, one dataset after another. */
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { ProblemError } from '#contract/problem.ts';
import type { ProfileTask, RunProfile } from '#contract/profile.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { readNpy } from '#data/formats/npy.ts';
import { listMetrics } from '#stats/list-metrics.ts';
import { segmentMeans, segmentOf } from '#stats/segments.ts';

type Run = ProfileTask['datasets'][number]['runs'][number];

interface Train {
  readonly ofUser: Int32Array;
  readonly ofItem: Int32Array;
  readonly users: number;
}

export async function profileAll(task: ProfileTask, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<RunProfile[]> {
  const profiles: RunProfile[] = [];
  const total = task.datasets.reduce((sum, { runs }) => sum + runs.length, 0);
  for (const { folder, runs } of task.datasets) {
    const train = trainOf(await openDataset(folder, { features: false }));
    for (const run of runs) {
      profiles.push(await profile(task, run, train));
      await setImmediate();
      if (signal.aborted) throw new ProblemError({ kind: 'cancelled', code: 'profile.cancelled', message: 'Cancelled' });
      onProgress(profiles.length / total);
    }
  }
  return profiles;
}

function trainOf({ train, users, items }: Awaited<ReturnType<typeof openDataset>>): Train {
  const ofUser = new Int32Array(users);
  const ofItem = new Int32Array(items);
  for (const user of train.users) ofUser[user]! += 1;
  for (const item of train.items) ofItem[item]! += 1;
  return { ofUser, ofItem, users: ofUser.reduce((sum, rows) => sum + (rows > 0 ? 1 : 0), 0) };
}

async function profile({ k, bounds, columns }: ProfileTask, { id, perUser, lists }: Run, train: Train): Promise<RunProfile> {
  if (perUser === undefined) return { id, note: 'the run kept no per-user values' };
  const table = await matrix(perUser);
  if (table === undefined) return { id, note: 'its per-user file is gone' };
  const users = Int32Array.from({ length: table.rows }, (_, row) => table.values[row * table.columns]!);
  const segments = users.map((user) => segmentOf(train.ofUser[user] ?? 0, bounds));
  const means = columns.map((column) => {
    if (column < 0 || column + 1 >= table.columns) return Array.from({ length: bounds.length + 1 }, () => null);
    const values = Float64Array.from({ length: table.rows }, (_, row) => table.values[row * table.columns + column + 1]!);
    return segmentMeans(values, segments, bounds.length + 1).map(({ mean }) => (Number.isNaN(mean) ? null : mean));
  });
  const sizes = segmentMeans(new Float64Array(users.length), segments, bounds.length + 1).map(({ n }) => n);
  const found = lists === undefined ? undefined : await matrix(lists);
  if (found === undefined) return { id, sizes, means, note: 'the run kept no lists' };
  const top = {
    lists: found.values as Int32Array,
    width: found.columns,
    rows: users,
    k,
    popularity: train.ofItem,
    trainUsers: train.users,
  };
  return { id, sizes, means, lists: { ...listMetrics(top) } };
}

async function matrix(file: string): Promise<{ rows: number; columns: number; values: Float64Array | Int32Array } | undefined> {
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
