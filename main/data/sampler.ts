import { ProblemError } from '#contract/problem.ts';
import { batchesPerEpoch } from '#contract/steps.ts';
import type { Batch } from './batch.ts';
import type { Dataset } from './dataset.ts';
import type { Streams } from './random.ts';
import { holds, rowLength, userRows } from './user-rows.ts';
import type { UserRows } from './user-rows.ts';

export interface SamplerOptions {
  readonly batchSize: number;
  readonly random: Pick<Streams, 'shuffle' | 'negatives'>;
}

/**
 * Training batches as protocol.md section 4 asks: all train pairs in a new order each epoch, the last short batch kept, one
 * negative per pair, uniform over items that occur in train and redrawn while the user has it in train.
 *
 * An epoch starts from file order, so its batches depend on the state of the two streams alone: that state at the end of an
 * epoch is all a checkpoint needs.
 */
export class Sampler {
  readonly #dataset: Dataset;
  readonly #options: SamplerOptions;
  readonly #seen: UserRows;
  readonly #candidates: Int32Array;

  /** Throws a data problem when a user has every train item: no negative exists for them. */
  constructor(dataset: Dataset, options: SamplerOptions) {
    this.#dataset = dataset;
    this.#options = options;
    this.#seen = userRows(dataset.train, dataset.users);
    this.#candidates = Int32Array.from(new Set(dataset.train.items)).sort();
    for (let user = 0; user < dataset.users; user++) {
      if (rowLength(this.#seen, user) < this.#candidates.length || this.#candidates.length === 0) continue;
      throw new ProblemError({
        kind: 'data',
        code: 'sampler.no-negative',
        message: `user ${user} has all ${this.#candidates.length} items of the train part, so no negative item can be drawn`,
        values: { user, items: this.#candidates.length },
        fix: 'Remove this user from the train part, or use a dataset with more items.',
      });
    }
  }

  /** Batches of an epoch. */
  get batches(): number {
    return batchesPerEpoch(this.#dataset.train.users.length, this.#options.batchSize);
  }

  /** One epoch. The arrays of a batch are its own and stay valid. */
  *epoch(): Generator<Batch, void, void> {
    const { users, items } = this.#dataset.train;
    const order = new Int32Array(users.length);
    for (let row = 0; row < order.length; row++) order[row] = row;
    this.#options.random.shuffle.shuffle(order);
    for (let start = 0; start < order.length; start += this.#options.batchSize) {
      const rows = order.subarray(start, Math.min(start + this.#options.batchSize, order.length));
      const batch = { users: new Int32Array(rows.length), positives: new Int32Array(rows.length), negatives: new Int32Array(rows.length) };
      for (let r = 0; r < rows.length; r++) {
        const user = users[rows[r]!]!;
        batch.users[r] = user;
        batch.positives[r] = items[rows[r]!]!;
        batch.negatives[r] = this.#negative(user);
      }
      yield start + rows.length < order.length ? batch : { ...batch, isLast: true };
    }
  }

  #negative(user: number): number {
    for (;;) {
      const item = this.#candidates[this.#options.random.negatives.integer(this.#candidates.length)]!;
      if (!holds(this.#seen, user, item)) return item;
    }
  }
}
