import { randomStream } from '#data/random.ts';
import type { RankedLists } from './metrics.ts';

/** Users whose lists a run keeps at each new best epoch, and how much of each. */
const sampledUsers = 5;
const sampledItems = 10;

export interface Samples {
  readonly users: number[];
  /** By user, best item first. */
  readonly items: number[][];
}

/**
 * The users that were asked for, else five drawn by a seed that no run changes, so that runs over the same data show the same ones. Only
 * users of `evaluated` (rising) have lists.
 */
export function sampleUsers(evaluated: Int32Array, asked: readonly number[] = []): number[] {
  const known = new Set(evaluated);
  const wished = [...new Set(asked)].filter((user) => known.has(user)).slice(0, sampledUsers);
  if (wished.length > 0) return wished;
  const random = randomStream(0, 'samples');
  const drawn = new Set<number>();
  while (drawn.size < Math.min(sampledUsers, evaluated.length)) drawn.add(evaluated[random.integer(evaluated.length)]!);
  return [...drawn].sort((a, b) => a - b);
}

/** The first items of these users, copied out of lists that were made for validation anyway. */
export function samplesOf({ users, items, width }: RankedLists, wanted: readonly number[]): Samples {
  const found = wanted.flatMap((user) => {
    const row = users.indexOf(user);
    if (row < 0) return [];
    return [{ user, list: [...items.subarray(row * width, row * width + sampledItems)].filter((item) => item >= 0) }];
  });
  return { users: found.map(({ user }) => user), items: found.map(({ list }) => list) };
}
