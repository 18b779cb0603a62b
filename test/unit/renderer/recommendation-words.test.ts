import { describe, expect, test } from 'vitest';
import type { ListedRun, UserLists } from '#contract/recommendation.ts';
import type { RunSummary } from '#contract/run.ts';
import { textCsv } from '#renderer/charts/figure-data.ts';
import { slopesOf } from '#renderer/charts/slopes.ts';
import {
  changeWords,
  foundWords,
  hitsText,
  itemName,
  isTurned,
  panelRows,
  partnerOf,
  rankChange,
  runHint,
  scoreText,
  tallyWords,
  userName,
  userSentence,
  worthALook,
} from '#renderer/state/recommendation-words.ts';

const listed = (id: string, model: string, dataset = 'demo'): ListedRun => ({
  id,
  model,
  modelTitle: model.toUpperCase(),
  dataset,
  datasetName: dataset,
  seed: 1,
  details: 'seed 1',
  sentence: '',
  isTestShown: true,
});
const item = (id: number, title?: string) => ({
  id,
  rawId: `P-${id}`,
  ...(title === undefined ? {} : { title }),
  trainRows: 4,
  segment: 'head' as const,
  missing: [],
});

const lists: UserLists = {
  part: 'test',
  parts: ['validation', 'test'],
  user: 7,
  rawId: 'zoe',
  k: 2,
  history: [5],
  hasTimes: false,
  heldOut: [
    { item: 1, ranks: [2, 1] },
    { item: 9, ranks: [null, null] },
  ],
  lists: [
    {
      run: 'run-a',
      scores: 'stored',
      hits: 1,
      metrics: {},
      rows: [
        { item: 2, score: 0.5, hit: false },
        { item: 1, score: 0.25, hit: true, other: 1 },
      ],
    },
    {
      run: 'run-b',
      scores: 'none',
      hits: 1,
      metrics: {},
      rows: [
        { item: 1, hit: true, other: 2 },
        { item: 3, hit: false },
      ],
    },
  ],
  items: [item(1, '=Cup, "red"'), item(2, 'Mug'), item(3)],
};

describe('words of a panel', () => {
  test('ranks, hits, scores and users', () => {
    expect([rankChange(1, 6), rankChange(8, 1), rankChange(3, 3), rankChange(2, undefined)]).toEqual(['↑ 5', '↓ 7', '=', 'new']);
    expect([changeWords(1, 6, 'A'), changeWords(1, undefined, 'A')]).toEqual(['rank 6 in A', 'not among the 50 of A']);
    expect([foundWords([6, 1], 10), foundWords([null, 12], 10), foundWords([3], 10), foundWords([null, null], 10)]).toEqual([
      'A 6, B 1',
      '(B 12)',
      '3',
      'not in the top 50',
    ]);
    expect([
      scoreText(-1.5),
      scoreText(0.00012345),
      scoreText(1234.5678),
      scoreText(0),
      scoreText(-4.3441e11),
      scoreText(undefined),
    ]).toEqual(['−1.500', '0.0001234', '1235', '0.000', '−4.34e11', '']);
    expect([userName(3, '3'), userName(3, 'zoe')]).toEqual(['3', 'zoe (3)']);
    const line = (...hits: number[]) => ({ user: 1, rawId: '1', trainRows: 2, values: hits.map((each) => ({ value: 0, hits: each })) });
    expect([hitsText(line(1, 3)), hitsText(line(3, 1)), hitsText(line(2)), hitsText({ user: 1, rawId: '1', trainRows: 0 })]).toEqual([
      '+2',
      '−2',
      '2',
      '–',
    ]);
    expect(userSentence(lists)).toBe('1 train item, 2 held out. A finds 1 of them in its top 2, B finds 1.');
    expect(userSentence({ ...lists, heldOut: [] })).toBe('1 train item, 0 held out.');
  });

  test('rows for a file, one per place, and nothing that a spreadsheet would run', () => {
    const rows = panelRows(lists);
    expect(rows).toHaveLength(5);
    expect(rows[2]).toEqual(['zoe', 'run-a', '2', '1', 'P-1', '=Cup, "red"', '4', '0.25', 'test', '1']);
    expect(rows[4]).toEqual(['zoe', 'run-b', '2', '3', 'P-3', '', '4', '', '', '']);
    expect(textCsv([['=Cup, "red"', '-1.5', 'a']])).toBe('"\'=Cup, ""red""",-1.5,a\r\n');
  });

  test('slopes join the same item, and what is in one list alone ends in a stub', () => {
    const [left, right] = [lists.lists[0]!.rows, lists.lists[1]!.rows];
    const slopes = slopesOf(left, right, { width: 72, row: 44 });
    expect(slopes.map(({ item: of, hit, isNew, ends }) => [of, hit, isNew, ends.length])).toEqual([
      [2, false, false, 0],
      [3, false, true, 1],
      [1, true, false, 2],
    ]);
    expect(slopes[2]!.path).toBe('M4 66C36 66 36 22 68 22');
  });
});

