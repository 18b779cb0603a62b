import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { TrainEdges } from '#data/graph.ts';
import { add, div, exp, mul, sum } from '#engine/ops/basic.ts';
import { gatherParts, segmentSum } from '#engine/ops/gather.ts';

/** Keeps a node without neighbours from dividing by 0; with one, the largest weight is at least 1 and it changes nothing. */
const floor = 1e-16;

/** A value of every train edge in each direction, both [E, 1]. */
export interface EdgeValues {
  /** From the user, for the item. */
  readonly toItem: Tensor2D;
  /** From the item, for the user. */
  readonly toUser: Tensor2D;
}

/** Edge-wise work over a stacked [M+N, w] table: what a matrix of constants cannot do, because the weights are learnt. */
export class EdgeSet {
  readonly #users: Int32Array;
  /** As rows of the stacked table. */
  readonly #items: Int32Array;
  readonly #nodes: number;

  constructor({ users, items, userCount, itemCount }: TrainEdges) {
    this.#users = users;
    this.#items = items.map((item) => item + userCount);
    this.#nodes = userCount + itemCount;
  }

  /**
   * Softmax of x_target·x_source over the edges that come in at each target. Rows of x are unit long or shorter, so that exponentials
   * need no shift.
   */
  attention(x: Tensor2D): EdgeValues {
    const [user, item] = this.ends(x);
    return this.#softmax(exp(sum(mul(user, item), 1, true)));
  }

  /** Σ over incoming edges of weight · source row: [M+N, w]. */
  collect(x: Tensor2D, { toItem, toUser }: EdgeValues): Tensor2D {
    const [user, item] = this.ends(x);
    return segmentSum([mul(user, toItem), mul(item, toUser)], [this.#items, this.#users], this.#nodes);
  }

  /** The same for users alone; items' rows are 0. */
  collectAtUsers(x: Tensor2D, toUser: Tensor2D): Tensor2D {
    const [, item] = this.ends(x);
    return segmentSum([mul(item, toUser)], [this.#users], this.#nodes);
  }

  /** Rows of a stacked table at each edge's user and item. */
  ends(x: Tensor2D): readonly [user: Tensor2D, item: Tensor2D] {
    const [user, item] = gatherParts(x, [this.#users, this.#items]);
    return [user!, item!];
  }

  #softmax(powers: Tensor2D): EdgeValues {
    const totals = segmentSum([powers, powers], [this.#items, this.#users], this.#nodes);
    const [user, item] = this.ends(totals);
    return { toItem: div(powers, add(item, floor)), toUser: div(powers, add(user, floor)) };
  }
}
