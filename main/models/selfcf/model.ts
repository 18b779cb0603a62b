import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { releasedEpsilon, trainEdges, userItemGraph } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, mul, stopGradient, tidy } from '#engine/ops/basic.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { propagate, sparse } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { meanCosine } from '../parts/cosine.ts';
import { dropoutMask, dropped } from '../parts/dropout.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { regS } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

interface SelfCfInputs {
  /** Â′ of this batch. */
  readonly graph: SparseMatrix;
  /** Users and positives as rows of the stacked table. */
  readonly rows: readonly Int32Array[];
  /** Of the batch's user rows and item rows. */
  readonly masks: readonly Float32Array[];
}

/** No negatives: each side's prediction is drawn to the other side's perturbed vector (models.md 2.4). */
class SelfCf implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #predictor: Linear;
  readonly #full: SparseMatrix;
  readonly #graph: CsrMatrix;
  readonly #random: Random;
  readonly #users: number;
  readonly #width: number;
  readonly #layers: number;
  readonly #dropout: number;
  readonly #weight: number;
  readonly #dropsEdges: boolean;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    this.#users = dataset.users;
    this.#width = width;
    this.#layers = number('n_layers');
    this.#dropout = number('dropout');
    this.#weight = number('reg_weight');
    this.#dropsEdges = choice('edge_dropout') === 'released';
    this.#random = random.dropout;
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = this.#own.table('nodes', start, dataset.users + dataset.items, width);
    this.#predictor = linear(this.#own, random.init, 'predictor', { in: width, out: width });
    this.#graph = userItemGraph(trainEdges(dataset), releasedEpsilon);
    this.#full = this.#own.graph(sparse(this.#graph, { symmetric: true }));
    this.parameters = this.#own.parameters;
    this.record = { 'graph.user-item': described(this.#graph, 'train').record };
  }

  inputs({ users, positives }: Batch): SelfCfInputs {
    const graph = this.#dropsEdges ? this.#own.passing('dropped', sparse(this.#thinned())) : this.#full;
    const mask = () => dropoutMask(this.#random, users.length * this.#width, this.#dropout);
    return { graph, rows: [users, itemRows(positives, this.#users)], masks: [mask(), mask()] };
  }

  loss({ graph, rows, masks }: SelfCfInputs): Loss {
    const [user, item] = gatherParts(propagate(graph, this.#nodes, this.#layers), rows);
    const [userTarget, itemTarget] = [user!, item!].map((h, side) => dropped(stopGradient(h), masks[side]!));
    const cos_user = meanCosine(apply(this.#predictor, user!), itemTarget!);
    const cos_item = meanCosine(apply(this.#predictor, item!), userTarget!);
    const reg = regS([user!, item!]);
    const total = addN<Scalar>([mul(add(cos_user, cos_item), -0.5), mul(reg, this.#weight)]);
    return { total, terms: { reg, cos_user, cos_item } };
  }

  /** (P h_u)·h_i + h_u·(P h_i) as one dot product of [P h_u | h_u] and [h_i | P h_i]. */
  represent(): Representation {
    return tidy(() => {
      const { users, items } = splitNodes(propagate(this.#full, this.#nodes, this.#layers), this.#users);
      return {
        users: concat([apply(this.#predictor, users), users], 1),
        items: concat([items, apply(this.#predictor, items)], 1) as Tensor2D,
      };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** Â with entries dropped at a rate of this batch, each direction of an edge by itself. Dropped entries stay, as zeros: one shape for all batches. */
  #thinned(): CsrMatrix {
    const rate = this.#random.uniform();
    const kept = 1 / (1 - rate);
    return { ...this.#graph, values: this.#graph.values.map((value) => (this.#random.uniform() >= rate ? value * kept : 0)) };
  }
}

export const selfcf = defineModel({ card, create: (context) => new SelfCf(context) });
