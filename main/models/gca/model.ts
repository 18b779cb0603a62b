import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch, Filled } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { TrainEdges } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, exp, log, minimum, mul, relu, reshape, sub, sum, tensor1d, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, sparse } from '#engine/ops/sparse.ts';
import { batchRows, itemRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { reg2 } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { dropProbabilities, droppedView, edgeDropWeights } from './edge-drop.ts';

/** Entities that are contrasted with each other, with spare places. */
interface Contrasted {
  /** As rows of the stacked table. */
  readonly nodes: Int32Array;
  readonly place: Int32Array;
  /** 1 for the live places in each of the two views, [2n]. */
  readonly counts: Float32Array;
  /** 1 over all entities of the batch, 0 for spare places. */
  readonly weights: Float32Array;
}

interface GcaInputs {
  /** Users, positives and negatives as rows of the stacked table. */
  readonly rows: readonly Int32Array[];
  readonly views: readonly [SparseMatrix, SparseMatrix];
  readonly contrasted: readonly Contrasted[];
}

/** LightGCN with a contrast of two views whose unimportant edges are dropped more often (models.md 3.4). */
class Gca implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #head: { readonly hidden: Linear; readonly out: Linear } | undefined;
  readonly #full: SparseMatrix;
  readonly #edges: TrainEdges;
  /** Of the edges, for each view. */
  readonly #probabilities: readonly [Float64Array, Float64Array];
  readonly #random: Random;
  readonly #users: number;
  readonly #layers: number;
  readonly #batchSize: number;
  readonly #contrast: number;
  readonly #temperature: number;
  readonly #weight: number;
  #views: readonly [SparseMatrix, SparseMatrix];

  constructor({ dataset, hyper, random, width, batchSize }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const { users, items } = dataset;
    this.#users = users;
    this.#layers = number('n_layers');
    this.#batchSize = batchSize;
    this.#contrast = number('cl_weight');
    this.#temperature = number('tau');
    this.#weight = number('reg_weight');
    this.#random = random.graph;
    this.#nodes = own.table('nodes', stackedXavierUniform(random.init, users, items, width), users + items, width);
    const layer = (name: string) => linear(own, random.init, `head.${name}`, { in: width, out: width });
    this.#head = this.#contrast > 0 ? { hidden: layer('hidden'), out: layer('out') } : undefined;
    this.#edges = trainEdges(dataset);
    const graph = userItemGraph(this.#edges);
    this.#full = own.graph(sparse(graph, { symmetric: true, split: users }));
    this.#views = [this.#full, this.#full];
    const most = number('drop_most');
    const weights = edgeDropWeights(this.#edges, { centrality: choice('centrality'), ends: choice('edge_agg'), most });
    this.#probabilities = [dropProbabilities(weights, number('drop_1'), most), dropProbabilities(weights, number('drop_2'), most)];
    this.parameters = own.parameters;
    this.record = { 'graph.user-item': described(graph, 'train').record };
  }

  /** The two views of the epoch. */
  beforeEpoch(): void {
    if (this.#contrast === 0) return;
    const view = (name: string, probabilities: Float64Array) =>
      this.#own.passing(name, sparse(droppedView(this.#edges, probabilities, this.#random), { symmetric: true }));
    const [first, second] = this.#probabilities;
    this.#views = [view('first', first), view('second', second)];
  }

  inputs(batch: Batch): GcaInputs {
    const users = this.#users;
    const distinct = batchRows(batch, { users, items: this.#edges.itemCount });
    const all = distinct.users.live + distinct.positives.live;
    return {
      rows: [batch.users, itemRows(batch.positives, users), itemRows(batch.negatives, users)],
      views: this.#views,
      contrasted: [
        contrasted(distinct.users, distinct.users.ids, all),
        contrasted(distinct.positives, itemRows(distinct.positives.ids, users), all),
      ],
    };
  }

  loss({ rows, views, contrasted: groups }: GcaInputs): Loss {
    const [user, positive, negative] = gatherParts(propagate(this.#full, this.#nodes, this.#layers), rows);
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const reg = reg2(gatherParts(this.#nodes, rows), this.#batchSize);
    const terms: Record<string, Scalar> = { bpr, reg };
    const parts: Scalar[] = [bpr, mul(reg, this.#weight)];
    const head = this.#head;
    if (head !== undefined) {
      const nodes = groups.map((group) => group.nodes);
      const seen = views.map((view) => gatherParts(propagate(view, this.#nodes, this.#layers), nodes));
      const losses = groups.flatMap((group, g) => {
        const [a, b] = seen.map((parts) => normaliseRows(apply(head.out, elu(apply(head.hidden, parts[g]!))))) as [Tensor2D, Tensor2D];
        return [this.#contrastOf(a, b, group), this.#contrastOf(b, a, group)];
      });
      terms['contrast'] = mul(addN<Scalar>(losses), 0.5);
      parts.push(mul(terms['contrast'], this.#contrast));
    }
    return { total: addN<Scalar>(parts), terms };
  }

  represent(): Representation {
    return tidy(() => splitNodes(propagate(this.#full, this.#nodes, this.#layers), this.#users));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /**
   * Weighted sum of ℓ of unit rows, against all rows of the other view and all others of the own one. A row itself is among the keys
   * and taken out again: with S and D the logarithms of its and the whole denominator's parts, log(e^D − e^S) = D + log(1 − e^(S−D)).
   */
  #contrastOf(own: Tensor2D, other: Tensor2D, { place, counts, weights }: Contrasted): Scalar {
    const pairs = { queryOf: place, keyOf: place, keyCounts: counts };
    const losses = infoNceRows(own, concat([other, own], 0), pairs, this.#temperature);
    const dot = (x: Tensor2D, y: Tensor2D) => sum(mul(x, y), 1) as Tensor1D;
    const beyond = mul(sub(dot(own, own), dot(own, other)), 1 / this.#temperature);
    const rest = log(sub(1, exp(sub(beyond, losses))));
    return sum(mul(add(losses, reshape(rest, losses.shape)), tensor1d(weights))) as Scalar;
  }
}

function contrasted({ live }: Filled, nodes: Int32Array, all: number): Contrasted {
  const places = nodes.length;
  const isLive = (place: number) => place % places < live;
  return {
    nodes,
    place: Int32Array.from({ length: places }, (_, place) => place),
    counts: Float32Array.from({ length: 2 * places }, (_, place) => (isLive(place) ? 1 : 0)),
    weights: Float32Array.from({ length: places }, (_, place) => (isLive(place) ? 1 / all : 0)),
  };
}

/** ELU: x above 0, eˣ − 1 below. */
function elu(x: Tensor2D): Tensor2D {
  return add(relu(x), sub(exp(minimum(x, 0)), 1)) as Tensor2D;
}

export const gca = defineModel({ card, create: (context) => new Gca(context) });
