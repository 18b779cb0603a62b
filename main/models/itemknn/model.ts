import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation, Scorer } from '../define-model.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { userRows } from '#data/user-rows.ts';
import type { UserRows } from '#data/user-rows.ts';
import { tensor2d } from '#engine/ops/basic.ts';
import { described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { shrunkNeighbours } from './neighbours.ts';

/** Scores R·S from raw features; nothing is trained (models.md 2.6). */
class ItemKnn implements Model {
  readonly parameters = new Map<string, never>();
  readonly record;
  readonly #train: UserRows;
  readonly #neighbours: CsrMatrix;
  readonly #items: number;

  constructor({ dataset, hyper }: ModelContext) {
    const { number } = settings(hyper);
    this.#items = dataset.items;
    this.#train = userRows(dataset.train, dataset.users);
    const options = { items: dataset.items, k: number('knn_k'), shrink: number('shrink') };
    this.#neighbours = shrunkNeighbours(imageFirst(dataset), options);
    this.record = { 'graph.items': described(this.#neighbours, `computed k=${options.k}, shrink=${options.shrink}`).record };
  }

  inputs(): never {
    throw new Error('ItemKNN is not trained');
  }

  loss(): Loss {
    throw new Error('ItemKNN is not trained');
  }

  represent(): Representation {
    throw new Error('ItemKNN has no vectors, only scores');
  }

  /** ŷ_uj = Σ over u's train items i of s_ij, as kept in row i. Few entries a user: added up on the host, in double. */
  scorer(): Scorer {
    const { offsets, indices, values } = this.#neighbours;
    return {
      scores: (users) => {
        const scores = new Float32Array(users.length * this.#items);
        users.forEach((user, row) => {
          const sums = new Float64Array(this.#items);
          for (const item of this.#train.indices.subarray(this.#train.offsets[user], this.#train.offsets[user + 1])) {
            for (let e = offsets[item]!; e < offsets[item + 1]!; e++) sums[indices[e]!] = sums[indices[e]!]! + values[e]!;
          }
          scores.set(sums, row * this.#items);
        });
        return tensor2d(scores, [users.length, this.#items]);
      },
    };
  }

  dispose(): void {}
}

export const itemknn = defineModel({ card, create: (context) => new ItemKnn(context) });
