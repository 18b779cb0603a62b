import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Series } from '#contract/run.ts';
import { between, thinned } from '#store/series-thinning.ts';

const series = (values: Float64Array<ArrayBuffer>, first = 1): Series => ({
  key: 'loss',
  stage: 'train',
  epochs: Int32Array.from(values, (_, at) => first + at),
  values,
});

describe('a long series for a screen', () => {
  test('keeps a planted spike of one sample, up or down, at any thinning and in any part', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 4, max: 3000 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 5000 }),
        (at, most, up, room) => {
          const values = Float64Array.from({ length: 10_000 }, (_, index) => Math.sin(index / 300));
          values[at] = up ? 40 : -40;
          const whole = series(values);
          for (const shown of [whole, between(whole, at + 1 - room, at + 1 + room)]) {
            const drawn = thinned(shown, most);
            expect(drawn.values[drawn.epochs.indexOf(at + 1)]).toBe(values[at]);
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  test('is about as long as asked, in order, with both ends, the epoch to keep and the number it stands for', () => {
    const values = Float64Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 1013);
    const drawn = thinned(series(values), 1000, 43_210);
    expect(drawn.epochs.length).toBeLessThanOrEqual(1004);
    expect(drawn.of).toBe(100_000);
    expect([drawn.epochs[0], drawn.epochs[drawn.epochs.length - 1]]).toEqual([1, 100_000]);
    expect(drawn.epochs).toContain(43_210);
    for (let at = 1; at < drawn.epochs.length; at++) expect(drawn.epochs[at]!).toBeGreaterThan(drawn.epochs[at - 1]!);
    for (const [at, epoch] of drawn.epochs.entries()) expect(drawn.values[at]).toBe(values[epoch - 1]);
  });

  test('ends whatever the lengths are, where stretches are no whole number of epochs', () => {
    const values = Float64Array.from({ length: 700 }, (_, at) => at % 13);
    for (let length = 5; length <= values.length; length += 3)
      for (let most = 4; most < length; most += 7) {
        const drawn = thinned(series(values.slice(0, length)), most);
        expect(drawn.epochs[drawn.epochs.length - 1]).toBe(length);
        expect(drawn.epochs.length).toBeLessThanOrEqual(most + 4);
      }
  });

  test('stays as it is where it is short, and a part of it reaches one beyond each end', () => {
    const short = series(Float64Array.of(1, 2, 3));
    expect(thinned(short, 3)).toBe(short);
    const part = between(series(Float64Array.from({ length: 50 }, (_, at) => at)), 10, 20);
    expect([part.epochs[0], part.epochs[part.epochs.length - 1]]).toEqual([9, 21]);
    expect(between(short, 40, 50).epochs).toEqual(Int32Array.of(3));
  });
});
