import { createHash } from 'node:crypto';
import type { Part } from './dataset.ts';

/**
 * Rows in order of time: what next-item models read. Order is by time, and by file order where times tie (protocol.md section 2), so a
 * user's history is the same wherever it is asked for.
 */

/** Items of each user in order: user u's are `items[offsets[u] … offsets[u+1])`, the earliest first. */
export interface Sequences {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** The three parts of a split. */
export interface SplitParts {
  readonly users: number;
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
}

/** Rows of a part by user and time; parts keep file order, and sorting keeps it where times tie. Without times: file order. */
export function sequencesOf({ users, items, times }: Part, userCount: number): Sequences {
  const order = Int32Array.from(users, (_, row) => row);
  // `sort` of typed arrays is stable, but says so in no version we run on: the row decides.
  order.sort((a, b) => users[a]! - users[b]! || (times === undefined ? 0 : times[a]! - times[b]!) || a - b);
  const offsets = new Int32Array(userCount + 1);
  for (const user of users) offsets[user + 1]! += 1;
  for (let u = 0; u < userCount; u++) offsets[u + 1]! += offsets[u]!;
  return { offsets, items: order.map((row) => items[row]!) };
}

/** One user's items, the earliest first. */
export function historyOf({ offsets, items }: Sequences, user: number): Int32Array {
  return items.subarray(offsets[user], offsets[user + 1]);
}

/**
 * Whether the split is leave-one-out by time: every user has one validation and one test row after all train rows, in this order, or train
 * rows alone. It is told from the rows, so that labels of a file count as much as our own rule.
 */
export function isLeaveOneOut({ users, train, validation, test }: SplitParts): boolean {
  if (train.times === undefined || validation.times === undefined || test.times === undefined || test.users.length === 0) return false;
  const before = new Float64Array(users).fill(-Infinity);
  const rows = new Int32Array(users);
  train.users.forEach((user, row) => {
    before[user] = Math.max(before[user]!, train.times![row]!);
    rows[user] = 1;
  });
  // The two held-out rows raise the count to 2 and then 3; whoever is left at 2, or has no train row, was split otherwise.
  for (const [step, part] of [validation, test].entries()) {
    for (const [row, user] of part.users.entries()) {
      if (rows[user] !== step + 1 || part.times![row]! < before[user]!) return false;
      before[user] = part.times![row]!;
      rows[user] = step + 2;
    }
  }
  return !rows.includes(2);
}

/**
 * sequence_hash: SHA-256 of the lines `user TAB item,item,… LF` of all users with rows, each user's items in order of time over train,
 * validation and test. split_hash does not know the order, which decides what a next-item model reads. Undefined where the split is not
 * leave-one-out by time.
 */
export function sequenceHashOf(split: SplitParts): string | undefined {
  if (!isLeaveOneOut(split)) return undefined;
  const parts = [split.train, split.validation, split.test].map((part) => sequencesOf(part, split.users));
  const hash = createHash('sha256');
  for (let user = 0; user < split.users; user++) {
    const items = parts.flatMap((part) => [...historyOf(part, user)]);
    if (items.length > 0) hash.update(`${user}\t${items.join(',')}\n`);
  }
  return hash.digest('hex');
}
