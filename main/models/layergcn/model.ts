import type { Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { spmm } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { rowCosines } from '../parts/cosine.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { regS } from '../parts/losses.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { PrunedGraph } from '../parts/pruned-graph.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

interface LayerGcnInputs {
  readonly graph: SparseMatrix;
  /** Users, positives and negatives as rows of the stacked table. */
  readonly rows: readonly Int32Array[];
}

/** Layers weighed by their cosine with the starting vectors, summed without those (models.md 2.3). */
class LayerGcn implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  /** X⁰ = [E_U ; E_I]. */
  readonly #nodes: Table;
  readonly #graph: PrunedGraph;
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
    this.#graph = new PrunedGraph(this.#own, { dataset, rate: number('dropout'), random: random.graph });
    this.parameters = this.#own.parameters;
    this.record = { 'graph.user-item': this.#graph.record };
  }

  beforeEpoch(epoch: number): void {
    this.#graph.draw(epoch % 2 === 0 ? 'degree' : 'uniform');
  }

  inputs({ users, positives, negatives }: Batch): LayerGcnInputs {
    return { graph: this.#graph.current, rows: [users, itemRows(positives, this.#users), itemRows(negatives, this.#users)] };
  }

  loss({ graph, rows }: LayerGcnInputs): Loss {
    const [user, positive, negative] = gatherParts(this.#refined(graph), rows);
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const sum = mul(bpr, rows[0]!.length);
    const reg = regS(gatherParts(this.#nodes, rows));
    return { total: add(sum, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return tidy(() => splitNodes(this.#refined(this.#graph.full), this.#users));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** Σ_{l=1..L} Xˡ. */
  #refined(graph: SparseMatrix): Tensor2D {
    const layers: Tensor2D[] = [];
    for (let x: Tensor2D = this.#nodes; layers.length < this.#layers;) {
      const hop = spmm(graph, x);
      x = mul(hop, rowCosines(hop, this.#nodes));
      layers.push(x);
    }
    return addN(layers);
  }
}

export const layergcn = defineModel({ card, create: (context) => new LayerGcn(context) });
