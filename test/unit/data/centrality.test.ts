import { describe, expect, it } from 'vitest';
import { centrality } from '#data/centrality.ts';
import { trainEdges } from '#data/graph.ts';

const edgesOf = (users: number, items: number, pairs: [user: number, item: number][]) =>
  trainEdges({
    users,
    items,
    train: { users: Int32Array.from(pairs, ([user]) => user), items: Int32Array.from(pairs, ([, item]) => item) },
  });

/** Item 0 with four users; user 4 and item 1 have nothing. */
const star = edgesOf(5, 2, [
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
]);

function near(ours: Float64Array, expected: readonly number[], digits = 7): void {
  expect(ours).toHaveLength(expected.length);
  expected.forEach((value, node) => expect(ours[node], `node ${node}`).toBeCloseTo(value, digits));
}

describe('centrality', () => {
  it('counts neighbours', () => {
    near(centrality(star, 'degree'), [1, 1, 1, 1, 0, 4, 0]);
  });

  it('hands ranks on: a leaf has .15 + .85·c/4, the centre .15 + .85·(sum of leaves)', () => {
    // c = .15 + .85·4·l with l = .15 + .85·c/4.
    const c = (0.15 + 0.85 * 4 * 0.15) / (1 - 0.85 ** 2);
    const l = 0.15 + (0.85 * c) / 4;
    expect(4 * l + c).toBeCloseTo(5, 9);
    near(centrality(star, 'pagerank'), [l, l, l, l, 0, c, 0]);
    // All alike where all have two neighbours.
    const ring = edgesOf(2, 2, [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    near(centrality(ring, 'pagerank'), [1, 1, 1, 1]);
  });

  it('is the leading eigenvector: 1/√2 at a star’s centre, 1/√(2·4) at its leaves', () => {
    const leaf = 1 / Math.sqrt(8);
    near(centrality(star, 'eigen'), [leaf, leaf, leaf, leaf, 0, Math.SQRT1_2, 0]);
  });
});
