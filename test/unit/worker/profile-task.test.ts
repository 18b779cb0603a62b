import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { profileAll } from '#worker/profile-task.ts';
import { importedFolder } from '../../fixtures/dataset-folder.ts';
import { drawnDataset } from '../../fixtures/drawn-dataset.ts';

describe('the profile of a run', () => {
  const dataset = drawnDataset();
  const bounds = [0, 2, 4];
  const evaluated = [...new Set(dataset.validation.users)].sort((a, b) => a - b);
  let folder: string;
  let datasetFolder: string;
  let perUser: string;
  let lists: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'avocet-profile-'));
    datasetFolder = await importedFolder(dataset, folder);
    perUser = join(folder, 'per-user.npy');
    lists = join(folder, 'top50.npy');
    const table = Float64Array.from(evaluated.flatMap((user) => [user, (user % 7) / 7, user % 2]));
    await writeFile(perUser, writeNpy(table, [evaluated.length, 3]));
    // Everybody gets items 0 and 1.
    const top = Int32Array.from({ length: dataset.users * 2 }, (_, at) => at % 2);
    await writeFile(lists, writeNpy(top, [dataset.users, 2]));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = (columns: number[], files: { perUser?: string; lists?: string }, signal = new AbortController().signal) =>
    profileAll({ k: 5, bounds, columns, datasets: [{ folder: datasetFolder, runs: [{ id: 'r', ...files }] }] }, () => undefined, signal);

  it('splits users by their train rows; weighted by size the means are the overall mean (G7)', async () => {
    const [profile] = await run([0, 1], { perUser, lists });
    const { sizes, means } = profile!;
    expect(sizes!.reduce((sum, size) => sum + size, 0)).toBe(evaluated.length);
    const trainRows = (user: number) => dataset.train.users.filter((other) => other === user).length;
    expect(sizes![1]).toBe(evaluated.filter((user) => trainRows(user) >= 1 && trainRows(user) <= 2).length);
    for (const [column, value] of [(user: number) => (user % 7) / 7, (user: number) => user % 2].entries()) {
      const weighted = means![column]!.reduce<number>((sum, mean, at) => sum + (mean ?? 0) * sizes![at]!, 0) / evaluated.length;
      expect(weighted).toBeCloseTo(evaluated.reduce((sum, user) => sum + value(user), 0) / evaluated.length, 12);
    }
  });

  it('looks at the lists of evaluated users', async () => {
    const [profile] = await run([0], { perUser, lists });
    expect(profile!.lists!['coverage']).toBe(2 / dataset.items);
    expect(profile!.lists!['entropy']).toBeCloseTo(Math.log(2), 12);
  });

  it('says what is missing, and stops when asked to', async () => {
    expect((await run([0], {}))[0]).toEqual({ id: 'r', note: 'the run kept no per-user values' });
    expect((await run([0], { perUser }))[0]).toMatchObject({ note: 'the run kept no lists' });
    expect((await run([5], { perUser, lists }))[0]!.means).toEqual([[null, null, null, null]]);
    const stop = new AbortController();
    stop.abort();
    await expect(run([0], { perUser, lists }, stop.signal)).rejects.toThrow('Cancelled');
  });
});
