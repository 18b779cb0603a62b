import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Dataset } from '#data/dataset.ts';
import { readRankedRows, type RankedRowsOptions } from '#data/external/ranked-rows.ts';
import { shortLists, topLists } from '#training/external/top-lists.ts';

const folder = mkdtempSync(join(tmpdir(), 'avocet-lists-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (text: string, options: Partial<RankedRowsOptions> = {}) => {
  const path = join(folder, 'lists.csv');
  writeFileSync(path, text);
  return readRankedRows(path, { users: 3, items: 5, ...options });
};
const plain = async (text: string, options: Partial<RankedRowsOptions> = {}) => {
  const { users, items, scores, lines } = await read(text, options);
  return { users: [...users], items: [...items], scores: [...scores], lines: [...lines] };
};
const problem = async (text: string, options: Partial<RankedRowsOptions> = {}) => {
  const error: unknown = await read(text, options).catch((found: unknown) => found);
  return (error as { problem?: unknown }).problem;
};

describe('rows of lists', () => {
  const rows = { users: [2, 0], items: [4, 1], scores: [0.5, -1e-3] };

  test.each([
    ['with names', 'user,item,score\n2,4,0.5\n0,1,-1e-3\n', [2, 3]],
    ['without names', '2,4,0.5\n0,1,-1e-3', [1, 2]],
    ['between tabs', 'user_id\titem_id\tprediction\r\n2\t4\t0.5\r\n\r\n0\t1\t-1e-3\r\n', [2, 4]],
    ['with names in another order', 'Score,User,Item\n0.5,2,4\n-1e-3,0,1\n', [2, 3]],
    ['after a byte order mark', '\ufeff2,4,0.5\n0,1,-1e-3\n', [1, 2]],
  ])('%s are the same', async (_, text, lines) => {
    expect(await plain(text)).toEqual({ ...rows, lines });
  });

  test('with original ids are found by them', async () => {
    const original = { users: ['ann', 'bob', 'cy'], items: ['a', 'b', '7', 'd', 'x,y'] };
    expect(await plain('cy,"x,y",0.5\nann,b,-1e-3\n', { original })).toEqual({ ...rows, lines: [1, 2] });
    expect(await problem('dora,a,1\n', { original })).toMatchObject({
      code: 'lists.unknown-user',
      where: 'lists.csv:1',
      message: /line 1 \(dora\)/,
    });
    expect(await problem('0,a,1\n', { original: { items: original.items } })).toMatchObject({ code: 'lists.no-original-users' });
  });

  test('that name what the dataset has not are all named', async () => {
    expect(await problem('0,0,1\n3,0,1\n-1,0,1\n1,1,1\n9,0,1\n')).toMatchObject({
      kind: 'data',
      code: 'lists.unknown-user',
      where: 'lists.csv:2',
      message: 'The dataset has no such user: line 2 (3), line 3 (-1), line 5 (9).',
    });
    expect(await problem('0,5,1\n')).toMatchObject({ code: 'lists.unknown-item', where: 'lists.csv:1' });
    expect(await problem('0,1,1\n0,2,nan\n')).toMatchObject({
      code: 'lists.unknown-score',
      where: 'lists.csv:2',
      message: /not a finite number in line 2/,
    });
  });

  test.each([
    ['person,thing\n1,2\n', 'lists.header', 'lists.csv:1'],
    ['user,item,score\n1,2\n', 'lists.columns', 'lists.csv:2'],
    ['user,item,score\n', 'lists.empty', 'lists.csv:1'],
    ['', 'lists.empty', 'lists.csv:1'],
  ])('%j is refused as %s', async (text, code, where) => {
    expect(await problem(text)).toMatchObject({ code, where });
  });

  test('read back are what was written, for any rows', async () => {
    const row = fc.tuple(fc.nat(2), fc.nat(4), fc.double({ noNaN: true, noDefaultInfinity: true }));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 3000 }), fc.constantFrom(',', '\t', ';'), async (given, delimiter) => {
        const found = await plain(given.map((fields) => `${fields.join(delimiter)}\n`).join(''));
        expect(found.users).toEqual(given.map(([user]) => user));
        expect(found.items).toEqual(given.map(([, item]) => item));
        expect(found.scores.map(String)).toEqual(given.map(([, , score]) => String(score)));
        expect(found.lines).toEqual(given.map((_, at) => at + 1));
      }),
      { numRuns: 30 },
    );
  });
});

describe('lists of these rows', () => {
  const part = (rows: readonly [number, number][]) => ({
    users: Int32Array.from(rows, ([user]) => user),
    items: Int32Array.from(rows, ([, item]) => item),
  });
  const dataset = { users: 3, items: 5, train: part([[0, 1]]), validation: part([]), test: part([]) } as unknown as Dataset;

  test('are best first, equal scores by the lower id, without train items', async () => {
    const rows = await read('0,1,9\n0,4,2\n0,0,2\n0,2,3\n2,3,1\n');
    const { lists, masked } = topLists(rows, dataset, 2, 'lists.csv');
    expect([...lists.items]).toEqual([2, 0, -1, -1, 3, -1]);
    expect([...lists.scores!]).toEqual([3, 2, -Infinity, -Infinity, 1, -Infinity]);
    expect(masked).toBe(1);
    expect(shortLists(lists, Int32Array.of(0, 1, 2))).toEqual({ without: 1, short: 1 });
  });

  test('hold an item once', async () => {
    const rows = await read('user,item,score\n1,2,1\n2,2,1\n1,2,3\n');
    expect(() => topLists(rows, dataset, 2, 'lists.csv')).toThrow(/lists\.csv:4: User 1 has item 2 twice, in lines 2 and 4/);
  });
});
