import { usualEvaluation, type Evaluation } from '#contract/evaluation.ts';
import type { MetricValues } from '#contract/run.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Dataset, Part } from '#data/dataset.ts';
import { countIds } from '#data/fingerprint.ts';
import { randomStream } from '#data/random.ts';
import { rowLength, userRows } from '#data/user-rows.ts';
import type { UserRows } from '#data/user-rows.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { rankingOver, topKOfScores } from '#engine/ops/top-k.ts';
import type { Representation, Scorer } from '#models/define-model.ts';
import { meanValues, scoreLists } from './metrics.ts';
import type { PerUserValues, RankedLists } from './metrics.ts';

export type HeldOutPart = 'validation' | 'test';
/** What can be scored: `epoch` are the validation rows that choose the epoch, which are those of `validation` unless it is nested. */
export type ScoredPart = HeldOutPart | 'epoch';

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
 * train row are dropped and counted. Where the candidates are cold items, only items without a train row are ranked, and only held-out rows
 * of such items count. Nested validation splits its users in two halves, drawn by the dataset alone: equal for every run on it.
 */
export class Evaluator {
  /** Users that are evaluated, rising. */
  readonly evaluated: Readonly<Record<ScoredPart, Int32Array>>;
  /** Held-out users (of either part) without a train row. */
  readonly dropped: number;
  readonly #dataset: Dataset;
  readonly #train: UserRows;
  readonly #heldOut: Readonly<Record<HeldOutPart, UserRows>>;
  /** Ids of the items that are ranked, rising; undefined: all. */
  readonly #candidates: Int32Array | undefined;
  readonly #masks = new WeakMap<Int32Array, Mask>();
  readonly #usersOf = new Map<string, Int32Array>();
  #everyone: Int32Array | undefined;

  /** Throws a data problem when no user of the validation part can be evaluated. */
  constructor(dataset: Dataset, { candidates, validation: use }: Evaluation = usualEvaluation) {
    this.#dataset = dataset;
    this.#train = userRows(dataset.train, dataset.users);
    this.#candidates = candidates === 'all' ? undefined : coldItems(dataset);
    const heldOut = (part: Part) => userRows(this.#candidates === undefined ? part : onlyItems(part, this.#candidates), dataset.users);
    this.#heldOut = { validation: heldOut(dataset.validation), test: heldOut(dataset.test) };
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
    if (this.#candidates !== undefined && validation.length === 0) throw noColdItems(dataset);
    if (validation.length === 0) {
      throw new ProblemError({
        kind: 'data',
        code: 'evaluator.no-validation-users',
        message: `no user of ${dataset.name} has both train and validation rows, so no epoch can be chosen`,
        values: { dataset: dataset.name },
        fix: 'Split the dataset again so that validation rows belong to users with train rows.',
      });
    }
    const all = Int32Array.from(validation);
    this.evaluated = { ...(use === 'nested' ? halves(all, dataset) : { epoch: all, validation: all }), test: Int32Array.from(test) };
    this.dropped = dropped;
  }

  /** Whether other users choose the epoch than the configuration. */
  get isNested(): boolean {
    return this.evaluated.epoch !== this.evaluated.validation;
  }

  /** Top-50 lists of the given users. `breathe` is awaited between blocks, so that the owner's messages are heard, with the share that is done. */
  async rank(ranked: Representation | Scorer, users: Int32Array, breathe: (done: number) => Promise<void>): Promise<RankedLists> {
    const items = new Int32Array(users.length * listWidth);
    const scores = new Float32Array(users.length * listWidth);
    const candidates = this.#candidates;
    // A cold item is in nobody's train rows: nothing is left to hide.
    const mask = candidates === undefined ? this.#maskOf(users) : { offsets: new Int32Array(users.length + 1), indices: new Int32Array(0) };
    const table = 'scores' in ranked || candidates === undefined ? undefined : gatherRows(ranked.items, candidates);
    const ranking = 'scores' in ranked ? undefined : rankingOver(table ?? ranked.items);
    const many = Math.floor(scoresPerBlock / this.#dataset.items);
    const perBlock = 'scores' in ranked ? (ranked.usersAtOnce ?? scoredPerBlock) : Math.min(mostPerBlock, Math.max(fewestPerBlock, many));
    try {
      for (let start = 0; start < users.length; start += perBlock) {
        const end = Math.min(start + perBlock, users.length);
        const block = users.subarray(start, end);
        const rows = 'scores' in ranked ? ranked.scores(block) : gatherRows(ranked.users, block);
        const hidden = part(mask, start, end);
        const top = ranking === undefined ? topKOfScores(rows, hidden, listWidth, candidates) : ranking.topK(rows, hidden, listWidth);
        if (table !== undefined) top.items.forEach((at, place) => (top.items[place] = at < 0 ? at : candidates![at]!));
        rows.dispose();
        items.set(top.items, start * listWidth);
        scores.set(top.scores, start * listWidth);
        await breathe(end / users.length);
      }
    } finally {
      ranking?.dispose();
      table?.dispose();
    }
    return { users, items, scores, width: listWidth };
  }

  /** Users of any of the parts, rising, the same array each time: what {@link rank} needs when several parts are scored from one set of lists. */
  usersOf(parts: readonly ScoredPart[]): Int32Array {
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
  score(lists: RankedLists, part: ScoredPart): PartScores {
    const users = this.evaluated[part];
    const rowOf = new Int32Array(this.#dataset.users).fill(-1);
    for (let row = 0; row < lists.users.length; row++) rowOf[lists.users[row]!] = row;
    const rows = users.map((user) => rowOf[user]!);
    const missing = rows.indexOf(-1);
    if (missing >= 0) throw new RangeError(`no list for user ${users[missing]!}`);
    const perUser = scoreLists(lists, this.#heldOut[part === 'epoch' ? 'validation' : part], undefined, rows);
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

/** Items without a train row, rising. */
function coldItems({ train, items }: Dataset): Int32Array {
  const rows = countIds(train.items, items);
  return Int32Array.from({ length: items }, (_, item) => item).filter((item) => rows[item] === 0);
}

function onlyItems({ users, items }: Part, wanted: Int32Array): Part {
  const isWanted = new Set(wanted);
  const rows = Array.from(items.keys()).filter((row) => isWanted.has(items[row]!));
  return { users: Int32Array.from(rows, (row) => users[row]!), items: Int32Array.from(rows, (row) => items[row]!) };
}

/** The seed of the halves is fixed: what chose the epoch of one run must not choose the configuration of another. */
const halvesSeed = 12;

/** Users in two halves, each rising: one chooses the epoch, the other the configuration (protocol.md S12). */
function halves(users: Int32Array, { name }: Dataset): { readonly epoch: Int32Array; readonly validation: Int32Array } {
  if (users.length < 2) {
    throw new ProblemError({
      kind: 'data',
      code: 'evaluator.one-validation-user',
      message: `${name} has one validation user, who cannot be split in two halves`,
      values: { dataset: name },
      fix: 'Use the whole validation part, or split the dataset again with more of it.',
    });
  }
  const drawn = users.slice();
  randomStream(halvesSeed, 'split').shuffle(drawn);
  const middle = Math.ceil(drawn.length / 2);
  return { epoch: drawn.slice(0, middle).sort(), validation: drawn.slice(middle).sort() };
}

function noColdItems({ name }: Dataset): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'evaluator.no-cold-items',
    message: `${name} has no validation row of an item without train rows, so there are no cold items to rank`,
    values: { dataset: name },
    fix: 'Rank all items, or make the split “cold items” of this dataset.',
  });
}
