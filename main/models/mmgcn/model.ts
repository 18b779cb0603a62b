import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { neighbourMeans, trainEdges } from '#data/graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { sparse } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { xavierNormal } from '../parts/initial.ts';
import { meanSquare, regS } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { StaleScores } from '../parts/stale-scores.ts';
import { card } from './card.ts';
import { Tower } from './tower.ts';

interface MmgcnInputs {
  /** Users, positives and negatives as rows of the stacked table. */
  readonly rows: readonly Int32Array[];
}

/** The mean of one graph network a modality (models.md 2.7). */
class Mmgcn implements Model {
  readonly parameters;
  readonly fixed;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  /** E_id [M+N, w], shared by the towers. */
  readonly #ids: Table;
  readonly #towers: readonly Tower[];
  /** Means over neighbours. */
  readonly #graph: SparseMatrix;
  readonly #stale: StaleScores | undefined;
  readonly #users: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const nodes = dataset.users + dataset.items;
    this.#users = dataset.users;
    this.#weight = number('reg_weight');
    const trained = choice('untrained_tables') === 'corrected';
    const ids = xavierNormal(random.init, nodes, width);
    this.#ids = trained ? own.table('nodes', ids, nodes, width) : own.fixedTable('nodes', ids, nodes, width);
    const dimLatent = number('dim_latent');
    this.#towers = imageFirst(dataset).map((modality) => new Tower(own, random.init, { dataset, modality, width, dimLatent, trained }));
    const graph = neighbourMeans(trainEdges(dataset));
    this.#graph = own.graph(sparse(graph));
    const sizes = { users: dataset.users, items: dataset.items, width };
    this.#stale = choice('stale_eval') === 'released' ? new StaleScores(own, sizes) : undefined;
    this.parameters = own.parameters;
    this.fixed = own.fixed;
    this.kept = own.kept;
    this.record = { 'graph.user-item': described(graph, 'train').record };
  }

  inputs({ users, positives, negatives, isLast }: Batch): MmgcnInputs {
    if (isLast === true) this.#stale?.take(() => splitNodes(this.#vectors(), this.#users));
    return { rows: [users, itemRows(positives, this.#users), itemRows(negatives, this.#users)] };
  }

  loss({ rows }: MmgcnInputs): Loss {
    const [user, positive, negative] = gatherParts(this.#vectors(), rows);
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const [u, i, j] = gatherParts(this.#ids, rows);
    const ids = add(meanSquare(u!), mul(regS([i!, j!]), 1 / i!.size)) as Scalar;
    const reg = add(ids, meanSquare(this.#towers[0]!.preference)) as Scalar;
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return this.#stale?.vectors ?? tidy(() => splitNodes(this.#vectors(), this.#users));
  }

  dispose(): void {
    this.#own.dispose();
  }

  #vectors(): Tensor2D {
    const views = this.#towers.map((tower) => tower.view(this.#graph, this.#ids));
    return mul(addN<Tensor2D>(views), 1 / views.length);
  }
}

export const mmgcn = defineModel({ card, create: (context) => new Mmgcn(context) });
