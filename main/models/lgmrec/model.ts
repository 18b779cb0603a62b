import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { releasedEpsilon, trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, matMul, mul, slice, sum, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, sparse, spmm } from '#engine/ops/sparse.ts';
import { batchRows, itemRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform, xavierUniform } from '../parts/initial.ts';
import { regF } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { ScoreDraws } from '../parts/score-draws.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { hyperViews, membershipDraws, memberships } from './hypergraph.ts';
import type { MembershipDraws, MembershipSizes } from './hypergraph.ts';

/** Of the contrast; fixed in the released code. */
const temperature = 0.2;

interface Modal {
  /** X_m [N, D_m]. */
  readonly features: Tensor2D;
  /** W_m [D_m, w]. */
  readonly project: Table;
  /** V_m [D_m, A]. */
  readonly hyper: Table;
}

interface LgmrecInputs {
  readonly rows: BatchRows;
  /** Users, positives and negatives as rows of the stacked table. */
  readonly nodes: readonly Int32Array[];
  /** Of each batch row among all users, and among all items. */
  readonly ids: { readonly users: Int32Array; readonly items: Int32Array };
  readonly draws: readonly MembershipDraws[];
}

interface Views {
  /** C. */
  readonly behavior: Tensor2D;
  /** Σ_m nrm(y_m) + α·nrm(Σ_m [r_U ; r]_m). */
  readonly side: Tensor2D;
  /** [r_U ; r] of each modality. */
  readonly hyper: readonly Tensor2D[];
}

