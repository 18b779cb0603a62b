import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { graphHash } from '#data/csr.ts';
import { releasedEpsilon, trainEdges, userItemGraph } from '#data/graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { propagate, propagateRows, sparse } from '#engine/ops/sparse.ts';
import { batchRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { regF, releasedFloor } from '../parts/losses.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { splitNodes } from '../parts/nodes.ts';
import { card } from './card.ts';

interface LightGcnInputs {
  readonly rows: BatchRows;
}

/** Mean of propagated layers over the user-item graph; the norms are taken of the unpropagated rows (models.md 2.2). */
class LightGcn implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  /** [E_U ; E_I]. */
  readonly #nodes: Table;
  readonly #graph: SparseMatrix;
  readonly #counts: { readonly users: number; readonly items: number };
  readonly #layers: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number } = settings(hyper);
    this.#counts = { users: dataset.users, items: dataset.items };
    this.#layers = number('n_layers');
    this.#weight = number('reg_weight');
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = this.#own.table('nodes', start, dataset.users + dataset.items, width);
    const graph = userItemGraph(trainEdges(dataset), releasedEpsilon);
    this.#graph = this.#own.graph(sparse(graph, { symmetric: true, split: dataset.users }));
    this.parameters = this.#own.parameters;
    this.record = { 'graph.user-item': `${graph.indices.length} entries, sha256 ${graphHash(graph)}` };
  }

  inputs(batch: Batch): LightGcnInputs {
    return { rows: batchRows(batch, this.#counts) };
  }

  loss({ rows }: LightGcnInputs): Loss {
    const places = [rows.userOf, rows.positiveOf, rows.negativeOf];
    const found = propagateRows(this.#graph, this.#nodes, {
      layers: this.#layers,
      parts: [rows.users.ids, rows.items.ids],
      withStart: true,
    });
    const [user, positive, negative] = gatherParts(found.rows, places);
    const bpr = bprLoss(user!, positive!, negative!, releasedFloor);
    const reg = regF(gatherParts(found.start!, places));
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return tidy(() => splitNodes(propagate(this.#graph, this.#nodes, this.#layers), this.#counts.users));
  }

  dispose(): void {
    this.#own.dispose();
  }
}

export const lightgcn = defineModel({ card, create: (context) => new LightGcn(context) });
