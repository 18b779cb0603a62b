import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coUsers, paddedCoUsers } from '#data/co-users.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { trainEdges } from '#data/graph.ts';
import { importDataset } from '#data/import.ts';
import { coUserMemory } from '#data/neighbour-memory.ts';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import { Belongings } from '#models/parts/parameters.ts';
import { UserGraph } from '#models/parts/user-graph.ts';
import { folderWith, goodFolder, temporaryFolder } from '#test/fixtures/dataset-files.ts';

// User 0: items 0, 1, 2; user 1: 0, 1; user 2: 2; user 3: 0, 2; user 4 alone with item 3; user 5 without rows.
const rows = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [2, 2],
  [3, 0],
  [3, 2],
  [4, 3],
] as const;
const edges = trainEdges({
  users: 6,
  items: 4,
  train: { users: Int32Array.from(rows, ([user]) => user), items: Int32Array.from(rows, ([, item]) => item) },
});

describe('users who share train items', () => {
  const lists = (k: number) => {
    const { rows: users, ids, counts } = coUsers(edges, k);
    return Array.from({ length: users }, (_, user) =>
      Array.from({ length: k }, (_unused, place): [number, number] => [ids[user * k + place]!, counts[user * k + place]!]).filter(
        ([id]) => id >= 0,
      ),
    );
  };

  it('come by falling count, then rising id, k at most', () => {
    expect(lists(2)).toEqual([
      [
        [1, 2],
        [3, 2],
      ],
      [
        [0, 2],
        [3, 1],
      ],
      [
        [0, 1],
        [3, 1],
      ],
      [
        [0, 2],
        [1, 1],
      ],
      [],
      [],
    ]);
    expect(lists(9)[0]).toEqual([
      [1, 2],
      [3, 2],
      [2, 1],
    ]);
  });

  it('weigh by a softmax over exactly k raw counts, repeats included', () => {
    const random = { ...randomStream(1, 'graph'), integer: (below: number) => below - 1 };
    const matrix = paddedCoUsers(coUsers(edges, 4), random);
    // User 1: 0 (2 items), 3 (1 item), then the last of the list twice: 3, 3.
    const total = Math.exp(2) + 3 * Math.exp(1);
    expect([...matrix.indices.subarray(matrix.offsets[1], matrix.offsets[2])]).toEqual([0, 3]);
    const weights = matrix.values.subarray(matrix.offsets[1], matrix.offsets[2]);
    expect(weights[0]).toBeCloseTo(Math.exp(2) / total, 6);
    expect(weights[1]).toBeCloseTo((3 * Math.exp(1)) / total, 6);
    for (const user of [4, 5]) expect(matrix.offsets[user + 1]).toBe(matrix.offsets[user]);
  });

  it('repeat members of the list as it grows', () => {
    const asked: number[] = [];
    const random = {
      ...randomStream(1, 'graph'),
      integer: (below: number) => {
        asked.push(below);
        return 0;
      },
    };
    paddedCoUsers(coUsers(edges, 5), random);
    const lengths = lists(5).map(({ length }) => length);
    expect(asked).toEqual(lengths.flatMap((length) => (length === 0 ? [] : Array.from({ length: 5 - length }, (_, n) => length + n))));
  });

  it('are kept beside a dataset under the hash of its split', async () => {
    const folder = await temporaryFolder();
    const found = coUsers(edges, 3);
    const memory = coUserMemory(folder, { hash: 'a', rows: 6 });
    expect(memory.find(3)).toBeUndefined();
    memory.keep(found);
    expect(memory.find(3)).toEqual(found);
    expect(memory.find(2)).toBeUndefined();
    expect(coUserMemory(folder, { hash: 'b', rows: 6 }).find(3)).toBeUndefined();
  });

  it('are counted once for a dataset on disk', async () => {
    const root = await temporaryFolder();
    const request = { from: 'folder', folder: await folderWith(goodFolder()), name: 'set', choices: {} } as const;
    for await (const event of importDataset(request, { root })) void event;
    const folder = join(root, 'set');
    const device = await openDevice('cpu');
    const records = await Promise.all(
      [1, 2].map(async () => {
        const dataset = await openDataset(folder, { features: false });
        const own = new Belongings();
        const { record } = new UserGraph(own, { dataset, k: 7, random: randomStream(1, 'graph') });
        own.dispose();
        return record;
      }),
    );
    expect(records[0]).toBe(records[1]);
    expect(await readdir(folder)).toContain('co-users.k7.bin');
    device.close();
  });
});
