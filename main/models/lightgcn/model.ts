import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { graphHash } from '#data/csr.ts';
import { releasedEpsilon, trainEdges, userItemGraph } from '#data/graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { propagate, sparse } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { regF, releasedFloor } from '../parts/losses.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { splitNodes } from '../parts/nodes.ts';
import { card } from './card.ts';

interface LightGcnInputs {
  /** Users, positives and negatives as rows of the stacked table. */
  readonly rows: readonly Int32Array[];
}

/** Mean of propagated layers over the user-item graph; the norms are taken of the unpropagated rows (models.md 2.2). */
class LightGcn implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  /** [E_U ; E_I]. */
  readonly #nodes: Table;
  readonly #graph: SparseMatrix;
  readonly #users: number;
  readonly #layers: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number } = settings(hyper);
    this.#users = dataset.users;
    this.#layers = number('n_layers');
    this.#weight = number('reg_weight');
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = this.#own.table('nodes', start, dataset.users + dataset.items, width);
    const graph = userItemGraph(trainEdges(dataset), releasedEpsilon);
    this.#graph = this.#own.graph(sparse(graph, { symmetric: true }));
    this.parameters = this.#own.parameters;
    this.record = { 'graph.user-item': `${graph.indices.length} entries, sha256 ${graphHash(graph)}` };
  }

  inputs({ users, positives, negatives }: Batch): LightGcnInputs {
    return { rows: [users, itemRows(positives, this.#users), itemRows(negatives, this.#users)] };
  }

  loss({ rows }: LightGcnInputs): Loss {
    const [user, positive, negative] = gatherParts(propagate(this.#graph, this.#nodes, this.#layers), rows);
    const bpr = bprLoss(user!, positive!, negative!, releasedFloor);
    const reg = regF(gatherParts(this.#nodes, rows));
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return tidy(() => splitNodes(propagate(this.#graph, this.#nodes, this.#layers), this.#users));
  }

  dispose(): void {
    this.#own.dispose();
  }
}

export const lightgcn = defineModel({ card, create: (context) => new LightGcn(context) });