/** Local graph views and global hypergraph views of each modality (models.md 2.16); all views are [M+N, w]. */
class Lgmrec implements Model {
  readonly parameters;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #modals: readonly Modal[];
  readonly #graph: SparseMatrix;
  /** R [M, N] of ones. */
  readonly #interactions: SparseMatrix;
  /** 1/n_u [M, 1]. */
  readonly #userScale: Tensor2D;
  /** Every user, and every item, once: whom the contrast compares with. */
  readonly #once: { readonly users: Float32Array; readonly items: Float32Array };
  readonly #random: Random;
  /** Absent where scores come from a plain softmax. */
  readonly #scoreDraws: ScoreDraws | undefined;
  readonly #sizes: MembershipSizes;
  readonly #layers: { readonly ids: number; readonly modal: number; readonly hyper: number };
  readonly #keepRate: number;
  readonly #share: number;
  readonly #contrast: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#sizes = { users: dataset.users, items: dataset.items, edges: number('hyper_num') };
    this.#layers = { ids: number('n_ui_layers'), modal: number('n_mm_layers'), hyper: number('n_hyper_layer') };
    this.#keepRate = number('keep_rate');
    this.#share = number('alpha');
    this.#contrast = number('cl_weight');
    this.#weight = number('reg_weight');
    this.#random = random.dropout;
    const { users, items, edges } = this.#sizes;
    this.#nodes = own.table('nodes', stackedXavierUniform(random.init, users, items, width), users + items, width);
    this.#modals = imageFirst(dataset).map(({ name, width: columns, values }) => ({
      features: own.constant(values, items, columns),
      project: own.table(`project.${name}`, xavierUniform(random.init, columns, width), columns, width),
      hyper: own.table(`hyper.${name}`, xavierUniform(random.init, columns, edges), columns, edges),
    }));
    const graph = userItemGraph(trainEdges(dataset), releasedEpsilon);
    this.#graph = own.graph(sparse(graph, { symmetric: true, split: users }));
    const block = userItemBlock(graph, users);
    this.#interactions = own.graph(sparse({ ...block, values: new Float32Array(block.values.length).fill(1) }));
    const degree = (user: number) => block.offsets[user + 1]! - block.offsets[user]!;
    const scale = Float32Array.from({ length: users }, (_, user) => 1 / (degree(user) + releasedEpsilon));
    this.#userScale = own.constant(scale, users, 1);
    this.#once = { users: new Float32Array(users).fill(1), items: new Float32Array(items).fill(1) };
    this.#scoreDraws = choice('eval_noise') === 'released' ? new ScoreDraws(own, random.dropout) : undefined;
    this.parameters = own.parameters;
    this.kept = own.kept;
    this.record = { 'graph.user-item': described(graph, 'train').record };
  }

  inputs(batch: Batch): LgmrecInputs {
    if (batch.isLast === true) this.#scoreDraws?.renew();
    const { users } = this.#sizes;
    return {
      rows: batchRows(batch, this.#sizes),
      nodes: [batch.users, itemRows(batch.positives, users), itemRows(batch.negatives, users)],
      ids: { users: batch.users, items: batch.positives },
      draws: membershipDraws(this.#random, this.#sizes, this.#modals.length, this.#keepRate),
    };
  }

  loss({ rows, nodes, ids, draws }: LgmrecInputs): Loss {
    const { behavior, side, hyper } = this.#views(draws);
    const final = gatherParts(add(behavior, side), nodes);
    const bpr = bprLoss(final[0]!, final[1]!, final[2]!, 0);
    const reg = regF(final);
    const terms: Record<string, Scalar> = { bpr, reg };
    const parts: Scalar[] = [bpr, mul(reg, this.#weight)];
    if (this.#contrast > 0 && hyper.length > 1) {
      Object.assign(terms, this.#contrasts(hyper, rows, ids));
      parts.push(mul(add(terms['contrast_users']!, terms['contrast_items']!), this.#contrast));
    }
    return { total: addN<Scalar>(parts), terms };
  }

  represent(): Representation {
    return tidy(() => {
      const { behavior, side } = this.#views(this.#scored());
      return splitNodes(add(behavior, side), this.#sizes.users);
    });
  }

  parts(): Record<string, Tensor2D> {
    return tidy(() => {
      const views = this.#views(this.#scored());
      const [b, z] = [splitNodes(views.behavior, this.#sizes.users), splitNodes(views.side, this.#sizes.users)];
      return { 'users.behavior': b.users, 'items.behavior': b.items, 'users.side': z.users, 'items.side': z.items };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  #scored(): readonly MembershipDraws[] | undefined {
    const random = this.#scoreDraws?.stream();
    return random === undefined ? undefined : membershipDraws(random, this.#sizes, this.#modals.length);
  }

  #views(draws: readonly MembershipDraws[] | undefined): Views {
    const behavior = propagate(this.#graph, this.#nodes, this.#layers.ids);
    const start = splitNodes(behavior, this.#sizes.users).items;
    const modal: Tensor2D[] = [];
    const hyper = this.#modals.map((one, m) => {
      const { projected, logits } = this.#ofFeatures(one);
      let view = projected;
      for (let hop = 0; hop < this.#layers.modal; hop++) view = spmm(this.#graph, view);
      modal.push(normaliseRows(view));
      return hyperViews(memberships(logits, draws?.[m]), start, this.#layers.hyper);
    });
    const global = mul(normaliseRows(hyper.length === 1 ? hyper[0]! : addN(hyper)), this.#share) as Tensor2D;
    return { behavior, side: addN([...modal, global]), hyper };
  }

  /** [R q / n_u ; q] of q = X_m W_m, and the membership logits X_m V_m and R X_m V_m: one product with the features, one with R. */
  #ofFeatures({ features, project, hyper }: Modal) {
    const items = matMul(features, concat([project, hyper], 1)) as Tensor2D;
    const users = spmm(this.#interactions, items);
    const [width, edges] = [project.shape[1], this.#sizes.edges];
    const columns = (x: Tensor2D, from: number, count: number) => slice(x, [0, from], [x.shape[0], count]);
    return {
      projected: concat([mul(columns(users, 0, width), this.#userScale) as Tensor2D, columns(items, 0, width)], 0) as Tensor2D,
      logits: { users: columns(users, width, edges), items: columns(items, width, edges) },
    };
  }

  /** HCL: sums over batch rows, every pair of modalities, against all users and all items. */
  #contrasts(hyper: readonly Tensor2D[], rows: BatchRows, ids: LgmrecInputs['ids']): Record<'contrast_users' | 'contrast_items', Scalar> {
    const views = hyper.map((view) => splitNodes(normaliseRows(view), this.#sizes.users));
    const against = (side: 'users' | 'items', asked: BatchRows['users']): Scalar => {
      const pairs = { queryOf: asked.indexOf, keyOf: ids[side], keyCounts: this.#once[side] };
      const losses = views.flatMap((view, m) => {
        const queries = m + 1 < views.length ? gatherRows(view[side], asked.ids) : undefined;
        return views.slice(m + 1).map((other) => sum(infoNceRows(queries!, other[side], pairs, temperature)) as Scalar);
      });
      return losses.length === 1 ? losses[0]! : addN<Scalar>(losses);
    };
    return { contrast_users: against('users', rows.users), contrast_items: against('items', rows.positives) };
  }
}

export const lgmrec = defineModel({ card, create: (context) => new Lgmrec(context) });
