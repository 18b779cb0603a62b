import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Answers } from '#data/answers.ts';
import { collaborativeGraph, collaborativeLinks } from '#data/co-occurrence.ts';
import type { CollaborativeOptions } from '#data/co-occurrence.ts';
import { entryRows, isSymmetric } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { trainEdges, type TrainEdges } from '#data/graph.ts';
import { readInteractions } from '#data/interactions.ts';
import { IssueLog } from '#data/issue-log.ts';

/** Interactions by user; rows may repeat. */
function edgesOf(baskets: readonly (readonly number[])[], items: number) {
  const rows = baskets.flatMap((basket, user) => basket.map((item) => [user, item] as const));
  const train = { users: Int32Array.from(rows, ([user]) => user), items: Int32Array.from(rows, ([, item]) => item) };
  return trainEdges({ users: baskets.length, items, train });
}

function dense(matrix: CsrMatrix): number[][] {
  const rows = entryRows(matrix);
  const table = Array.from({ length: matrix.rows }, () => new Array<number>(matrix.columns).fill(0));
  matrix.indices.forEach((column, entry) => (table[rows[entry]!]![column] = matrix.values[entry]!));
  return table;
}

// Items 0 and 1 share two users, 1 and 2 one, 3 is alone, nobody took 4.
const baskets = [[0, 1], [1, 0, 2], [3], [0]];
const options: CollaborativeOptions = { score: 'count', atLeast: 1, k: 10, isolated: 'zero' };

/** All links by count: C without its diagonal, counts below `atLeast` left out. */
const sharedUserCounts = (edges: TrainEdges, atLeast = 1) => collaborativeLinks(edges, { ...options, atLeast, k: edges.itemCount });

describe('shared-user counts', () => {
  it('are RᵀR without its diagonal', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 6 }), { minLength: 1, maxLength: 12 }), (drawn) => {
        const sets = drawn.map((basket) => new Set(basket));
        const common = (a: number, b: number): number => (a === b ? 0 : sets.filter((set) => set.has(a) && set.has(b)).length);
        const expected = Array.from({ length: 9 }, (_, a) => Array.from({ length: 9 }, (__, b) => common(a, b)));
        const counts = sharedUserCounts(edgesOf(drawn, 9));
        expect(dense(counts)).toEqual(expected);
        expect(isSymmetric(counts)).toBe(true);
        for (let r = 0; r < 9; r++) {
          const row = [...counts.indices.subarray(counts.offsets[r], counts.offsets[r + 1])];
          expect(row).toEqual([...row].sort((a, b) => a - b));
        }
      }),
      { seed: 5 },
    );
  });

  it('below the least number are left out', () => {
    expect(dense(sharedUserCounts(edgesOf(baskets, 5), 2))[0]).toEqual([0, 2, 0, 0, 0]);
    expect(sharedUserCounts(edgesOf(baskets, 5), 2).indices.length).toBe(2);
  });
});

describe('collaborative links', () => {
  // Degrees 3, 2, 1, 1, 0.
  it.each([
    ['count', [0, 2, 1, 0, 0]],
    ['cosine', [0, 2 / Math.sqrt(6), 1 / Math.sqrt(3), 0, 0]],
    ['jaccard', [0, 2 / 3, 1 / 3, 0, 0]],
  ] as const)('weigh by %s', (score, first) => {
    const row = dense(collaborativeLinks(edgesOf(baskets, 5), { ...options, score }))[0]!;
    row.forEach((value, item) => expect(value).toBeCloseTo(first[item]!, 6));
  });

  it('keep the k largest of a row, ties to the lower item', () => {
    const kept = collaborativeLinks(edgesOf(baskets, 5), { ...options, k: 1 });
    expect(dense(kept).map((row) => row.findIndex((value) => value > 0))).toEqual([1, 0, 0, -1, -1]);
  });

  it('leave items without neighbours empty, or to themselves', () => {
    expect(dense(collaborativeLinks(edgesOf(baskets, 5), options)).slice(3)).toEqual([
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ]);
    const alone = dense(collaborativeGraph(edgesOf(baskets, 5), { ...options, isolated: 'self', atLeast: 2 }));
    expect(alone.map((row, item) => row[item])).toEqual([0, 0, 1, 1, 1]);
  });

  it('are normalised by the row sums of both ends', () => {
    const links = dense(collaborativeLinks(edgesOf(baskets, 5), { ...options, k: 1 }));
    const sums = links.map((row) => row.reduce((sum, value) => sum + value, 0));
    const normalised = dense(collaborativeGraph(edgesOf(baskets, 5), { ...options, k: 1 }));
    expect(normalised[2]![0]).toBeCloseTo(links[2]![0]! / Math.sqrt(sums[2]! * sums[0]!), 6);
    expect(normalised[0]![1]).toBeCloseTo(1, 6);
  });
});

const baby = fileURLToPath(new URL('../../../../shared/data/baby', import.meta.url));
const present = existsSync(baby);

// Known values of the reference (models.md 0.3 and G2).
describe.skipIf(!present)(present ? 'shared users on Amazon Baby' : 'shared users on Amazon Baby (skipped: no ../shared/data/baby)', () => {
  it('are 451,961, 45,289 and 12,117 pairs; 70,117 links at k 10 by count', async () => {
    const data = await readInteractions(join(baby, 'baby.inter'), new IssueLog(), new Answers({}, true, () => undefined));
    const edges = trainEdges(data);
    const pairs = [1, 2, 3].map((least) => sharedUserCounts(edges, least));
    expect(pairs.map(({ indices }) => indices.length / 2)).toEqual([451961, 45289, 12117]);
    const empty = pairs.map(({ offsets }) => [...offsets.keys()].slice(1).filter((r) => offsets[r] === offsets[r - 1]).length / 7050);
    [0.0004, 0.347, 0.717].forEach((share, which) => expect(empty[which]).toBeCloseTo(share, 3));
    expect(collaborativeLinks(edges, options).indices.length).toBe(70117);
  });
});
