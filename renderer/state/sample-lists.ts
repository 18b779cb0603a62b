/** Sample outputs as the page shows them: the list of one user at one epoch beside the one at the best epoch before. Pure. */
import type { Samples } from '#contract/samples.ts';

export interface SampleRow {
  readonly item: number;
  /** From 1. */
  readonly rank: number;
  /** The user has it held out for validation. */
  readonly hit: boolean;
  /** Places gained since the best epoch before; 'new' where it was not in the list, undefined at the first epoch. */
  readonly moved: number | 'new' | undefined;
}

/** Lists by user at the epoch with this place in `epochs`. */
export function sampleRows({ users, epochs }: Samples, at: number): readonly (readonly SampleRow[])[] {
  const now = epochs[at];
  const before = epochs[at - 1];
  return users.map((user, column) => {
    const wanted = new Set(user.heldOut);
    const earlier = before?.lists[column];
    return (now?.lists[column] ?? []).map((item, index) => {
      const place = earlier?.indexOf(item);
      return {
        item,
        rank: index + 1,
        hit: wanted.has(item),
        moved: place === undefined ? undefined : place < 0 ? 'new' : place - index,
      };
    });
  });
}

/** Numbers of users as typed; or what is wrong with them. */
export function usersOf(text: string): number[] | string {
  const parts = text.split(/[\s,]+/).filter(Boolean);
  const users = parts.map(Number);
  if (users.some((user) => !Number.isInteger(user) || user < 0)) return 'Numbers of users with commas between';
  if (users.length > 5) return 'At most five users';
  return [...new Set(users)];
}
