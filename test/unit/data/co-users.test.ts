import { describe, expect, it } from 'vitest';
import { coUsers, paddedCoUsers } from '#data/co-users.ts';
import { trainEdges } from '#data/graph.ts';
import { randomStream } from '#data/random.ts';

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
  it('come by falling count, then rising id, k at most', () => {
    const { ids, counts } = coUsers(edges, 2);
    expect(ids.map((row) => [...row])).toEqual([[1, 3], [0, 3], [0, 3], [0, 1], [], []]);
    expect(counts.map((row) => [...row])).toEqual([[2, 2], [2, 1], [1, 1], [2, 1], [], []]);
    expect([...coUsers(edges, 9).ids[0]!]).toEqual([1, 3, 2]);
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
    const lengths = coUsers(edges, 5).ids.map(({ length }) => length);
    expect(asked).toEqual(lengths.flatMap((length) => (length === 0 ? [] : Array.from({ length: 5 - length }, (_, n) => length + n))));
  });
});
