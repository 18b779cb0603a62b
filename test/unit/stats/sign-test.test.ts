import { expect, test } from 'vitest';
import { signTest } from '#stats/sign-test.ts';

// R 4.3: binom.test(x, n), p-value and conf.int.
test.each([
  { wins: 8, losses: 2, p: 0.109375, low: 0.4439045, high: 0.9747893 },
  { wins: 15, losses: 5, p: 0.04138947, low: 0.5089541, high: 0.9134285 },
])('binom.test($wins of $wins + $losses) of R', ({ wins, losses, p, low, high }) => {
  const found = signTest(wins, losses)!;
  expect(found.p).toBeCloseTo(p, 7);
  expect([found.low, found.high].map((bound) => bound.toFixed(7))).toEqual([low, high].map((bound) => bound.toFixed(7)));
});

test('is exact at the ends, the same from both sides, and nothing without a preference', () => {
  const none = signTest(0, 5)!;
  expect(none).toMatchObject({ n: 5, p: 0.0625, share: 0, low: 0 });
  expect(none.high).toBeCloseTo(1 - 0.025 ** (1 / 5), 12);
  const turned = signTest(5, 0)!;
  expect([turned.low, turned.high, turned.p]).toEqual([expect.closeTo(1 - none.high, 12), 1, none.p]);
  expect(signTest(3, 3)!.p).toBe(1);
  expect(signTest(0, 0)).toBeUndefined();
});

test('hundreds of votes neither overflow nor lose their digits', () => {
  const found = signTest(700, 300)!;
  expect(found.p).toBeGreaterThan(0);
  expect(found.p).toBeLessThan(1e-36);
  expect(found.low).toBeGreaterThan(0.66);
  expect(found.high).toBeLessThan(0.74);
});
