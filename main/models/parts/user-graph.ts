import { coUsers, paddedCoUsers } from '#data/co-users.ts';
import type { CoUsers } from '#data/co-users.ts';
import { trainEdges } from '#data/graph.ts';
import type { Dataset } from '#data/dataset.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { sparse } from '#engine/ops/sparse.ts';
import { described } from './modal-graphs.ts';
import type { Belongings } from './parameters.ts';

/**
 * The graph over users who share train items, its short lists padded by draws of each epoch. The first epoch's is drawn when the model is
 * made; scores that are computed anew use that one, so that they do not depend on the epoch at which one asks.
 */
export class UserGraph {
  readonly first: SparseMatrix;
  readonly record: string;
  readonly #own: Belongings;
  readonly #neighbours: CoUsers;
  readonly #random: Random;
  #epochs: SparseMatrix | undefined;

  constructor(own: Belongings, { dataset, k, random }: { dataset: Dataset; k: number; random: Random }) {
    this.#own = own;
    this.#random = random;
    this.#neighbours = dataset.coUsers?.find(k) ?? counted(dataset, k);
    const matrix = paddedCoUsers(this.#neighbours, random);
    this.first = own.graph(sparse(matrix));
    this.record = described(matrix, `${k} users sharing most train items`).record;
  }

  draw(epoch: number): void {
    if (epoch === 0) return;
    this.#epochs = this.#own.passing('users', sparse(paddedCoUsers(this.#neighbours, this.#random)));
  }

  /** The graph to train on. */
  get current(): SparseMatrix {
    return this.#epochs ?? this.first;
  }
}

function counted(dataset: Dataset, k: number): CoUsers {
  const found = coUsers(trainEdges(dataset), k);
  dataset.coUsers?.keep(found);
  return found;
}
