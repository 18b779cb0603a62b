/** Which users are shown, and in what order. Pure. */
import type { ParsedUsersRequest } from '#contract/recommendation.ts';

/** Of every user: values of A and B in the chosen metric, NaN where nothing of theirs is held out. */
export interface UserValues {
  readonly trainRows: Int32Array;
  readonly segmentOf: (user: number) => string;
  readonly a: Float64Array;
  readonly b?: Float64Array;
}

export type UserFilter = ParsedUsersRequest['filter'];
type Choice = Pick<ParsedUsersRequest, 'filter' | 'order' | 'seed'> & { readonly segments: readonly string[] };

/**
 * Users that pass the filters, ordered; ties by number. `wins-a` keeps those where A is better and puts the largest difference first,
 * `wins-b` the others; the random order is a permutation that the seed alone decides, so a sample stays the same while filters change.
 */
export function selectUsers(values: UserValues, { segments, filter, order, seed }: Choice): number[] {
  const { trainRows, a, b } = values;
  const wanted = new Set(segments);
  const chosen: number[] = [];
  for (let user = 0; user < a.length; user++) {
    if (wanted.size > 0 && !wanted.has(values.segmentOf(user))) continue;
    if (!passes(values, user, filter)) continue;
    if ((order === 'wins-a' || order === 'wins-b') && !(advantage(values, user, order) > 0)) continue;
    chosen.push(user);
  }
  switch (order) {
    case 'number':
      return chosen;
    case 'train':
      return chosen.sort((x, y) => trainRows[y]! - trainRows[x]! || x - y);
    case 'random':
      return chosen.sort((x, y) => drawn(seed, x) - drawn(seed, y) || x - y);
    default:
      if (b === undefined) return chosen.sort((x, y) => a[y]! - a[x]! || x - y);
      return chosen.sort((x, y) => advantage(values, y, order) - advantage(values, x, order) || x - y);
  }
}

/** gained and lost: B against A; hit: a value above zero with any of them. Users who are not evaluated pass `all` alone. */
export function passes({ a, b }: UserValues, user: number, filter: UserFilter): boolean {
  const [valueA, valueB] = [a[user]!, b?.[user]];
  if (filter === 'all') return true;
  if (Number.isNaN(valueA)) return false;
  const isHit = valueA > 0 || (valueB ?? 0) > 0;
  if (filter === 'hit' || filter === 'miss') return isHit === (filter === 'hit');
  if (valueB === undefined) return false;
  return filter === 'gained' ? valueB > valueA : valueB < valueA;
}

/** How much the order's run is better; with one run its own value. NaN where the user is not evaluated. */
function advantage({ a, b }: UserValues, user: number, order: 'wins-a' | 'wins-b'): number {
  if (b === undefined) return order === 'wins-a' ? a[user]! : NaN;
  return order === 'wins-a' ? a[user]! - b[user]! : b[user]! - a[user]!;
}

/** 32 mixed bits of a user under a seed (finaliser of MurmurHash3): a bijection of the user for each seed, so no two are alike. */
export function drawn(seed: number, user: number): number {
  let bits = (user ^ Math.imul(seed + 1, 0x9e3779b1)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
