import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { edgeWeights, prunedGraph, releasedEpsilon, trainEdges, userItemGraph } from '#data/graph.ts';
import type { TrainEdges } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { propagate, propagateRows, sparse, spmm, spmmRows } from '#engine/ops/sparse.ts';
import { batchRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { described, mixedItemGraph } from '../parts/modal-graphs.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

interface Modal {
  readonly name: string;
  /** X_m [N, D_m]. */
  readonly features: Tensor2D;
  readonly project: Linear;
}

interface FreedomInputs {
  /** The epoch's pruned graph. */
  readonly graph: SparseMatrix;
  readonly rows: BatchRows;
  /** Positives and negatives by their places among the distinct items. */
  readonly places: readonly Int32Array[];
}

/** LightGCN on a graph pruned anew each epoch, plus passes of item ids over a frozen feature graph (models.md 2.13). */
class Freedom implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  /** Empty where λ is 0: features then act through F alone and need no tables. */
  readonly #modals: readonly Modal[];
  readonly #full: SparseMatrix;
  readonly #items: SparseMatrix;
  readonly #edges: TrainEdges;
  readonly #edgeWeights: Float32Array;
  readonly #random: Random;
  readonly #users: number;
  readonly #layers: number;
  readonly #hops: number;
  readonly #dropRate: number;
  readonly #weight: number;
  #pruned: SparseMatrix | undefined;

  constructor({ dataset, hyper, random, width, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#users = dataset.users;
    this.#layers = number('n_ui_layers');
    this.#hops = number('n_mm_layers');
    this.#dropRate = number('dropout');
    this.#weight = number('reg_weight');
    this.#random = random.graph;
    this.#edges = trainEdges(dataset);
    this.#edgeWeights = edgeWeights(this.#edges);
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = own.table('nodes', start, dataset.users + dataset.items, width);
    const trainFeatures = choice('feat_trainable') === 'released';
    const modalities = this.#weight > 0 ? dataset.modalities : [];
    this.#modals = modalities.map(({ name, width: columns, values }) => ({
      name,
      features: trainFeatures
        ? own.table(`features.${name}`, values, dataset.items, columns)
        : own.constant(values, dataset.items, columns),
      // Without the released bias: it cancels between positive and negative, and is used nowhere else. As a parameter its gradient
      // would be rounding, which Adam turns into steps.
      project: linear(own, random.init, `project.${name}`, { in: columns, out: width, bias: false }),
    }));
    const full = userItemGraph(this.#edges, releasedEpsilon);
    this.#full = own.graph(sparse(full, { symmetric: true, split: dataset.users }));
    const items = mixedItemGraph({ dataset, source: itemGraph, k: number('knn_k') }, number('mm_image_weight'));
    this.#items = own.graph(sparse(items.matrix));
    this.parameters = own.parameters;
    this.record = { 'graph.user-item': described(full, 'train').record, 'graph.items': items.record };
  }

  beforeEpoch(): void {
    if (this.#dropRate <= 0) return;
    const pruned = prunedGraph(this.#edges, this.#edgeWeights, this.#dropRate, this.#random);
    this.#pruned = this.#own.passing('pruned', sparse(pruned, { symmetric: true, split: this.#users }));
  }

  inputs(batch: Batch): FreedomInputs {
    const rows = batchRows(batch, { users: this.#users, items: this.#edges.itemCount });
    const count = batch.users.length;
    const places = [rows.items.indexOf.slice(0, count), rows.items.indexOf.slice(count)];
    return { graph: this.#pruned ?? this.#full, rows, places };
  }

  loss({ graph, rows, places }: FreedomInputs): Loss {
    const parts = [rows.users.ids, rows.items.ids] as const;
    const found = propagateRows(graph, this.#nodes, { layers: this.#layers, parts, withLower: true });
    const [user, positiveBehavior, negativeBehavior] = gatherParts(found.rows, [rows.userOf, rows.positiveOf, rows.negativeOf]);
    const [positiveSide, negativeSide] = gatherParts(this.#itemSideRows(found.lower!, parts[1]), places);
    const bpr = bprLoss(user!, add(positiveBehavior!, positiveSide!), add(negativeBehavior!, negativeSide!), 0);
    const terms: Record<string, Scalar> = { bpr };
    for (const { name, features, project } of this.#modals) {
      const [positive, negative] = gatherParts(apply(project, gatherRows(features, parts[1])), places);
      terms[`bpr_${name}`] = bprLoss(user!, positive!, negative!, 0);
    }
    const modal = this.#modals.map(({ name }) => terms[`bpr_${name}`]!);
    return { total: modal.length === 0 ? bpr : add(bpr, mul(addN(modal), this.#weight)), terms };
  }

  represent(): Representation {
    return tidy(() => {
      const { users, items } = splitNodes(propagate(this.#full, this.#nodes, this.#layers), this.#users);
      return { users, items: add(items, this.#itemSide()) as Tensor2D };
    });
  }

  parts(): Record<string, Tensor2D> {
    return tidy(() => ({
      'items.behavior': splitNodes(propagate(this.#full, this.#nodes, this.#layers), this.#users).items,
      'items.side': this.#itemSide(),
    }));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** Rows of F^n E_I, the last pass over the items wanted alone. */
  #itemSideRows(items: Tensor2D, wanted: Int32Array): Tensor2D {
    if (this.#hops === 0) return gatherRows(items, wanted);
    let last = items;
    for (let hop = 1; hop < this.#hops; hop++) last = spmm(this.#items, last);
    return spmmRows(this.#items, last, wanted);
  }

  /** F^n E_I [N, w]. */
  #itemSide(): Tensor2D {
    let { items } = splitNodes(this.#nodes, this.#users);
    for (let hop = 0; hop < this.#hops; hop++) items = spmm(this.#items, items);
    return items;
  }
}

export const freedom = defineModel({ card, create: (context) => new Freedom(context) });
