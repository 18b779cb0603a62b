import { describe, expect, test } from 'vitest';
import { exposures } from '#studio/recommendations/item-views.ts';
import { drawn, selectUsers, type UserValues } from '#studio/recommendations/user-list.ts';

/** Six users; nothing of user 3 is held out. */
const values: UserValues = {
  trainRows: Int32Array.of(3, 9, 3, 4, 20, 9),
  segmentOf: (user) => (user < 3 ? 'sparse' : 'dense'),
  a: Float64Array.of(0.5, 0, 1, NaN, 0.2, 0),
  b: Float64Array.of(0.25, 0.5, 0, NaN, 0.2, 0),
};
const all = { segments: [], filter: 'all', order: 'number', seed: 7 } as const;

describe('users of A and B', () => {
  test.each([
    ['all', [0, 1, 2, 3, 4, 5]],
    ['hit', [0, 1, 2, 4]],
    ['miss', [5]],
    ['gained', [1]],
    ['lost', [0, 2]],
  ] as const)('%s', (filter, users) => {
    expect(selectUsers(values, { ...all, filter })).toEqual(users);
  });

  test('the biggest wins of A and of B, largest difference first; who is not evaluated wins nothing', () => {
    expect(selectUsers(values, { ...all, order: 'wins-a' })).toEqual([2, 0]);
    expect(selectUsers(values, { ...all, order: 'wins-b' })).toEqual([1]);
    const { b: _unused, ...alone } = values;
    expect(selectUsers(alone, { ...all, filter: 'hit', order: 'wins-a' })).toEqual([2, 0, 4]);
    expect(selectUsers(alone, { ...all, filter: 'gained' })).toEqual([]);
  });

  test('segments and filters hold together, and equal values keep the order of numbers', () => {
    expect(selectUsers(values, { ...all, segments: ['sparse'], filter: 'lost' })).toEqual([0, 2]);
    expect(selectUsers(values, { ...all, order: 'train' })).toEqual([4, 1, 5, 3, 0, 2]);
  });

  test('a random sample is decided by its seed, and a filter only thins it', () => {
    const many: UserValues = { trainRows: new Int32Array(500), segmentOf: () => 'x', a: new Float64Array(500).map((_, user) => user % 2) };
    const sample = selectUsers(many, { ...all, order: 'random' });
    expect(selectUsers(many, { ...all, order: 'random' })).toEqual(sample);
    expect([...sample].sort((x, y) => x - y)).toEqual([...sample.keys()]);
    expect(selectUsers(many, { ...all, order: 'random', seed: 8 })).not.toEqual(sample);
    expect(selectUsers(many, { ...all, order: 'random', filter: 'hit' })).toEqual(sample.filter((user) => user % 2 === 1));
    expect(new Set(sample.map((user) => drawn(7, user))).size).toBe(500);
  });
});

test('exposure counts the users whose first k hold an item', () => {
  // prettier-ignore
  const lists = Int32Array.of(
    2, 0, 1,
    0, 2, -1,
    2, -1, -1,
  );
  expect([1, 2, 3].map((k) => [...exposures(lists, 3, k, 4)])).toEqual([
    [1, 0, 2, 0],
    [2, 0, 3, 0],
    [2, 1, 3, 0],
  ]);
});
