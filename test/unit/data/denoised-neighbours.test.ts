import { describe, expect, it } from 'vitest';
import { denoisedNeighbours } from '#data/denoised-neighbours.ts';
import { cosineBlock, nearestNeighbours } from '#data/knn.ts';
import type { FeatureTable } from '#data/knn.ts';
import { randomStream } from '#data/random.ts';

const rows = 30;

function drawn(name: string, width: number): FeatureTable {
  const random = randomStream(4, name);
  const values = Float32Array.from({ length: rows * width }, () => random.normal() + 0.4);
  // An item without features: nobody's neighbour.
  values.fill(0, 7 * width, 8 * width);
  return { rows, width, values };
}

const tables = [drawn('image', 5), drawn('text', 3)];

/** By definition: all cosines, their mean, what reaches it in both, the k largest. */
function expected(t: number, k: number): number[][] {
  const cosines = tables.map((table) => cosineBlock(table, 0, rows));
  const means = cosines.map((block) => block.reduce((sum, x) => sum + x, 0) / rows ** 2);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: rows }, (_, id) => id)
      .filter((id) => row !== 7 && id !== 7 && cosines.every((block, m) => block[row * rows + id]! >= means[m]!))
      .sort((a, b) => cosines[t]![row * rows + b]! - cosines[t]![row * rows + a]!)
      .slice(0, k),
  );
}

describe('neighbours that every modality agrees on', () => {
  it.each([2, 6, 20])('are those of definition for k %d, however short the lists that are looked at first', (k) => {
    for (const listed of [k, Math.min(8 * k, rows)]) {
      const found = denoisedNeighbours(tables, k, (t) => nearestNeighbours(tables[t]!, { k: listed, self: true }));
      found.forEach(({ ids, cosines }, t) => {
        expected(t, k).forEach((list, row) => {
          expect([...ids.subarray(row * k, (row + 1) * k)].filter((id) => id >= 0)).toEqual(list);
          if (list.includes(row)) expect(cosines[row * k]).toBeCloseTo(1, 6);
        });
      });
    }
    const counts = expected(0, k).map((list) => list.length);
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBeGreaterThan(1);
  });
});
