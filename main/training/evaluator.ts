import type { MetricValues } from '#contract/run.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Dataset } from '#data/dataset.ts';
import { rowLength, userRows } from '#data/user-rows.ts';
import type { UserRows } from '#data/user-rows.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { rankingOver, topKOfScores } from '#engine/ops/top-k.ts';
import type { Representation, Scorer } from '#models/define-model.ts';
import { meanValues, scoreLists } from './metrics.ts';
import type { PerUserValues, RankedLists } from './metrics.ts';

export type HeldOutPart = 'validation' | 'test';

/** Length of the lists kept for every finished run; no cut-off is beyond it. */
export const listWidth = 50;

// Bound the longest stretch without a look at the owner's messages, and what scores that are no products take. No number depends on them.
const scoresPerBlock = 1 << 25;
const [fewestPerBlock, mostPerBlock, scoredPerBlock] = [256, 8192, 1024];

interface Mask {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

export interface PartScores {
  readonly users: Int32Array;
  readonly perUser: PerUserValues;
  readonly values: MetricValues;
}

/**
 * Full ranking over all items with only the user's train items masked, in validation and in test. Held-out users without a
 * train row are dropped and counted.
 */
export class Evaluator {
  /** Users that are evaluated, rising. */
  readonly evaluated: Readonly<Record<HeldOutPart, Int32Array>>;
  /** Held-out users (of either part) without a train row. */
  readonly dropped: number;
  readonly #dataset: Dataset;
  readonly #train: UserRows;
  readonly #heldOut: Readonly<Record<HeldOutPart, UserRows>>;
  readonly #masks = new WeakMap<Int32Array, Mask>();
  readonly #usersOf = new Map<string, Int32Array>();
  #everyone: Int32Array | undefined;

  /** Throws a data problem when no user of the validation part can be evaluated. */
  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    this.#train = userRows(dataset.train, dataset.users);
    this.#heldOut = { validation: userRows(dataset.validation, dataset.users), test: userRows(dataset.test, dataset.users) };
    const validation: number[] = [];
    const test: number[] = [];
    let dropped = 0;
    for (let user = 0; user < dataset.users; user++) {
      const inValidation = rowLength(this.#heldOut.validation, user) > 0;
      const inTest = rowLength(this.#heldOut.test, user) > 0;
      if (rowLength(this.#train, user) === 0) {
        if (inValidation || inTest) dropped += 1;
        continue;
      }
      if (inValidation) validation.push(user);
      if (inTest) test.push(user);
    }
    if (validation.length === 0) {
      throw new ProblemError({
        kind: 'data',
        code: 'evaluator.no-validation-users',
        message: `no user of ${dataset.name} has both train and validation rows, so no epoch can be chosen`,
        values: { dataset: dataset.name },
        fix: 'Split the dataset again so that validation rows belong to users with train rows.',
      });
    }
    this.evaluated = { validation: Int32Array.from(validation), test: Int32Array.from(test) };
    this.dropped = dropped;
  }

  /** Top-50 lists of the given users. `breathe` is awaited between blocks, so that the owner's messages are heard, with the share that is done. */
  async rank(ranked: Representation | Scorer, users: Int32Array, breathe: (done: number) => Promise<void>): Promise<RankedLists> {
    const items = new Int32Array(users.length * listWidth);
    const scores = new Float32Array(users.length * listWidth);
    const mask = this.#maskOf(users);
    const ranking = 'scores' in ranked ? undefined : rankingOver(ranked.items);
    const many = Math.floor(scoresPerBlock / this.#dataset.items);
    const perBlock = 'scores' in ranked ? (ranked.usersAtOnce ?? scoredPerBlock) : Math.min(mostPerBlock, Math.max(fewestPerBlock, many));
    try {
      for (let start = 0; start < users.length; start += perBlock) {
        const end = Math.min(start + perBlock, users.length);
        const block = users.subarray(start, end);
        const rows = 'scores' in ranked ? ranked.scores(block) : gatherRows(ranked.users, block);
        const hidden = part(mask, start, end);
        const top = ranking === undefined ? topKOfScores(rows, hidden, listWidth) : ranking.topK(rows, hidden, listWidth);
        rows.dispose();
        items.set(top.items, start * listWidth);
        scores.set(top.scores, start * listWidth);
        await breathe(end / users.length);
      }
    } finally {
      ranking?.dispose();
    }
    return { users, items, scores, width: listWidth };
  }

  /** Users of any of the parts, rising, the same array each time: what {@link rank} needs when several parts are scored from one set of lists. */
  usersOf(parts: readonly HeldOutPart[]): Int32Array {
    const key = parts.join(' ');
    const known = this.#usersOf.get(key);
    if (known !== undefined) return known;
    const all = new Set<number>();
    for (const part of parts) for (const user of this.evaluated[part]) all.add(user);
    const users = Int32Array.from(all).sort();
    this.#usersOf.set(key, users);
    return users;
  }

  /** All users of the dataset, rising, the same array each time. */
  everyone(): Int32Array {
    this.#everyone ??= Int32Array.from({ length: this.#dataset.users }, (_, user) => user);
    return this.#everyone;
  }

  /** Scores a part from lists that hold at least its evaluated users. */
  score(lists: RankedLists, part: HeldOutPart): PartScores {
    const users = this.evaluated[part];
    const rowOf = new Int32Array(this.#dataset.users).fill(-1);
    for (let row = 0; row < lists.users.length; row++) rowOf[lists.users[row]!] = row;
    const rows = users.map((user) => rowOf[user]!);
    const missing = rows.indexOf(-1);
    if (missing >= 0) throw new RangeError(`no list for user ${users[missing]!}`);
    const perUser = scoreLists(lists, this.#heldOut[part], undefined, rows);
    return { users, perUser, values: users.length === 0 ? {} : meanValues(perUser) };
  }

  /** Train items of each of these users; kept for as long as the array of users is. */
  #maskOf(users: Int32Array): Mask {
    const known = this.#masks.get(users);
    if (known !== undefined) return known;
    const offsets = new Int32Array(users.length + 1);
    for (let r = 0; r < users.length; r++) offsets[r + 1] = offsets[r]! + rowLength(this.#train, users[r]!);
    const indices = new Int32Array(offsets[users.length]!);
    for (let r = 0; r < users.length; r++) {
      const user = users[r]!;
      indices.set(this.#train.indices.subarray(this.#train.offsets[user], this.#train.offsets[user + 1]), offsets[r]!);
    }
    this.#masks.set(users, { offsets, indices });
    return { offsets, indices };
  }
}

/** Rows [start, end) of a mask. */
function part({ offsets, indices }: Mask, start: number, end: number): Mask {
  const first = offsets[start]!;
  return { offsets: offsets.slice(start, end + 1).map((offset) => offset - first), indices: indices.subarray(first, offsets[end]) };
}
