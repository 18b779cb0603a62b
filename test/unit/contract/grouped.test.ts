import { expect, it } from 'vitest';
import { addTo, grouped } from '#contract/grouped.ts';

it('keeps keys and values in the order they come', () => {
  const groups = grouped([3, 1, 4, 1, 5, 9, 2, 6], (value) => value % 3);
  expect([...groups]).toEqual([
    [0, [3, 9, 6]],
    [1, [1, 4, 1]],
    [2, [5, 2]],
  ]);
  addTo(groups, 3, 0);
  expect(groups.get(3)).toEqual([0]);
});
