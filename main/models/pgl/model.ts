import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import { releasedEpsilon, trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import { principalGraph } from '#data/principal-graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, concat, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, sparse, spmm } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { dropoutMask, dropped } from '../parts/dropout.ts';
import { xavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { meanOf } from '../parts/losses.ts';
import { described, mixedItemGraph } from '../parts/modal-graphs.ts';
import type { ItemGraph } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { PrunedGraph } from '../parts/pruned-graph.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

/** Fixed in the released code. */
const temperature = 0.2;
/** Share of edges that a local graph leaves out; fixed in the released code. */
const pruned = 0.7;

interface Modal {
  /** U_m [M, w]. */
  readonly users: Table;
  /** X_m [N, D_m]. */
  readonly features: Tensor2D;
  readonly project: Linear;
}

interface PglInputs {
  readonly graph: SparseMatrix;
  /** Users, positives and negatives as rows of the stacked table. */
  readonly nodes: readonly Int32Array[];
  /** Two dropout masks of the users' rows, two of the positives'. */
  readonly masks: readonly Float32Array[];
  /** Every batch row is a query and a key of its own: each of its occurrences is dropped by itself. */
  readonly places: Int32Array;
  readonly once: Float32Array;
}

/** Modal vectors alone, trained on a principal part of the graph (models.md 2.19). */
class Pgl implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #modals: readonly Modal[];
  readonly #graph: PrunedGraph;
  /** Of mode global. */
  readonly #principal: SparseMatrix | undefined;
  readonly #items: SparseMatrix;
  readonly #random: Random;
  readonly #users: number;
  readonly #width: number;
  readonly #layers: number;
  readonly #hops: number;
  readonly #dropout: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#users = dataset.users;
    this.#layers = number('n_ui_layers');
    this.#hops = number('n_mm_layers');
    this.#dropout = number('dropout');
    this.#weight = number('reg_weight');
    this.#random = random.dropout;
    const trainFeatures = choice('feat_trainable') === 'released';
    const modalities = imageFirst(dataset);
    this.#width = width * modalities.length;
    this.#modals = modalities.map(({ name, width: columns, values }) => ({
      users: own.table(`users.${name}`, xavierUniform(random.init, dataset.users, width), dataset.users, width),
      features: trainFeatures
        ? own.table(`features.${name}`, values, dataset.items, columns)
        : own.constant(values, dataset.items, columns),
      project: linear(own, random.init, `project.${name}`, { in: columns, out: width }),
    }));
    const isLocal = choice('mode') === 'local';
    this.#graph = new PrunedGraph(own, { dataset, rate: isLocal ? pruned : 0, random: random.graph });
    const principal = isLocal ? undefined : principalOf(dataset, width, random.graph);
    this.#principal = principal === undefined ? undefined : own.graph(sparse(principal.matrix, { symmetric: true }));
    const items = mixedItemGraph({ dataset, source: itemGraph, k: number('knn_k') }, number('mm_image_weight'));
    this.#items = own.graph(sparse(items.matrix));
    this.parameters = own.parameters;
    this.record = {
      'graph.user-item': this.#graph.record,
      'graph.items': items.record,
      ...(principal === undefined ? {} : { 'graph.principal': principal.record }),
    };
  }

  beforeEpoch(): void {
    this.#graph.draw();
  }

  inputs({ users, positives, negatives }: Batch): PglInputs {
    const rows = users.length;
    const draw = () => dropoutMask(this.#random, rows * this.#width, this.#dropout);
    return {
      graph: this.#principal ?? this.#graph.current,
      nodes: [users, itemRows(positives, this.#users), itemRows(negatives, this.#users)],
      masks: this.#weight > 0 ? [draw(), draw(), draw(), draw()] : [],
      places: Int32Array.from(users.keys()),
      once: new Float32Array(rows).fill(1),
    };
  }

  loss({ graph, nodes, masks, places, once }: PglInputs): Loss {
    const [user, positive, negative] = gatherParts(this.#vectors(graph), nodes);
    const bpr = bprLoss(user!, positive!, negative!, 0);
    if (masks.length === 0) return { total: bpr, terms: { bpr } };
    const pairs = { queryOf: places, keyOf: places, keyCounts: once };
    const contrast = (x: Tensor2D, mask: number) => {
      const [query, key] = [masks[mask]!, masks[mask + 1]!].map((kept) => normaliseRows(dropped(x, kept)));
      return meanOf(infoNceRows(query!, key!, pairs, temperature));
    };
    const [contrast_users, contrast_items] = [contrast(user!, 0), contrast(positive!, 2)];
    const total: Scalar = add(bpr, mul(add(contrast_users, contrast_items), this.#weight / 2));
    return { total, terms: { bpr, contrast_users, contrast_items } };
  }

  represent(): Representation {
    return tidy(() => splitNodes(this.#vectors(this.#graph.full), this.#users));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** e [M+N, w·modalities]. */
  #vectors(graph: SparseMatrix): Tensor2D {
    const side = (tables: Tensor2D[]): Tensor2D => concat(tables, 1);
    const users = side(this.#modals.map((modal) => modal.users));
    const items = side(this.#modals.map(({ project, features }) => normaliseRows(apply(project, features))));
    const spread = splitNodes(propagate(graph, concat([users, items], 0), this.#layers), this.#users);
    let passed = items;
    for (let hop = 0; hop < this.#hops; hop++) passed = spmm(this.#items, passed);
    return concat([spread.users, add(spread.items, passed) as Tensor2D], 0);
  }
}

/** The rank is the width, as released. */
function principalOf(dataset: Dataset, rank: number, random: Random): ItemGraph {
  const block = userItemBlock(userItemGraph(trainEdges(dataset), releasedEpsilon), dataset.users);
  return described(principalGraph(block, rank, random), `leading ${Math.floor(rank / 4)} of ${rank} triplets`);
}

export const pgl = defineModel({ card, create: (context) => new Pgl(context) });
