import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import { distinct, filledUp, sparePlaces } from '#data/batch.ts';
import type { Batch } from '#data/batch.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, mul, sigmoid, sub, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { regS } from '../parts/losses.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table, Vector } from '../parts/parameters.ts';
import { PrunedGraph } from '../parts/pruned-graph.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

interface Modal {
  /** X_m [N, D_m], never trained. */
  readonly features: Tensor2D;
  readonly project: Linear;
}

interface MmgcfInputs {
  readonly graph: SparseMatrix;
  /** Users, positives and negatives as rows of the stacked table. */
  readonly nodes: readonly Int32Array[];
  /** Distinct items: fusion and projections are done once for each; and the same as rows of the stacked table. */
  readonly items: Int32Array;
  readonly itemNodes: Int32Array;
  /** Positives and negatives by their places in `items`. */
  readonly places: readonly Int32Array[];
}

type Join = (parts: readonly Tensor2D[]) => Tensor2D;

/** LightGCN users; items fused with projected features after propagation (models.md 2.23). */
class Mmgcf implements Model {
  readonly parameters;
  readonly fixed;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #graph: PrunedGraph;
  readonly #modals: readonly Modal[];
  readonly #fuse: (ids: Tensor2D, modal: readonly Tensor2D[]) => Tensor2D;
  readonly #counts: { readonly users: number; readonly items: number };
  readonly #layers: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#counts = { users: dataset.users, items: dataset.items };
    this.#layers = number('n_ui_layers');
    this.#weight = number('reg_weight');
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = own.table('nodes', start, dataset.users + dataset.items, width);
    const fusion: Fusion = choice('fusion_mode');
    const weighting: Weighting = choice('weighting');
    const out = fusion === 'concat' && number('feat_embed_dim') > 0 ? number('feat_embed_dim') : width;
    this.#modals = imageFirst(dataset).map(({ name, width: columns, values }) => ({
      features: own.constant(values, dataset.items, columns),
      // A bias before a row is normalised matters; elsewhere every item gets the same, which no pairwise loss sees.
      project: linear(own, random.init, `project.${name}`, { in: columns, out, fixedBias: weighting !== 'normalized' }),
    }));
    this.#fuse = this.#fusion(random.init, { fusion, weighting, width, out });
    this.#graph = new PrunedGraph(own, { dataset, rate: number('dropout'), random: random.graph });
    this.parameters = own.parameters;
    this.fixed = own.fixed;
    this.record = { 'graph.user-item': this.#graph.record };
  }

  beforeEpoch(): void {
    this.#graph.draw();
  }

  inputs({ users, positives, negatives }: Batch): MmgcfInputs {
    const { users: shift, items } = this.#counts;
    const both = new Int32Array(positives.length + negatives.length);
    both.set(positives);
    both.set(negatives, positives.length);
    const { ids, indexOf } = filledUp(distinct(both, items), sparePlaces(users.length));
    return {
      graph: this.#graph.current,
      nodes: [users, itemRows(positives, shift), itemRows(negatives, shift)],
      items: ids,
      itemNodes: itemRows(ids, shift),
      places: [indexOf.slice(0, positives.length), indexOf.slice(positives.length)],
    };
  }

  loss({ graph, nodes, items, itemNodes, places }: MmgcfInputs): Loss {
    const [user, ids] = gatherParts(propagate(graph, this.#nodes, this.#layers), [nodes[0]!, itemNodes]);
    const modal = this.#modals.map(({ features, project }) => apply(project, gatherRows(features, items)));
    const [positive, negative] = gatherParts(this.#fuse(ids!, modal), places);
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const reg = mul(regS(gatherParts(this.#nodes, nodes)), 1 / nodes[0]!.length) as Scalar;
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return tidy(() => {
      const { users, items } = splitNodes(propagate(this.#graph.full, this.#nodes, this.#layers), this.#counts.users);
      const modal = this.#modals.map(({ features, project }) => apply(project, features));
      return { users, items: this.#fuse(items, modal) };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  #fusion(random: Random, { fusion, weighting, width, out }: { fusion: Fusion; weighting: Weighting; width: number; out: number }) {
    const own = this.#own;
    const count = this.#modals.length;
    const join = (name: string, from: number, to: number, fixedBias: boolean): Join => {
      if (fusion === 'sum') return (parts) => addN([...parts]);
      if (fusion === 'mean') return (parts) => mul(addN([...parts]), 1 / parts.length);
      const layer = linear(own, random, `join.${name}`, { in: from, out: to, fixedBias });
      return (parts) => apply(layer, concat([...parts], 1));
    };
    if (weighting === 'equal') {
      const modalities = join('modalities', count * out, out, true);
      const all = join('id', width + out, width, true);
      return (ids: Tensor2D, modal: readonly Tensor2D[]) => all([ids, modalities(modal)]);
    }
    const all = join('all', width + count * out, width, true);
    if (weighting === 'normalized') {
      return (ids: Tensor2D, modal: readonly Tensor2D[]) => all([mul(normaliseRows(ids), count), ...modal.map((f) => normaliseRows(f))]);
    }
    const alpha: Vector = own.vector('alpha', new Float32Array(1));
    return (ids: Tensor2D, modal: readonly Tensor2D[]) => {
      const share = sigmoid(alpha);
      return all([mul(ids, share), ...modal.map((f): Tensor2D => mul(f, sub(1, share)))]);
    };
  }
}

type Fusion = 'mean' | 'sum' | 'concat';
type Weighting = 'equal' | 'alpha' | 'normalized';

export const mmgcf = defineModel({ card, create: (context) => new Mmgcf(context) });
