import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, slice, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { sparse, spmm } from '#engine/ops/sparse.ts';
import { meanSquare, perBit } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { PreferenceTower, softmaxedStart } from '../parts/preference-tower.ts';
import { settings } from '../parts/settings.ts';
import { StaleScores } from '../parts/stale-scores.ts';
import { UserGraph } from '../parts/user-graph.ts';
import { card } from './card.ts';

interface DualGnnInputs {
  readonly users: Int32Array;
  readonly items: readonly [positives: Int32Array, negatives: Int32Array];
  readonly userGraph: SparseMatrix;
}

/** Modality views added up for items, weighed by each user, smoothed over co-users (models.md 2.9). */
class DualGnn implements Model {
  readonly parameters;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  readonly #towers: readonly PreferenceTower[];
  /** w [M, modalities] and w_I [N, modalities], which only the penalty reads. */
  readonly #shares: Table;
  readonly #itemShares: Table;
  readonly #graph: SparseMatrix;
  readonly #userGraph: UserGraph;
  readonly #stale: StaleScores | undefined;
  readonly #users: number;
  readonly #weight: number;
  readonly #ownViews: boolean;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#users = dataset.users;
    this.#weight = number('reg_weight');
    this.#ownViews = choice('user_views') === 'corrected';
    const modalities = imageFirst(dataset);
    this.#towers = modalities.map((modality) => new PreferenceTower(own, random.init, { dataset, modality, width }));
    const count = modalities.length;
    this.#shares = own.table('shares', softmaxedStart(random.init, dataset.users, count), dataset.users, count);
    this.#itemShares = own.table('item shares', softmaxedStart(random.init, dataset.items, count), dataset.items, count);
    const graph = userItemGraph(trainEdges(dataset));
    this.#graph = own.graph(sparse(graph, { symmetric: true }));
    this.#userGraph = new UserGraph(own, { dataset, k: number('user_graph_k'), random: random.graph });
    const sizes = { users: dataset.users, items: dataset.items, width };
    this.#stale = choice('stale_eval') === 'released' ? new StaleScores(own, sizes) : undefined;
    this.parameters = own.parameters;
    this.kept = own.kept;
    this.record = { 'graph.user-item': described(graph, 'train').record, 'graph.users': this.#userGraph.record };
  }

  beforeEpoch(epoch: number): void {
    this.#userGraph.draw(epoch);
  }

  inputs({ users, positives, negatives, isLast }: Batch): DualGnnInputs {
    const userGraph = this.#userGraph.current;
    if (isLast === true) this.#stale?.take(() => this.#vectors(userGraph));
    return { users, items: [positives, negatives], userGraph };
  }

  loss({ users, items, userGraph }: DualGnnInputs): Loss {
    const all = this.#vectors(userGraph);
    const [user] = gatherParts(all.users, [users]);
    const [positive, negative] = gatherParts(all.items, items);
    const bpr = mul(bprLoss(user!, positive!, negative!, 0), perBit) as Scalar;
    const preferences = this.#towers.map(({ preference }) => meanSquare(gatherParts(preference, [users])[0]!));
    const reg = addN<Scalar>([...preferences, meanSquare(this.#shares), meanSquare(this.#itemShares)]);
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
    const whole = addN<Tensor2D>(views.map((view) => view.users));
    const seen = views.map((view, m) => (m === 0 && !this.#ownViews ? whole : view.users));
    const own = addN<Tensor2D>(seen.map((view, m) => mul(view, slice(this.#shares, [0, m], [this.#users, 1]))));
    return { users: add(own, spmm(userGraph, own)), items: addN<Tensor2D>(views.map((view) => view.items)) };
  }
}

export const dualgnn = defineModel({ card, create: (context) => new DualGnn(context) });
