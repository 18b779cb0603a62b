import { describe, expect, it } from 'vitest';
import { randomStream } from '#data/random.ts';
import { leastRuns, permutationImportance } from '#stats/importance.ts';

describe('importance of settings', () => {
  const runs = (count: number) => {
    const stream = randomStream(4, 'runs');
    const rows = Array.from({ length: count }, () => [stream.integer(5), stream.integer(4), stream.integer(3)]);
    // The first setting matters much, the second a little and only with the first high, the third not at all.
    return { rows, values: rows.map(([a, b]) => a! + (a! > 2 ? 0.5 * b! : 0) + 0.05 * stream.normal()) };
  };
  const draw = (seed: number) => {
    const stream = randomStream(seed, 'forest');
    return () => stream.uniform();
  };

  it('puts settings in the order in which they matter, and nothing on one that does not', () => {
    const { rows, values } = runs(120);
    const [first, second, third] = permutationImportance(rows, values, draw(1))!;
    expect(first!.mean).toBeGreaterThan(0.5);
    expect(second!.mean).toBeGreaterThan(3 * second!.sd);
    expect(first!.mean).toBeGreaterThan(second!.mean);
    expect(Math.abs(third!.mean)).toBeLessThan(0.02);
  });

  it('repeats itself from the same draws', () => {
    const { rows, values } = runs(30);
    expect(permutationImportance(rows, values, draw(2))).toEqual(permutationImportance(rows, values, draw(2)));
  });

  it('says nothing about fewer than ten runs or equal values', () => {
    const { rows, values } = runs(leastRuns - 1);
    expect(permutationImportance(rows, values, draw(1))).toBeUndefined();
    expect(
      permutationImportance(
        runs(20).rows,
        Array.from({ length: 20 }, () => 1),
        draw(1),
      ),
    ).toBeUndefined();
    // The mean of ten times 0.1 is not quite 0.1.
    expect(
      permutationImportance(
        runs(10).rows,
        Array.from({ length: 10 }, () => 0.1),
        draw(1),
      ),
    ).toBeUndefined();
  });
});
