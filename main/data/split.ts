import type { Part } from './dataset.ts';
import type { Random } from './random.ts';

/** Rows to split, in file order, with dense ids. `times` in UTC ms where known. */
export interface Rows {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly times?: Float64Array;
}

/** Label per row: 0 train, 1 validation, 2 test, 3 dropped. */
export type Labels = Uint8Array;

export interface Parts {
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
}

/**
 * MMRec's "8:1:1" (protocol.md section 2): per user n rows in random order; n < 3 train only; n < 10 → n−2 / 1 / 1; else with
 * h = ⌊0.2 n⌋ → n−h / ⌊h/2⌋ / the rest.
 */
export function mmrecRatio(rows: Rows, userCount: number, random: Random): Labels {
  return perUser(rows, userCount, { random }, (n) => {
    if (n < 3) return [0, 0];
    if (n < 10) return [1, 1];
    const held = Math.floor(0.2 * n);
    return [Math.floor(held / 2), held - Math.floor(held / 2)];
  });
}

/** Free shares per user, at random or the latest rows; at least one train row per user. */
export function ratioPerUser(
  rows: Rows,
  userCount: number,
  shares: { readonly validation: number; readonly test: number },
  order: { readonly random: Random } | 'time',
): Labels {
  return perUser(rows, userCount, order, (n) => {
    let test = Math.round(n * shares.test);
    let validation = Math.round(n * shares.validation);
    while (test + validation >= n && test + validation > 0) {
      if (validation > test) validation--;
      else test--;
    }
    return [validation, test];
  });
}

/**
 * Shares of all rows at once: the last ones in the order are test, those before them validation. A user who would have no train row keeps
 * the first own one.
 */
export function ratioGlobal(
  rows: Rows,
  userCount: number,
  shares: { readonly validation: number; readonly test: number },
  order: { readonly random: Random } | 'time',
): Labels {
  const count = rows.users.length;
  const sorted = Int32Array.from({ length: count }, (_, row) => row);
  if (order === 'time') sorted.sort((a, b) => rows.times![a]! - rows.times![b]! || a - b);
  else order.random.shuffle(sorted);
  const test = Math.round(count * shares.test);
  const validation = Math.round(count * shares.validation);
  const labels = new Uint8Array(count);
  const hasTrain = new Uint8Array(userCount);
  sorted.forEach((row, at) => {
    const fromEnd = count - 1 - at;
    // In order, so the first row of a user is met first.
    if (hasTrain[rows.users[row]!] === 0 || fromEnd >= test + validation) hasTrain[rows.users[row]!] = 1;
    else labels[row] = fromEnd < test ? 2 : 1;
  });
  return labels;
}

/** The last row of each user (by time, ties by file order, or at random) is test, the one before validation; users need three rows. */
export function leaveOneOut(rows: Rows, userCount: number, order: { readonly random: Random } | 'time'): Labels {
  return perUser(rows, userCount, order, (n) => (n < 3 ? [0, 0] : [1, 1]));
}

/** Gives the last rows of each user's order away: validation first, then test at the very end. */
function perUser(
  rows: Rows,
  userCount: number,
  order: { readonly random: Random } | 'time',
  counts: (n: number) => readonly [validation: number, test: number],
): Labels {
  const labels = new Uint8Array(rows.users.length);
  for (const own of rowsOfUsers(rows.users, userCount)) {
    const sorted = own.slice();
    if (order === 'time') sorted.sort((a, b) => rows.times![a]! - rows.times![b]! || a - b);
    else order.random.shuffle(sorted);
    const [validation, test] = counts(sorted.length);
    for (let s = 0; s < sorted.length; s++) {
      const fromEnd = sorted.length - 1 - s;
      labels[sorted[s]!] = fromEnd < test ? 2 : fromEnd < test + validation ? 1 : 0;
    }
  }
  return labels;
}

export interface TemporalCuts {
  readonly validationFrom: number;
  readonly testFrom: number;
}

/** Times that leave the given shares of rows before each cut; rows at a cut time belong to the later part. */
export function quantileCuts(times: Float64Array, validationQuantile: number, testQuantile: number): TemporalCuts {
  const sorted = times.slice().sort();
  const at = (quantile: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))]!;
  return { validationFrom: at(validationQuantile), testFrom: at(testQuantile) };
}

/** Two cut times for all users. Held-out rows whose user or item has no train row are dropped (3) or kept. */
export function temporal(
  rows: Rows & { readonly times: Float64Array },
  cuts: TemporalCuts,
  unseen: 'drop' | 'keep',
): { labels: Labels; unseenRows: number } {
  const labels = Uint8Array.from(rows.times, (time) => (time >= cuts.testFrom ? 2 : time >= cuts.validationFrom ? 1 : 0));
  const seenUsers = new Set<number>();
  const seenItems = new Set<number>();
  for (let r = 0; r < labels.length; r++) {
    if (labels[r] !== 0) continue;
    seenUsers.add(rows.users[r]!);
    seenItems.add(rows.items[r]!);
  }
  let unseenRows = 0;
  for (let r = 0; r < labels.length; r++) {
    if (labels[r] === 0 || (seenUsers.has(rows.users[r]!) && seenItems.has(rows.items[r]!))) continue;
    unseenRows++;
    if (unseen === 'drop') labels[r] = 3;
  }
  return { labels, unseenRows };
}

/** The three parts, file order kept. */
export function partsOf(rows: Rows, labels: Labels): Parts {
  const part = (label: number): Part => {
    const chosen: number[] = [];
    for (let r = 0; r < labels.length; r++) if (labels[r] === label) chosen.push(r);
    return {
      users: Int32Array.from(chosen, (r) => rows.users[r]!),
      items: Int32Array.from(chosen, (r) => rows.items[r]!),
      ...(rows.times === undefined ? {} : { times: Float64Array.from(chosen, (r) => rows.times![r]!) }),
    };
  };
  return { train: part(0), validation: part(1), test: part(2) };
}

/** Row numbers of each user, file order kept. */
export function* rowsOfUsers(users: Int32Array, userCount: number): Generator<Int32Array> {
  const starts = new Int32Array(userCount + 1);
  for (const user of users) starts[user + 1]! += 1;
  for (let u = 0; u < userCount; u++) starts[u + 1]! += starts[u]!;
  const next = starts.slice(0, userCount);
  const order = new Int32Array(users.length);
  for (let r = 0; r < users.length; r++) {
    order[next[users[r]!]!] = r;
    next[users[r]!]! += 1;
  }
  for (let u = 0; u < userCount; u++) yield order.subarray(starts[u]!, starts[u + 1]!);
}
