import type { Tensor2D } from '@tensorflow/tfjs-core';
import { clone, tensor2d, tidy, values } from '#engine/ops/basic.ts';
import type { Representation } from '../define-model.ts';
import type { Belongings, Table } from './parameters.ts';

/**
 * The vectors of an epoch's last batch, which the released scorer ranks with: taken with the parameters before that batch's step, kept
 * in checkpoints so that a reload scores the same.
 */
export class StaleScores {
  readonly #users: Table;
  readonly #items: Table;
  /** 1 once vectors were taken: a flag that a checkpoint can hold. */
  readonly #taken: Table;

  constructor(own: Belongings, sizes: { users: number; items: number; width: number }) {
    this.#users = own.keptTable('scored.users', sizes.users, sizes.width);
    this.#items = own.keptTable('scored.items', sizes.items, sizes.width);
    this.#taken = own.keptTable('scored.taken', 1, 1);
  }

  /** Called with the inputs of the last batch, before its step. */
  take(represent: () => Representation): void {
    tidy(() => {
      const { users, items } = represent();
      // Copies by value: the vectors may share data with a parameter, which the step changes in place.
      for (const [table, vectors] of [
        [this.#users, users],
        [this.#items, items],
      ] as const) {
        table.assign(tensor2d(values(vectors), table.shape));
      }
      this.#taken.assign(tensor2d([1], [1, 1]));
    });
  }

  /** The vectors taken last, if any were. The caller disposes them. */
  get vectors(): Representation | undefined {
    if (values(this.#taken)[0] !== 1) return undefined;
    return { users: clone<Tensor2D>(this.#users), items: clone<Tensor2D>(this.#items) };
  }
}
