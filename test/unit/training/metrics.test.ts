import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { userRows } from '#data/user-rows.ts';
import type { UserRows } from '#data/user-rows.ts';
import { metricOf } from '#contract/metrics.ts';
import { metricKeys } from '#contract/run.ts';
import { meanValues, scoreLists } from '#training/metrics.ts';

const log2 = Math.log2;

function heldOut(rows: Record<number, number[]>, users: number): UserRows {
  const pairs = Object.entries(rows).flatMap(([user, items]) => items.map((item) => [Number(user), item] as const));
  return userRows({ users: Int32Array.from(pairs, ([user]) => user), items: Int32Array.from(pairs, ([, item]) => item) }, users);
}

function listOf(items: number[][]) {
  return { users: Int32Array.from(items, (_, r) => r), items: Int32Array.from(items.flat()), width: items[0]!.length };
}

describe('scoreLists', () => {
  it('equals values worked out by hand', () => {
    // Hits at ranks 1 and 4 of 3 held-out items; K = 2 and 4.
    const values = scoreLists(listOf([[7, 1, 2, 9]]), heldOut({ 0: [7, 9, 30] }, 1), [2, 4]);
    expect(Object.fromEntries([...values].map(([key, [value]]) => [key, value]))).toEqual({
      'recall@2': 1 / 3,
      'recall@4': 2 / 3,
      'precision@2': 1 / 2,
      'precision@4': 2 / 4,
      'ndcg@2': 1 / (1 + 1 / log2(3)),
      'ndcg@4': expect.closeTo((1 + 1 / log2(5)) / (1 + 1 / log2(3) + 1 / 2), 15),
      'map@2': 1 / 2,
      'map@4': (1 + 2 / 4) / 3,
    });
  });

  it('divides MAP and NDCG by what K lets a user reach who has more held-out items than K', () => {
    const values = scoreLists(listOf([[0, 1]]), heldOut({ 0: [0, 1, 2, 3, 4] }, 1), [1, 2]);
    expect(values.get('recall@2')![0]).toBe(2 / 5);
    expect(values.get('map@2')![0]).toBe(1);
    expect(values.get('ndcg@2')![0]).toBe(1);
    expect(values.get('map@1')![0]).toBe(1);
    expect(values.get('precision@2')![0]).toBe(1);
  });

  it('counts places after the last candidate as misses', () => {
    const values = scoreLists(
      listOf([
        [-1, -1, -1],
        [4, -1, -1],
      ]),
      heldOut({ 0: [4], 1: [4] }, 2),
      [3],
    );
    expect([...values.get('recall@3')!]).toEqual([0, 1]);
    expect([...values.get('precision@3')!]).toEqual([0, 1 / 3]);
    expect(meanValues(values)['recall@3']).toBe(1 / 2);
  });

  it('takes repeated held-out rows as one item', () => {
    const values = scoreLists(listOf([[4, 5]]), heldOut({ 0: [4, 4] }, 1), [2]);
    expect(values.get('recall@2')![0]).toBe(1);
  });

  it('refuses a cut-off beyond the lists', () => {
    expect(() => scoreLists(listOf([[1, 2]]), heldOut({ 0: [1] }, 1), [5])).toThrow(/cut-off 5/);
  });

  it('computes exactly the metrics that the contract defines', () => {
    expect(metricKeys).toHaveLength(16);
    expect(metricKeys.map((key) => metricOf(key)?.key)).toEqual(metricKeys);
    expect(metricOf('NDCG@10')).toMatchObject({ key: 'ndcg@10', label: 'NDCG@10', short: 'N@10', better: 'higher' });
    expect(metricOf('map@50')!.definition).toContain('min(held-out items, 50)');
    for (const strange of ['recall@21', 'recall', 'loss', 'toString@5', 'recall@']) expect(metricOf(strange)).toBeUndefined();
  });
});

interface RecordedPart {
  users: number[];
  held_out: Record<string, number[]>;
  top10: { shape: [number, number]; items: number[] };
  metrics: Record<string, number>;
}
const recorded = join(import.meta.dirname, '../../../../shared/parity/evaluator.json');

describe.skipIf(!existsSync(recorded))('scoreLists against the recorded evaluator (skipped without ../shared)', () => {
  it.each(['valid', 'test'] as const)('%s', (name) => {
    const part = (JSON.parse(readFileSync(recorded, 'utf8')) as Record<'valid' | 'test', RecordedPart>)[name];
    const lists = { users: Int32Array.from(part.users), items: Int32Array.from(part.top10.items), width: part.top10.shape[1] };
    const means = meanValues(scoreLists(lists, heldOut(part.held_out, 24), [1, 2, 3, 5, 10]));
    const compared = Object.entries(part.metrics).filter(([key]) => !key.startsWith('recall2'));
    expect(compared).toHaveLength(20);
    for (const [key, value] of compared) expect(Math.abs(means[key]! - value)).toBeLessThan(1e-11);
  });
});
