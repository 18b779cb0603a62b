import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Batch } from '#data/batch.ts';
import { isSymmetric, selectRows } from '#data/csr.ts';
import type { CsrMatrix, Dataset } from '#data/dataset.ts';
import { trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, slice } from '#engine/ops/basic.ts';
import { propagate, propagateRows, sparse } from '#engine/ops/sparse.ts';
import { batchRows } from './batch-rows.ts';
import type { BatchRows } from './batch-rows.ts';
import { stackedXavierUniform } from './initial.ts';
import { ModalityEncoder } from './modality-encoder.ts';
import { splitNodes } from './nodes.ts';
import type { Belongings, Table } from './parameters.ts';

export interface TwoViewOptions {
  readonly dataset: Dataset;
  readonly width: number;
  /** The graph of the behaviour view, [M+N, M+N]; in it users meet items alone. */
  readonly behaviorGraph: CsrMatrix;
  readonly behaviorLayers: number;
  readonly itemGraphs: readonly (CsrMatrix | undefined)[];
  readonly hops: number;
  readonly fusion: 'mgcn' | 'mean';
  readonly input?: 'gated_id' | 'projected';
  readonly trainFeatures: boolean;
}

export interface TwoViewInputs {
  readonly rows: BatchRows;
  /** R̂ of the batch's distinct users, [U, N]. */
  readonly userItems: SparseMatrix;
  /** Where graphs were replaced: the present ones. */
  readonly graphs?: ReplacedGraphs;
}

interface ReplacedGraphs {
  readonly behavior: SparseMatrix;
  /** In place of every modality's item graph; absent: they stay. */
  readonly items?: SparseMatrix;
}

/** Behaviour B and side Z of the same rows. */
export interface Views {
  readonly behavior: Tensor2D;
  readonly side: Tensor2D;
}

/** Both views with what the side view was fused from: s_m of every modality, of the same rows. */
export interface ModalViews extends Views {
  readonly modal: readonly Tensor2D[];
}

/**
 * The two representations that MGCN, EGRA and SIGER add up: B = LG(G, E, L) over interactions, Z from modalities (models.md 0.6).
 * For a batch, everything after the last hop is computed for its distinct rows only.
 */
export class TwoViews {
  readonly #nodes: Table;
  readonly #graph: SparseMatrix;
  readonly #encoder: ModalityEncoder;
  readonly #options: TwoViewOptions;
  readonly #own: Belongings;
  /** R̂ [M, N] of the plain user-item graph, here and on the device. */
  readonly #userItems: CsrMatrix;
  readonly #allUserItems: SparseMatrix;
  #replaced: ReplacedGraphs | undefined;

  constructor(own: Belongings, random: Random, options: TwoViewOptions) {
    const { dataset, width, behaviorGraph } = options;
    this.#options = options;
    this.#own = own;
    const start = stackedXavierUniform(random, dataset.users, dataset.items, width);
    this.#nodes = own.table('nodes', start, dataset.users + dataset.items, width);
    this.#graph = own.graph(sparse(behaviorGraph, { symmetric: isSymmetric(behaviorGraph), split: dataset.users }));
    this.#userItems = userItemBlock(userItemGraph(trainEdges(dataset)), dataset.users);
    this.#allUserItems = own.graph(sparse(this.#userItems));
    this.#encoder = new ModalityEncoder(own, random, options);
  }

  /** What {@link ofBatch} needs of a batch. */
  inputs(batch: Batch): TwoViewInputs {
    const { users, items } = this.#options.dataset;
    const rows = batchRows(batch, { users, items });
    const { ids, live } = rows.users;
    const chosen = selectRows(this.#userItems, ids.subarray(0, live), ids.length);
    const graphs = this.#replaced === undefined ? {} : { graphs: this.#replaced };
    return { rows, userItems: this.#own.passing('batch users', sparse(chosen)), ...graphs };
  }

  /**
   * From now on another behaviour graph, and another item graph for every modality where one is given. They come with the inputs of each
   * batch: what a recorded step finds in its model is fixed.
   */
  replaceGraphs(behavior: CsrMatrix, items: CsrMatrix | undefined): void {
    const held = (name: string, graph: CsrMatrix, split = 0) =>
      this.#own.passing(name, sparse(graph, { symmetric: isSymmetric(graph), split }));
    this.#replaced = {
      behavior: held('behavior', behavior, this.#options.dataset.users),
      ...(items === undefined ? {} : { items: held('items', items) }),
    };
  }

  /** Both views of the batch's distinct users and then items, [U+I, w], in the places that {@link BatchRows} names. */
  ofBatch({ rows, userItems, graphs }: TwoViewInputs): ModalViews {
    const { rows: behavior, lower: items } = propagateRows(graphs?.behavior ?? this.#graph, this.#nodes, {
      layers: this.#options.behaviorLayers,
      parts: [rows.users.ids, rows.items.ids],
      withLower: true,
    });
    const modal = this.#encoder.views(items!, userItems, rows.items.ids, graphs?.items);
    return { behavior, side: this.#encoder.side(modal, behavior), modal };
  }

  /** Both views of all users and items, [M+N, w]. */
  ofAll(): Views {
    const behavior = this.#behavior(this.#replaced);
    const modal = this.#encoder.views(this.#itemIds(), this.#allUserItems, undefined, this.#replaced?.items);
    return { behavior, side: this.#encoder.side(modal, behavior) };
  }

  /** e = B + Z, split into users and items. */
  represent(): { users: Tensor2D; items: Tensor2D } {
    const { behavior, side } = this.ofAll();
    return splitNodes(add(behavior, side) as Tensor2D, this.#options.dataset.users);
  }

  /** The two views by name, for files and later stages. */
  parts(): Record<string, Tensor2D> {
    const { behavior, side } = this.ofAll();
    const users = this.#options.dataset.users;
    const [b, z] = [splitNodes(behavior, users), splitNodes(side, users)];
    return { 'users.behavior': b.users, 'items.behavior': b.items, 'users.side': z.users, 'items.side': z.items };
  }

  /** The items of {@link represent} as a sum: behaviour, then each modality's share of the side view. */
  itemShares(): Tensor2D[] {
    const items = (nodes: Tensor2D) => splitNodes(nodes, this.#options.dataset.users).items;
    const behavior = items(this.#behavior(this.#replaced));
    const modal = this.#encoder.views(this.#itemIds(), this.#allUserItems, undefined, this.#replaced?.items);
    return [behavior, ...this.#encoder.sideShares(modal.map(items), behavior)];
  }

  #behavior(graphs: ReplacedGraphs | undefined): Tensor2D {
    return propagate(graphs?.behavior ?? this.#graph, this.#nodes, this.#options.behaviorLayers);
  }

  /** E_I [N, w]. */
  #itemIds(): Tensor2D {
    return splitNodes(this.#nodes, this.#options.dataset.users).items;
  }
}

/** The users, or the positive items, of a batch's stacked distinct rows. */
export function usersOf(stacked: Tensor2D, rows: BatchRows): Tensor2D {
  return slice(stacked, [0, 0], [rows.users.ids.length, stacked.shape[1]]);
}

export function positivesOf(stacked: Tensor2D, rows: BatchRows): Tensor2D {
  return slice(stacked, [rows.users.ids.length, 0], [rows.positives.ids.length, stacked.shape[1]]);
}
