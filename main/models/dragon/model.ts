import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, mul, slice, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { sparse, spmm } from '#engine/ops/sparse.ts';
import { meanSquare, perBit } from '../parts/losses.ts';
import { described, mixedItemGraph } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { PreferenceTower, softmaxedStart } from '../parts/preference-tower.ts';
import { settings } from '../parts/settings.ts';
import { StaleScores } from '../parts/stale-scores.ts';
import { UserGraph } from '../parts/user-graph.ts';
import { card } from './card.ts';

interface DragonInputs {
  readonly users: Int32Array;
  readonly items: readonly [positives: Int32Array, negatives: Int32Array];
  readonly userGraph: SparseMatrix;
}

/** Dual representations side by side, smoothed by an item graph and a user graph (models.md 2.15). */
class Dragon implements Model {
  readonly parameters;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  readonly #towers: readonly PreferenceTower[];
  /** w [M, modalities]. */
  readonly #shares: Table;
  readonly #graph: SparseMatrix;
  readonly #items: SparseMatrix;
  readonly #userGraph: UserGraph;
  readonly #stale: StaleScores | undefined;
  readonly #users: number;
  readonly #hops: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#users = dataset.users;
    this.#hops = number('n_mm_layers');
    this.#weight = number('reg_weight');
    const modalities = imageFirst(dataset);
    this.#towers = modalities.map((modality) => new PreferenceTower(own, random.init, { dataset, modality, width }));
    const count = modalities.length;
    this.#shares = own.table('shares', softmaxedStart(random.init, dataset.users, count), dataset.users, count);
    const graph = userItemGraph(trainEdges(dataset));
    this.#graph = own.graph(sparse(graph, { symmetric: true }));
    const items = mixedItemGraph({ dataset, source: itemGraph, k: number('knn_k') }, number('mm_image_weight'));
    this.#items = own.graph(sparse(items.matrix));
    this.#userGraph = new UserGraph(own, { dataset, k: number('user_graph_k'), random: random.graph });
    const sizes = { users: dataset.users, items: dataset.items, width: width * count };
    this.#stale = choice('stale_eval') === 'released' ? new StaleScores(own, sizes) : undefined;
    this.parameters = own.parameters;
    this.kept = own.kept;
    this.record = {
      'graph.user-item': described(graph, 'train').record,
      'graph.items': items.record,
      'graph.users': this.#userGraph.record,
    };
  }

  beforeEpoch(epoch: number): void {
    this.#userGraph.draw(epoch);
  }

  inputs({ users, positives, negatives, isLast }: Batch): DragonInputs {
    const userGraph = this.#userGraph.current;
    if (isLast === true) this.#stale?.take(() => this.#vectors(userGraph));
    return { users, items: [positives, negatives], userGraph };
  }

  loss({ users, items, userGraph }: DragonInputs): Loss {
    const all = this.#vectors(userGraph);
    const [user] = gatherParts(all.users, [users]);
    const [positive, negative] = gatherParts(all.items, items);
    const bpr = mul(bprLoss(user!, positive!, negative!, 0), perBit) as Scalar;
    const preferences = this.#towers.map(({ preference }) => meanSquare(gatherParts(preference, [users])[0]!));
    const reg = addN<Scalar>([...preferences, meanSquare(this.#shares)]);
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return this.#stale?.vectors ?? tidy(() => ({ ...this.#vectors(this.#userGraph.first) }));
  }

  dispose(): void {
    this.#own.dispose();
  }

  #vectors(userGraph: SparseMatrix): Representation {
    const views = this.#towers.map((tower) => splitNodes(tower.view(this.#graph), this.#users));
    const shared = views.map((view, m): Tensor2D => mul(view.users, slice(this.#shares, [0, m], [this.#users, 1])));
    const own = concat(shared, 1) as Tensor2D;
    const items = concat(
      views.map((view) => view.items),
      1,
    ) as Tensor2D;
    let passed = items;
    for (let hop = 0; hop < this.#hops; hop++) passed = spmm(this.#items, passed);
    return { users: add(own, spmm(userGraph, own)), items: add(items, passed) };
  }
}

export const dragon = defineModel({ card, create: (context) => new Dragon(context) });
