import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { isSymmetric } from '#data/csr.ts';
import { enhancedGraph } from '#data/enhanced-graph.ts';
import { trainEdges, userItemBlock } from '#data/graph.ts';
import { intersectionGraph } from '#data/item-graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, propagateRows, sparse } from '#engine/ops/sparse.ts';
import { batchRows, itemRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform, xavierUniform } from '../parts/initial.ts';
import { meanOf, reg2, sameEntityNce } from '../parts/losses.ts';
import { cosineItemGraph, described, neighbourSets } from '../parts/modal-graphs.ts';
import { ModalityEncoder } from '../parts/modality-encoder.ts';
import { momentGaps } from '../parts/moments.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { withSignNoise } from '../parts/sign-noise.ts';
import { positivesOf, usersOf } from '../parts/two-views.ts';
import { card } from './card.ts';

interface GumeInputs {
  readonly rows: BatchRows;
  /** The distinct users and then items as rows of the stacked table. */
  readonly nodes: Int32Array;
  /** Uniform numbers for the distinct users, twice for the side view, twice for the extended one. */
  readonly noise: readonly Float32Array[];
}

/** MGCN's views on a graph with links between items, and users' modalities beside them (models.md 2.20). */
class Gume implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  /** User tables of each modality, [M, w]. */
  readonly #extended: readonly Table[];
  /** Â⁺. */
  readonly #graph: SparseMatrix;
  /** R̂, its user-item block. */
  readonly #userItems: SparseMatrix;
  readonly #encoder: ModalityEncoder;
  readonly #random: Random;
  readonly #sizes: { readonly users: number; readonly items: number };
  readonly #width: number;
  readonly #layers: number;
  readonly #batchSize: number;
  readonly #weights: Readonly<Record<'behavior' | 'views' | 'moments' | 'final' | 'extended', number>>;
  readonly #temperatures: { readonly behavior: number; readonly views: number };

  constructor({ dataset, hyper, random, width, batchSize, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const { users, items, modalities } = dataset;
    this.#sizes = { users, items };
    this.#width = width;
    this.#layers = number('n_ui_layers');
    this.#batchSize = batchSize;
    this.#random = random.dropout;
    this.#temperatures = { behavior: number('bm_temp'), views: number('um_temp') };
    this.#weights = {
      behavior: number('bm_loss'),
      views: number('um_loss'),
      moments: modalities.length > 1 ? number('vt_loss') : 0,
      final: number('reg_weight_1'),
      extended: number('reg_weight_2'),
    };
    this.#nodes = own.table('nodes', stackedXavierUniform(random.init, users, items, width), users + items, width);
    this.#extended = modalities.map(({ name }) => own.table(`extended.${name}`, xavierUniform(random.init, users, width), users, width));
    const source = { dataset, source: itemGraph, k: number('knn_k') };
    const links = described(
      intersectionGraph(modalities.map((modality) => neighbourSets(source, modality))),
      `${itemGraph} k=${source.k}, common`,
    );
    const graph = enhancedGraph(trainEdges(dataset), links.matrix, { coefficient: 1, norm: 'joint' });
    this.#graph = own.graph(sparse(graph, { symmetric: isSymmetric(graph), split: users }));
    this.#userItems = own.graph(sparse(userItemBlock(graph, users)));
    const itemGraphs = modalities.map((modality) => cosineItemGraph(source, modality));
    this.#encoder = new ModalityEncoder(own, random.init, {
      dataset,
      width,
      trainFeatures: choice('feat_trainable') === 'released',
      itemGraphs: itemGraphs.map(({ matrix }) => matrix),
      hops: number('n_layers'),
      fusion: 'mgcn',
    });
    this.parameters = own.parameters;
    this.record = {
      'graph.user-item': described(graph, 'train with links').record,
      'graph.links': links.record,
      ...Object.fromEntries(modalities.map(({ name }, m) => [`graph.items.${name}`, itemGraphs[m]!.record])),
    };
  }

  inputs(batch: Batch): GumeInputs {
    const rows = batchRows(batch, this.#sizes);
    const table = { rows: this.#sizes.users, width: this.#width };
    const draw = () => new Float32Array(this.#random.uniformRows(table, rows.users.ids));
    return {
      rows,
      nodes: Int32Array.from([...rows.users.ids, ...itemRows(rows.items.ids, this.#sizes.users)]),
      noise: this.#weights.views > 0 ? [draw(), draw(), draw(), draw()] : [],
    };
  }

  loss({ rows, nodes, noise }: GumeInputs): Loss {
    const parts = [rows.users.ids, rows.items.ids] as const;
    const { rows: behavior, lower: items } = propagateRows(this.#graph, this.#nodes, { layers: this.#layers, parts, withLower: true });
    const views = this.#encoder.views(items!, this.#userItems);
    const side = this.#encoder.side(
      views.map((view) => gatherRows(view, nodes)),
      behavior,
    );
    const { rows: extended } = propagateRows(this.#graph, this.#extendedStart(views), { layers: this.#layers, parts });
    const final = gatherParts(add(behavior, side), [rows.userOf, rows.positiveOf, rows.negativeOf]);
    const bpr = bprLoss(final[0]!, final[1]!, final[2]!, 0);
    const reg = reg2(final, this.#batchSize);
    const reg_extended = reg2(gatherParts(extended, [rows.positiveOf]), this.#batchSize);
    const terms: Record<string, Scalar> = { bpr, reg, reg_extended };
    const weighted: Scalar[] = [bpr, mul(reg, this.#weights.final), mul(reg_extended, this.#weights.extended)];
    const take = (found: Readonly<Record<string, Scalar>>, weight: number) => {
      Object.assign(terms, found);
      weighted.push(...Object.values(found).map((term): Scalar => mul(term, weight)));
    };
    const { moments, behavior: aligned, views: compared } = this.#weights;
    if (moments > 0) take({ moments: momentGaps(views) }, moments);
    const unit = normaliseRows(side);
    if (aligned > 0) take(this.#alignment(unit, normaliseRows(behavior), rows), aligned);
    if (compared > 0) take(this.#userViews(side, unit, extended, { rows, noise }), compared);
    return { total: addN<Scalar>(weighted), terms };
  }

  represent(): Representation {
    return tidy(() => {
      const { behavior, side } = this.#ofAll();
      return splitNodes(add(behavior, side), this.#sizes.users);
    });
  }

  parts(): Record<string, Tensor2D> {
    return tidy(() => {
      const { behavior, side } = this.#ofAll();
      const [b, z] = [splitNodes(behavior, this.#sizes.users), splitNodes(side, this.#sizes.users)];
      return { 'users.behavior': b.users, 'items.behavior': b.items, 'users.side': z.users, 'items.side': z.items };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  #ofAll(): { behavior: Tensor2D; side: Tensor2D } {
    const behavior = propagate(this.#graph, this.#nodes, this.#layers);
    const { items } = splitNodes(this.#nodes, this.#sizes.users);
    return { behavior, side: this.#encoder.side(this.#encoder.views(items, this.#userItems), behavior) };
  }

  /** Mean over modalities of [their users ; z_m]: propagation is linear, so the mean of the propagated is the propagated mean. */
  #extendedStart(views: readonly Tensor2D[]): Tensor2D {
    const { users } = this.#sizes;
    const tables = views.map((view, m) => concat([this.#extended[m]!, splitNodes(view, users).items], 0) as Tensor2D);
    return mul(tables.length === 1 ? tables[0]! : addN(tables), 1 / tables.length);
  }

  #alignment(side: Tensor2D, behavior: Tensor2D, rows: BatchRows): Record<string, Scalar> {
    const { behavior: temperature } = this.#temperatures;
    return {
      contrast_users: meanOf(sameEntityNce(usersOf(side, rows), usersOf(behavior, rows), rows.users, temperature)),
      contrast_items: meanOf(sameEntityNce(positivesOf(side, rows), positivesOf(behavior, rows), rows.positives, temperature)),
    };
  }

  /** Extended against side view of users, and each against itself under noise. `unit` are the side rows at unit length. */
  #userViews(
    side: Tensor2D,
    unit: Tensor2D,
    extended: Tensor2D,
    { rows, noise }: Pick<GumeInputs, 'rows' | 'noise'>,
  ): Record<string, Scalar> {
    const contrast = (a: Tensor2D, b: Tensor2D) => meanOf(sameEntityNce(a, b, rows.users, this.#temperatures.views));
    const noisy = (x: Tensor2D, draw: number) => normaliseRows(withSignNoise(usersOf(x, rows), noise[draw]!));
    return {
      contrast_views: contrast(normaliseRows(usersOf(extended, rows)), usersOf(unit, rows)),
      noise_side: contrast(noisy(side, 0), noisy(side, 1)),
      noise_extended: contrast(noisy(extended, 2), noisy(extended, 3)),
    };
  }
}

export const gume = defineModel({ card, create: (context) => new Gume(context) });
