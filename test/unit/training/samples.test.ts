import { describe, expect, test } from 'vitest';
import { sampleUsers, samplesOf } from '#training/samples.ts';

describe('users whose lists are kept', () => {
  const evaluated = Int32Array.from({ length: 40 }, (_, at) => at * 3);

  test('are five that every run over the same data draws alike, of those that have lists', () => {
    const drawn = sampleUsers(evaluated);
    expect(drawn).toEqual(sampleUsers(evaluated));
    expect(new Set(drawn).size).toBe(5);
    for (const user of drawn) expect(evaluated).toContain(user);
    expect(sampleUsers(Int32Array.of(4, 9))).toEqual([4, 9]);
  });

  test('or those asked for, without any that have none', () => {
    expect(sampleUsers(evaluated, [9, 6, 9, 7])).toEqual([9, 6]);
    expect(sampleUsers(evaluated, [7, 1])).toEqual(sampleUsers(evaluated));
  });

  test('get the first ten items of their lists, fewer where there were no more candidates', () => {
    const width = 12;
    const items = Int32Array.from({ length: 2 * width }, (_, at) => (at < 15 ? at : -1));
    const samples = samplesOf({ users: Int32Array.of(3, 8), items, width }, [8, 3, 5]);
    expect(samples).toEqual({
      users: [8, 3],
      items: [
        [12, 13, 14],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      ],
    });
  });
});
