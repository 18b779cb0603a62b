import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { selectRows } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import { largestGraph } from '#data/item-graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, propagateRows, sparse } from '#engine/ops/sparse.ts';
import { batchRows, itemRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { maskOfRows } from '../parts/dropout.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { meanOf, reg2, sameEntityNce } from '../parts/losses.ts';
import { cosineItemGraph, described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { positivesOf, usersOf } from '../parts/two-views.ts';
import { card } from './card.ts';
import { SpectralEncoder } from './encoder.ts';

/** Hard-coded in the released code. */
const temperature = 0.2;

interface SmoreInputs {
  readonly rows: BatchRows;
  /** R̂ of the batch's distinct users. */
  readonly userItems: SparseMatrix;
  /** Dropout of each gate, modalities then fusion, by the distinct rows; none where nothing is dropped. */
  readonly masks: readonly Float32Array[];
}

/** Spectral filters of features and their fusion beside behaviour (models.md 2.18). */
class Smore implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #graph: SparseMatrix;
  readonly #userItems: CsrMatrix;
  readonly #allUserItems: SparseMatrix;
  readonly #encoder: SpectralEncoder;
  readonly #random: Random;
  readonly #sizes: { readonly users: number; readonly items: number };
  readonly #width: number;
  readonly #gates: number;
  readonly #layers: number;
  readonly #dropout: number;
  readonly #batchSize: number;
  readonly #contrast: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width, batchSize, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#sizes = { users: dataset.users, items: dataset.items };
    this.#width = width;
    this.#layers = number('n_ui_layers');
    this.#dropout = number('dropout_rate');
    this.#batchSize = batchSize;
    this.#contrast = number('cl_loss');
    this.#weight = number('reg_weight');
    this.#random = random.dropout;
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = own.table('nodes', start, dataset.users + dataset.items, width);
    const graph = userItemGraph(trainEdges(dataset));
    this.#graph = own.graph(sparse(graph, { symmetric: true, split: dataset.users }));
    this.#userItems = userItemBlock(graph, dataset.users);
    this.#allUserItems = own.graph(sparse(this.#userItems));
    const modalities = imageFirst(dataset);
    this.#gates = modalities.length + 1;
    const graphs = modalities.map((modality) => {
      const k = number(modality.name === 'image' ? 'image_knn_k' : 'text_knn_k');
      return cosineItemGraph({ dataset, source: itemGraph, k }, modality);
    });
    const fused = described(largestGraph(graphs.map(({ matrix }) => matrix)), 'largest of the modalities’');
    this.#encoder = new SpectralEncoder(own, random.init, {
      modalities,
      items: dataset.items,
      width,
      trainFeatures: choice('feat_trainable') === 'released',
      graphs: graphs.map(({ matrix }) => matrix),
      fusedGraph: fused.matrix,
      hops: number('n_layers'),
    });
    this.parameters = own.parameters;
    this.record = {
      'graph.user-item': described(graph, 'train').record,
      ...Object.fromEntries(modalities.map(({ name }, m) => [`graph.items.${name}`, graphs[m]!.record])),
      'graph.items.fused': fused.record,
    };
  }

  inputs(batch: Batch): SmoreInputs {
    const { users, items } = this.#sizes;
    const rows = batchRows(batch, this.#sizes);
    const { ids, live } = rows.users;
    const userItems = this.#own.passing('batch users', sparse(selectRows(this.#userItems, ids.subarray(0, live), ids.length)));
    const wanted = Int32Array.from([...ids, ...itemRows(rows.items.ids, users)]);
    const table = { rows: users + items, width: this.#width };
    const masks =
      this.#dropout > 0 ? Array.from({ length: this.#gates }, () => maskOfRows(this.#random, table, wanted, this.#dropout)) : [];
    return { rows, userItems, masks };
  }

  loss({ rows, userItems, masks }: SmoreInputs): Loss {
    const { rows: behavior, lower: items } = propagateRows(this.#graph, this.#nodes, {
      layers: this.#layers,
      parts: [rows.users.ids, rows.items.ids],
      withLower: true,
    });
    const side = this.#encoder.side({ items: items!, userItems, itemRows: rows.items.ids, behavior, masks });
    const final = gatherParts(add(behavior, side), [rows.userOf, rows.positiveOf, rows.negativeOf]);
    const bpr = bprLoss(final[0]!, final[1]!, final[2]!, 0);
    const reg = reg2(final, this.#batchSize);
    const [b, z] = [normaliseRows(behavior), normaliseRows(side)];
    const contrast_items = meanOf(sameEntityNce(positivesOf(z, rows), positivesOf(b, rows), rows.positives, temperature));
    const contrast_users = meanOf(sameEntityNce(usersOf(z, rows), usersOf(b, rows), rows.users, temperature));
    const contrast = add(contrast_items, contrast_users);
    const total = addN<Scalar>([bpr, mul(reg, this.#weight), mul(contrast, this.#contrast)]);
    return { total, terms: { bpr, reg, contrast_items, contrast_users } };
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

  /** B and Z of all users and items, [M+N, w]. */
  #ofAll(): { behavior: Tensor2D; side: Tensor2D } {
    const behavior = propagate(this.#graph, this.#nodes, this.#layers);
    const { items } = splitNodes(this.#nodes, this.#sizes.users);
    return { behavior, side: this.#encoder.side({ items, userItems: this.#allUserItems, behavior, masks: [] }) };
  }
}

export const smore = defineModel({ card, create: (context) => new Smore(context) });
