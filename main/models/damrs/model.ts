import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { releasedEpsilon, trainEdges, userItemGraph } from '#data/graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, slice, tensor2d, tidy } from '#engine/ops/basic.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, propagateRows, sparse, spmm } from '#engine/ops/sparse.ts';
import { batchRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { agreedGraphs, sharedUsersGraph } from './graphs.ts';
import { agreement, denoisedBpr, viewChances } from './losses.ts';
import { neighbourLoss, pseudoNeighbours } from './neighbours.ts';
import type { Discrimination, PseudoNeighbours } from './neighbours.ts';

interface DamrsInputs {
  readonly rows: BatchRows;
  /** Positives and negatives by their places among the distinct items. */
  readonly places: readonly Int32Array[];
  /** What each distinct user, and item, weighs in a mean: 0 for spare places. */
  readonly shares: { readonly users: Float32Array; readonly items: Float32Array };
  readonly discrimination: Discrimination;
  /** Of each view; none where their weight is 0. */
  readonly neighbours: readonly PseudoNeighbours[];
}

/** Graphs that all modalities agree on, a loss that doubts its rows, views aligned by neighbours (models.md 2.17). */
class Damrs implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #graph: SparseMatrix;
  /** Behaviour first, then the modalities, image first. */
  readonly #views: readonly { readonly name: string; readonly graph: SparseMatrix }[];
  readonly #sizes: { readonly users: number; readonly items: number };
  readonly #once: Float32Array;
  readonly #layers: number;
  readonly #hops: number;
  readonly #neighbours: number;
  readonly #weights: { readonly neighbours: number; readonly agreement: number };

  constructor({ dataset, hyper, random, width, itemGraph }: ModelContext) {
    const { number } = settings(hyper);
    const own = this.#own;
    const { users, items } = dataset;
    this.#sizes = { users, items };
    this.#layers = number('n_ui_layers');
    this.#hops = number('n_mm_layers');
    this.#neighbours = Math.min(number('n_pseudo_neighbours'), Math.max(1, Math.floor(items / 2)));
    this.#weights = { neighbours: number('neighbor_weight'), agreement: number('kl_weight') };
    this.#once = new Float32Array(items).fill(1);
    this.#nodes = own.table('nodes', stackedXavierUniform(random.init, users, items, width), users + items, width);
    const edges = trainEdges(dataset);
    const graph = userItemGraph(edges, releasedEpsilon);
    this.#graph = own.graph(sparse(graph, { symmetric: true, split: users }));
    const agreed = agreedGraphs(dataset, itemGraph, number('knn_k'));
    const views = [
      { name: 'behavior', found: sharedUsersGraph(edges, { k: number('iib_k'), atLeast: number('iib_min') }) },
      ...imageFirst(dataset).map(({ name }, m) => ({ name, found: agreed[m]! })),
    ];
    this.#views = views.map(({ name, found }) => ({ name, graph: own.graph(sparse(found.matrix)) }));
    this.parameters = own.parameters;
    this.record = {
      'graph.user-item': described(graph, 'train').record,
      ...Object.fromEntries(views.map(({ name, found }) => [`graph.items.${name}`, found.record])),
    };
  }

  inputs(batch: Batch): DamrsInputs {
    const rows = batchRows(batch, this.#sizes);
    const count = batch.users.length;
    const shares = (of: BatchRows['users']) => Float32Array.from(of.ids, (_, place) => (place < of.live ? 1 / of.live : 0));
    const items = rows.items.ids;
    const itemShares = shares(rows.items);
    return {
      rows,
      places: [rows.items.indexOf.slice(0, count), rows.items.indexOf.slice(count)],
      shares: { users: shares(rows.users), items: itemShares },
      discrimination: {
        items,
        repeated: Int32Array.from({ length: items.length * this.#neighbours }, (_, place) => items[Math.floor(place / this.#neighbours)]!),
        places: Int32Array.from(items.keys()),
        once: this.#once,
        shares: itemShares,
      },
      neighbours: this.#weights.neighbours > 0 ? this.#chosen(items) : [],
    };
  }

  loss({ rows, places, shares, discrimination, neighbours }: DamrsInputs): Loss {
    const { rows: behavior, lower: ids } = propagateRows(this.#graph, this.#nodes, {
      layers: this.#layers,
      parts: [rows.users.ids, rows.items.ids],
      withLower: true,
    });
    const { users, items } = splitNodes(behavior, rows.users.ids.length);
    const views = this.#itemViews(ids!);
    const units = views.map((view) => normaliseRows(view));
    const mean = gatherRows(meanView(views), rows.items.ids);
    const [user] = gatherParts(users, [rows.userOf]);
    const [positive, negative] = gatherParts(add(items, mean), places);
    const ofViews = units.map((unit) => gatherParts(gatherRows(unit, rows.items.ids), places));
    const chances = {
      positive: viewChances(
        user!,
        ofViews.map(([rowsOf]) => rowsOf!),
      ),
      negative: viewChances(
        user!,
        ofViews.map(([, rowsOf]) => rowsOf!),
      ),
    };
    const bpr = denoisedBpr(user!, { positive: positive!, negative: negative! }, chances);
    const terms: Record<string, Scalar> = { bpr };
    const weighted: Scalar[] = [bpr];
    if (neighbours.length > 0) {
      const found = units.map((unit, g) => neighbourLoss(unit, neighbours[g]!, discrimination));
      this.#views.forEach(({ name }, g) => (terms[`neighbours_${name}`] = found[g]!));
      weighted.push(mul(addN(found), this.#weights.neighbours / found.length));
    }
    if (this.#weights.agreement > 0) {
      const { total, forward, backward } = agreement(users, normaliseRows(items), normaliseRows(mean), {
        users: tensor2d(shares.users, [shares.users.length, 1]),
        items: tensor2d(shares.items, [shares.items.length, 1]),
      });
      Object.assign(terms, { agreement_forward: forward, agreement_backward: backward });
      weighted.push(mul(total, this.#weights.agreement));
    }
    return { total: weighted.length === 1 ? bpr : addN<Scalar>(weighted), terms };
  }

  represent(): Representation {
    return tidy(() => {
      const { users, items } = splitNodes(propagate(this.#graph, this.#nodes, this.#layers), this.#sizes.users);
      return { users, items: add(items, meanView(this.#itemViews(this.#itemIds()))) as Tensor2D };
    });
  }

  parts(): Record<string, Tensor2D> {
    return tidy(() => ({
      'items.behavior': splitNodes(propagate(this.#graph, this.#nodes, this.#layers), this.#sizes.users).items,
      'items.side': meanView(this.#itemViews(this.#itemIds())),
    }));
  }

  dispose(): void {
    this.#own.dispose();
  }

  #chosen(items: Int32Array): PseudoNeighbours[] {
    const units = tidy(() => this.#itemViews(this.#itemIds()).map((view) => normaliseRows(view)));
    const found = pseudoNeighbours(units, items, this.#neighbours);
    for (const unit of units) unit.dispose();
    return found;
  }

  /** h_g = G_gⁿ E_I of every view, [N, w] each. */
  #itemViews(ids: Tensor2D): Tensor2D[] {
    return this.#views.map(({ graph }) => {
      let view = ids;
      for (let hop = 0; hop < this.#hops; hop++) view = spmm(graph, view);
      return view;
    });
  }

  #itemIds(): Tensor2D {
    const { users, items } = this.#sizes;
    return slice(this.#nodes, [users, 0], [items, this.#nodes.shape[1]]);
  }
}

function meanView(views: readonly Tensor2D[]): Tensor2D {
  return mul(addN([...views]), 1 / views.length);
}

export const damrs = defineModel({ card, create: (context) => new Damrs(context) });
