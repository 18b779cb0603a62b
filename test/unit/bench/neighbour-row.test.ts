import { expect, it } from 'vitest';
import { coresOf } from '#test/bench/neighbour-row.ts';

it('cores are read as the kernel writes them', () => {
  expect(coresOf('0-3')).toEqual([0, 1, 2, 3]);
  expect(coresOf('2,5-6,9')).toEqual([2, 5, 6, 9]);
  expect(coresOf('')).toEqual([]);
});
