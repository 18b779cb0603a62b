import type { Part } from './dataset.ts';

/** Items per user in compressed rows: user u holds `indices[offsets[u] … offsets[u+1])`, rising and without repeats. */
export interface UserRows {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

/** Groups a part of the split by user. `users` is the number of users of the dataset; users without a row get an empty one. */
export function userRows(part: Part, users: number): UserRows {
  const starts = new Int32Array(users + 1);
  for (const user of part.users) starts[user + 1] = starts[user + 1]! + 1;
  for (let user = 0; user < users; user++) starts[user + 1] = starts[user + 1]! + starts[user]!;
  const items = new Int32Array(part.users.length);
  const next = starts.slice(0, users);
  for (let row = 0; row < part.users.length; row++) {
    const user = part.users[row]!;
    items[next[user]!] = part.items[row]!;
    next[user] = next[user]! + 1;
  }
  const offsets = new Int32Array(users + 1);
  let kept = 0;
  for (let user = 0; user < users; user++) {
    const own = items.subarray(starts[user]!, starts[user + 1]!).sort();
    const first = kept;
    // Writing behind the reading position is safe: rows only shrink.
    for (const item of own) {
      if (kept === first || items[kept - 1] !== item) items[kept++] = item;
    }
    offsets[user + 1] = kept;
  }
  return { offsets, indices: items.slice(0, kept) };
}

/** Number of distinct items of a user. */
export function rowLength(rows: UserRows, user: number): number {
  return rows.offsets[user + 1]! - rows.offsets[user]!;
}

/** Whether the user's row holds the item; binary search. */
export function holds(rows: UserRows, user: number, item: number): boolean {
  let low = rows.offsets[user]!;
  let high = rows.offsets[user + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = rows.indices[middle]!;
    if (found === item) return true;
    if (found < item) low = middle + 1;
    else high = middle;
  }
  return false;
}
