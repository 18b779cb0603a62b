import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensor2d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset, Part } from '#data/dataset.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { breathe } from '#training/control.ts';
import { Evaluator, listWidth } from '#training/evaluator.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

let device: OpenDevice;
beforeAll(async () => {
  device = await openDevice('wasm');
});
afterAll(() => device.close());

const part = (pairs: readonly (readonly [number, number])[]): Part => ({
  users: Int32Array.from(pairs, ([user]) => user),
  items: Int32Array.from(pairs, ([, item]) => item),
});

/** Three users, four items: user 1 has no train row, user 2 has every item but 3 in train. */
const tiny: Dataset = {
  ...drawnDataset({ users: 3, items: 4, rowsPerUser: 3 }),
  train: part([
    [0, 0],
    [2, 0],
    [2, 1],
    [2, 2],
  ]),
  validation: part([
    [0, 1],
    [1, 2],
    [2, 3],
  ]),
  test: part([
    [0, 3],
    [0, 2],
  ]),
};

async function ranked(dataset: Dataset, users: number[][], items: number[][]) {
  const representation = { users: tensor2d(users), items: tensor2d(items) };
  const evaluator = new Evaluator(dataset);
  const lists = await evaluator.rank(representation, evaluator.everyone(), breathe);
  representation.users.dispose();
  representation.items.dispose();
  return {
    evaluator,
    lists,
    list: (row: number) => [...lists.items.subarray(row * listWidth, (row + 1) * listWidth)].filter((item) => item >= 0),
  };
}

describe('Evaluator', () => {
  it('masks train items alone, ranks all others, and lets the lower id win a tie', async () => {
    const { list } = await ranked(tiny, [[1], [1], [1]], [[5], [1], [3], [3]]);
    expect(list(0)).toEqual([2, 3, 1]);
    expect(list(1)).toEqual([0, 2, 3, 1]);
    expect(list(2)).toEqual([3]);
  });

  it('orders by id when all scores are equal', async () => {
    const { list } = await ranked(tiny, [[0], [0], [0]], [[5], [1], [3], [3]]);
    expect([list(0), list(1), list(2)]).toEqual([[1, 2, 3], [0, 1, 2, 3], [3]]);
  });

  it('gives an empty list where every candidate is masked', async () => {
    const full: Dataset = {
      ...tiny,
      train: part([
        [0, 0],
        [0, 1],
        [0, 2],
        [0, 3],
        [2, 0],
      ]),
    };
    const { list, evaluator, lists } = await ranked(full, [[1], [1], [1]], [[5], [1], [3], [3]]);
    expect(list(0)).toEqual([]);
    expect([...evaluator.score(lists, 'validation').perUser.get('recall@50')!]).toEqual([0, 1]);
  });

  it('drops and counts held-out users without train rows, and scores each part by its own users', async () => {
    const { evaluator, lists } = await ranked(tiny, [[1], [1], [1]], [[5], [1], [3], [3]]);
    expect(evaluator.dropped).toBe(1);
    expect([...evaluator.evaluated.validation]).toEqual([0, 2]);
    expect([...evaluator.evaluated.test]).toEqual([0]);
    expect([...evaluator.usersOf(['validation', 'test'])]).toEqual([0, 2]);
    const validation = evaluator.score(lists, 'validation');
    // User 0 finds item 1 at rank 3, user 2 finds item 3 at rank 1.
    expect([...validation.perUser.get('ndcg@5')!]).toEqual([1 / 2, 1]);
    expect(validation.values['map@5']).toBeCloseTo((1 / 3 + 1) / 2, 15);
    // Validation items stay in the test ranking.
    expect(evaluator.score(lists, 'test').values['recall@5']).toBe(1);
  });

  it('gives the same lists whatever users are ranked beside a user', async () => {
    const dataset = drawnDataset({ users: 1500, items: 70, rowsPerUser: 6 });
    const evaluator = new Evaluator(dataset);
    const draw = (rows: number) =>
      tensor2d(
        Array.from({ length: rows * 5 }, (_, k) => Math.sin(k * 1.7)),
        [rows, 5],
      );
    const representation = { users: draw(1500), items: draw(70) };
    const all = await evaluator.rank(representation, evaluator.everyone(), breathe);
    const few = await evaluator.rank(representation, Int32Array.of(3, 1023, 1024, 1499), breathe);
    [3, 1023, 1024, 1499].forEach((user, row) => {
      const expected = all.items.subarray(user * listWidth, (user + 1) * listWidth);
      expect(few.items.subarray(row * listWidth, (row + 1) * listWidth)).toEqual(expected);
    });
    representation.users.dispose();
    representation.items.dispose();
  });

  it('refuses a dataset in which no epoch could be chosen', () => {
    expect(() => new Evaluator({ ...tiny, validation: part([[1, 0]]) })).toThrow(/no user .* validation/);
  });
});

const tiktok = join(import.meta.dirname, '../../../../shared/data/tiktok/tiktok.inter');

describe.skipIf(!existsSync(tiktok))('Evaluator on TikTok (skipped without ../shared)', () => {
  it('drops 10 users; 3,046 validation and 6,125 test rows remain', () => {
    const [head, ...lines] = readFileSync(tiktok, 'utf8').trim().split('\n');
    const columns = head!.split('\t');
    const [user, item, label] = ['userID', 'itemID', 'x_label'].map((name) => columns.indexOf(name)) as [number, number, number];
    const rows = lines.map((line) => line.split('\t').map(Number));
    const labelled = (wanted: number): Part => part(rows.filter((row) => row[label] === wanted).map((row) => [row[user]!, row[item]!]));
    const dataset: Dataset = { ...tiny, users: 9308, items: 6710, train: labelled(0), validation: labelled(1), test: labelled(2) };
    const evaluator = new Evaluator(dataset);
    expect(evaluator.dropped).toBe(10);
    for (const [name, remaining] of [
      ['validation', 3046],
      ['test', 6125],
    ] as const) {
      const kept = new Set(evaluator.evaluated[name]);
      expect(dataset[name].users.filter((id) => kept.has(id)).length).toBe(remaining);
    }
  });
});