test('runs to choose from are told apart by their dataset where they are of several', () => {
  const here = listed('a', 'lightgcn', 'Demo');
  expect(runHint(here, [here, listed('b', 'lightgcn', 'Baby')])).toBe('Demo, seed 1');
  expect(runHint(here, [here, listed('b', 'bpr', 'Demo')])).toBe('seed 1');
});

test('the run beside A is of another model where there is one, over the same data', () => {
  const a = listed('a', 'mgcn');
  const runs = [listed('other', 'bpr', 'baby'), a, listed('twin', 'mgcn'), listed('b', 'bpr')];
  expect(partnerOf(a, runs)?.id).toBe('b');
  expect(partnerOf(a, [a, listed('twin', 'mgcn')])?.id).toBe('twin');
  expect(partnerOf(a, [a, listed('other', 'bpr', 'baby')])).toBeUndefined();
});

test('from a comparison the best run is looked at beside the best of another model', () => {
  const run = (id: string, model: string, value: number | undefined, dataset = 'demo') =>
    ({
      id,
      model,
      dataset,
      state: 'finished',
      ...(value === undefined ? {} : { validation: { 'recall@20': value } }),
    }) as unknown as RunSummary;
  const found = worthALook([
    run('x', 'bpr', 0.2, 'baby'),
    run('a', 'bpr', 0.05),
    run('b', 'mgcn', 0.3),
    run('c', 'mgcn', 0.29),
    run('d', 'bpr', 0.1),
  ]);
  expect([found?.a.id, found?.b.id]).toEqual(['d', 'b']);
  expect(worthALook([run('b', 'mgcn', 0.3), run('c', 'mgcn', 0.2), run('d', 'bpr', undefined)])).toBeUndefined();
});

test('sides are drawn per user and session, both ways about as often', () => {
  const turned = Array.from({ length: 2000 }, (_, user) => isTurned(123, user));
  expect(turned).toEqual(Array.from({ length: 2000 }, (_, user) => isTurned(123, user)));
  expect(turned).not.toEqual(Array.from({ length: 2000 }, (_, user) => isTurned(124, user)));
  const share = turned.filter(Boolean).length / 2000;
  expect(share).toBeGreaterThan(0.45);
  expect(share).toBeLessThan(0.55);
});

test('the result of blind votes says counts, share, interval and p', () => {
  const counts = { a: 8, b: 2, tie: 1 };
  const sign = { n: 10, p: 0.109375, share: 0.8, low: 0.4439, high: 0.9748, level: 0.95 };
  expect(tallyWords({ counts, sign, votes: [] }, 'MGCN', 'BPR')).toBe(
    '11 blind votes: A (MGCN) 8, B (BPR) 2, no preference 1. A preferred in 80 % of 10 (95 % interval 44 % to 97 %), sign test p = 0.109.',
  );
  expect(tallyWords({ counts: { a: 0, b: 0, tie: 1 }, votes: [] }, 'MGCN', 'BPR')).toBe(
    '1 blind vote: A (MGCN) 0, B (BPR) 0, no preference 1.',
  );
});

describe('names of items', () => {
  test('a title is shown as plain text, a lacking one as the id of the source', () => {
    expect(itemName(item(1, 'Mug&reg; <b>'), 1)).toBe('Mug® <b>');
    expect([itemName(item(2), 2), itemName(undefined, 3)]).toEqual(['P-2', '3']);
  });
});
