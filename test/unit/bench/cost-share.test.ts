import { expect, it } from 'vitest';
import { shareOf } from '#test/bench/cost-share.ts';

it('supervision costs the sum of both parts over the time at work, with the error of turns that differ', () => {
  const costs = [
    { worker: 1, studio: 3, active: 500 },
    { worker: 2, studio: 4, active: 500 },
  ];
  const share = shareOf(costs);
  expect(share.worker).toBeCloseTo(3 / 1000, 12);
  expect(share.studio).toBeCloseTo(7 / 1000, 12);
  expect(share.total).toBeCloseTo(0.01, 12);
  // Turns of 0.8 % and 1.2 %: half their distance.
  expect(share.error).toBeCloseTo(0.002, 12);
  const alike = [costs[0]!, costs[0]!, costs[0]!];
  expect(shareOf(alike).error).toBe(0);
});
