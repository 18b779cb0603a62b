import type { Dataset } from '#data/dataset.ts';
import type { RankedRows } from '#data/external/ranked-rows.ts';
import { dataError } from '#data/issue-log.ts';
import { holds, userRows } from '#data/user-rows.ts';
import type { RankedLists } from '../metrics.ts';

export interface TopLists {
  readonly lists: RankedLists;
  /** Rows left out because the user has the item in train. */
  readonly masked: number;
}

/**
 * The first `width` items of every user of the dataset from rows in any order: best score first, equal scores by the lower item id,
 * items of the user's train rows left out, as the evaluator ranks. Throws a data problem for an item that stands twice in a list.
 */
export function topLists(rows: RankedRows, dataset: Dataset, width: number, file: string): TopLists {
  const train = userRows(dataset.train, dataset.users);
  const offsets = new Int32Array(dataset.users + 1);
  for (const user of rows.users) offsets[user + 1]! += 1;
  for (let user = 0; user < dataset.users; user++) offsets[user + 1]! += offsets[user]!;
  const order = new Int32Array(rows.users.length);
  const next = offsets.slice(0, dataset.users);
  for (let row = 0; row < rows.users.length; row++) {
    const user = rows.users[row]!;
    order[next[user]!] = row;
    next[user]! += 1;
  }
  const items = new Int32Array(dataset.users * width).fill(-1);
  const scores = new Float32Array(dataset.users * width).fill(Number.NEGATIVE_INFINITY);
  const lineOf = new Int32Array(dataset.items);
  let masked = 0;
  for (let user = 0; user < dataset.users; user++) {
    const own = order.subarray(offsets[user], offsets[user + 1]);
    for (const row of own) {
      const item = rows.items[row]!;
      if (lineOf[item] !== 0) throw repeated(rows, row, lineOf[item]!, file);
      lineOf[item] = rows.lines[row]!;
    }
    for (const row of own) lineOf[rows.items[row]!] = 0;
    own.sort((a, b) => rows.scores[b]! - rows.scores[a]! || rows.items[a]! - rows.items[b]!);
    let rank = 0;
    for (const row of own) {
      const item = rows.items[row]!;
      if (holds(train, user, item)) masked += 1;
      else if (rank < width) {
        items[user * width + rank] = item;
        scores[user * width + rank] = rows.scores[row]!;
        rank += 1;
      }
    }
  }
  return { lists: { users: Int32Array.from({ length: dataset.users }, (_, user) => user), items, scores, width }, masked };
}

function repeated(rows: RankedRows, row: number, first: number, file: string) {
  return dataError({
    code: 'lists.repeated',
    message: `User ${rows.users[row]!} has item ${rows.items[row]!} twice, in lines ${first} and ${rows.lines[row]!} (inner ids).`,
    where: `${file}:${rows.lines[row]!}`,
    fix: 'Keep one row of each user and item.',
  });
}

/** How many of these users have no list at all, and how many one shorter than the lists can be. */
export function shortLists({ items, width }: RankedLists, users: Int32Array): { readonly without: number; readonly short: number } {
  let without = 0;
  let short = 0;
  for (const user of users) {
    if (items[user * width] === -1) without += 1;
    else if (items[user * width + width - 1] === -1) short += 1;
  }
  return { without, short };
}
