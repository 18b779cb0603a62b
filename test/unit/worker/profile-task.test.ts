import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemSegmentsOf } from '#contract/segments.ts';
import { countIds } from '#data/fingerprint.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { profileAll } from '#worker/profile-task.ts';
import { importedFolder } from '../../fixtures/dataset-folder.ts';
import { drawnDataset } from '../../fixtures/drawn-dataset.ts';

describe('the profile of a run', () => {
  const dataset = drawnDataset();
  const segments = { users: [0, 2, 4], items: { by: 'rows' as const, head: 0.5 } };
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

  const run = (metrics: string[], files: { perUser?: string; lists?: string }, signal = new AbortController().signal) =>
    profileAll(
      { k: 5, part: 'validation', metrics, datasets: [{ folder: datasetFolder, segments, runs: [{ id: 'r', ...files }] }] },
      () => undefined,
      signal,
    );

  it('splits users by their train rows; weighted by size the means are the overall mean (G7)', async () => {
    const [profile] = await run(['recall@5', 'recall@10'], { perUser, lists });
    const { sizes, means } = profile!.users!;
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(evaluated.length);
    const trainRows = (user: number) => dataset.train.users.filter((other) => other === user).length;
    expect(sizes[1]).toBe(evaluated.filter((user) => trainRows(user) >= 1 && trainRows(user) <= 2).length);
    for (const [column, value] of [(user: number) => (user % 7) / 7, (user: number) => user % 2].entries()) {
      const weighted = means[column]!.reduce<number>((sum, mean, at) => sum + (mean ?? 0) * sizes[at]!, 0) / evaluated.length;
      expect(weighted).toBeCloseTo(evaluated.reduce((sum, user) => sum + value(user), 0) / evaluated.length, 12);
    }
  });

  it('says how alike lists are in each modality, where it is asked', async () => {
    const task = {
      k: 5,
      part: 'validation' as const,
      metrics: [],
      datasets: [{ folder: datasetFolder, segments, runs: [{ id: 'r', perUser, lists }] }],
    };
    const asked = await profileAll({ ...task, similarity: true }, () => undefined, new AbortController().signal);
    const { name, values, width } = dataset.modalities[0]!;
    const [a, b] = [0, 1].map((item) => values.subarray(item * width, (item + 1) * width));
    const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, at) => sum + value * y[at]!, 0);
    expect(asked[0]!.lists![`ils:${name}`]).toBeCloseTo(dot(a!, b!) / Math.sqrt(dot(a!, a!) * dot(b!, b!)), 6);
    expect(asked[0]!.lists).toMatchObject({ [`ils-skipped:${name}`]: 0, [`ils-unpaired:${name}`]: 0 });
    const [plain] = await profileAll(task, () => undefined, new AbortController().signal);
    expect(Object.keys(plain!.lists!)).not.toContain(`ils:${name}`);
    // Everybody has items 0 and 1: whoever held one of them out has a hit.
    const heldOut = new Set(dataset.validation.users.filter((_, row) => dataset.validation.items[row]! < 2));
    expect(plain!.lists!['hitrate']).toBeCloseTo(evaluated.filter((user) => heldOut.has(user)).length / evaluated.length, 12);
    expect(plain!.lists!['mrr']).toBeLessThanOrEqual(plain!.lists!['hitrate']!);
  });

  it('scores each item segment on the held-out items in it, over users who have one; hits add up to those of all items', async () => {
    const lists50 = join(folder, 'all.npy');
    // Lists of 50 places over few items: everybody gets the items in order of id, whatever is in train.
    const width = 50;
    const items = Int32Array.from({ length: dataset.users * width }, (_, at) => (at % width < dataset.items ? at % width : -1));
    await writeFile(lists50, writeNpy(items, [dataset.users, width]));
    const [profile] = await run(['recall@5', 'precision@5', 'ndcg@5'], { perUser, lists: lists50 });
    const { sizes, means } = profile!.items!;
    const { segments: of } = itemSegmentsOf(countIds(dataset.train.items, dataset.items), segments.items);
    expect(profile!.itemCounts).toEqual([0, 1, 2].map((segment) => of.filter((own) => own === segment).length));
    const heldOut = (user: number) => [...dataset.validation.items].filter((_, row) => dataset.validation.users[row] === user);
    let hitsBySegment = 0;
    for (const segment of [0, 1, 2]) {
      const own = evaluated.map((user) => heldOut(user).filter((item) => of[item] === segment)).filter((list) => list.length > 0);
      expect(sizes[segment]).toBe(own.length);
      if (own.length === 0) {
        expect(means[0]![segment]).toBeNull();
        continue;
      }
      const hits = own.map((list) => list.filter((item) => item < 5).length);
      expect(means[0]![segment]).toBeCloseTo(hits.reduce((sum, found, at) => sum + found / own[at]!.length, 0) / own.length, 12);
      hitsBySegment += means[1]![segment]! * 5 * sizes[segment]!;
    }
    const all = evaluated.reduce((sum, user) => sum + heldOut(user).filter((item) => item < 5).length, 0);
    expect(all).toBeGreaterThan(0);
    expect(hitsBySegment).toBeCloseTo(all, 9);
  });

  it('looks at the lists of evaluated users', async () => {
    const [profile] = await run(['recall@5'], { perUser, lists });
    expect(profile!.lists!['coverage']).toBe(2 / dataset.items);
    expect(profile!.lists!['entropy']).toBeCloseTo(Math.log(2), 12);
  });

  it('says what is missing, and stops when asked to', async () => {
    const nothing = 'the run kept no per-user values';
    expect((await run(['recall@5'], {}))[0]).toMatchObject({ id: 'r', note: nothing, listNote: nothing });
    const [listless] = await run(['recall@5'], { perUser });
    expect(listless).toMatchObject({ listNote: 'the run kept no lists' });
    expect(listless).not.toHaveProperty('note');
    expect((await run(['recall@5'], { perUser, lists: join(folder, 'gone.npy') }))[0]).toMatchObject({
      listNote: 'the file with its lists is gone',
    });
    expect((await run(['map@50'], { perUser, lists }))[0]!.users!.means).toEqual([[null, null, null, null]]);
    const stop = new AbortController();
    stop.abort();
    await expect(run(['recall@5'], { perUser, lists }, stop.signal)).rejects.toThrow('Cancelled');
  });
});
