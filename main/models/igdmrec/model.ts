import type { Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, reshape, tidy, values } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { halfSquares } from '#engine/ops/norms.ts';
import { sparse, spmm } from '#engine/ops/sparse.ts';
import { batchRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform, xavierUniform } from '../parts/initial.ts';
import { linear } from '../parts/linear.ts';
import { meanOf } from '../parts/losses.ts';
import { described, mixedItemGraph } from '../parts/modal-graphs.ts';
import type { GraphChoice } from '../parts/modal-graphs.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { PrunedGraph } from '../parts/pruned-graph.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { ItemDiffusion, put } from './diffusion.ts';
import { behaviourRows, binaryMix, largest, largestOfRows, neighbourGraph } from './graphs.ts';
import { linearVariance } from './schedule.ts';

/** Weight of the squares of all parameters; fixed in the released code. */
const regWeight = 1e-7;

interface IgdmrecInputs {
  readonly rows: BatchRows;
  /** Of positives and negatives among the distinct items. */
  readonly places: readonly Int32Array[];
  readonly positives: Int32Array;
  readonly graph: SparseMatrix;
  readonly denoised: SparseMatrix;
}

/** LightGCN's last layer beside an item graph that a diffusion model denoises in every epoch (models.md 3.1). */
class Igdmrec implements Model {
  readonly parameters;
  readonly kept;
  readonly record;
  readonly diffusion: ItemDiffusion;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #graph: PrunedGraph;
  /** F. */
  readonly #original: SparseMatrix;
  /** Items that each row of the denoised graph holds [N, k], −1 for none. */
  readonly #neighbours: Table;
  readonly #once: Float32Array;
  readonly #sizes: { readonly users: number; readonly items: number };
  readonly #layers: number;
  readonly #hops: number;
  readonly #passes: number;
  readonly #temperature: number;
  readonly #contrast: number;
  #present: SparseMatrix | undefined;

  constructor({ dataset, hyper, random, width, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const { users, items } = dataset;
    this.#sizes = { users, items };
    this.#layers = number('n_ui_layers');
    this.#hops = number('n_mm_layers');
    this.#passes = number('diff_passes');
    this.#temperature = number('tau');
    this.#contrast = number('weight_cl');
    this.#once = new Float32Array(items).fill(1);
    this.#nodes = own.table('nodes', stackedXavierUniform(random.init, users, items, width), users + items, width);
    if (choice('reg_features') === 'released') {
      for (const { name, width: columns, values: features } of dataset.modalities) {
        own.table(`features.${name}`, features, items, columns);
        linear(own, random.init, `project.${name}`, { in: columns, out: width, start: xavierUniform });
      }
    }
    this.#graph = new PrunedGraph(own, { dataset, rate: number('dropout'), random: random.graph });
    const asked: GraphChoice = { dataset, source: itemGraph, k: number('knn_k') };
    const original = mixedItemGraph(asked, number('mm_image_weight'));
    this.#original = own.graph(sparse(original.matrix));
    const rows = binaryMix(asked, number('mm_image_weight'));
    const conditions = behaviourRows(dataset, { atLeast: number('co_min'), k: number('co_top') });
    this.diffusion = new ItemDiffusion(own, {
      rows,
      conditions,
      schedule: linearVariance({
        steps: number('steps'),
        scale: number('noise_scale'),
        min: number('noise_min'),
        max: number('noise_max'),
      }),
      hidden: number('n_hid'),
      timeWidth: 2 * number('time_waves'),
      batchRows: number('diff_batch'),
      learningRate: number('diff_lr'),
      guidance: number('omega'),
      init: random.init,
      random: random.graph,
    });
    this.#neighbours = own.keptTable('denoised', items, Math.min(number('diff_topk'), items));
    put(this.#neighbours, largestOfRows(rows, this.#neighbours.shape[1]));
    this.parameters = own.parameters;
    this.kept = own.kept;
    this.record = {
      'graph.user-item': this.#graph.record,
      'graph.items': original.record,
      'graph.behaviour': described(conditions, `at least ${number('co_min')} shared users, top ${number('co_top')}, and itself`).record,
    };
  }

  beforeEpoch(): void {
    for (const pieces = this.epochWork(); pieces.next().done !== true;);
  }

  /** The diffusion model's passes, its graph of this epoch, the pruned graph. */
  *epochWork(): Generator<void, void, void> {
    yield* this.diffusion.train(this.#passes);
    const { items } = this.#sizes;
    const count = this.#neighbours.shape[1];
    const found = new Float32Array(this.#neighbours.size);
    for (const block of this.diffusion.blocks) {
      const sampled = this.diffusion.sample(block);
      for (let row = 0; row < block.count; row++) {
        found.set(largest(sampled.subarray(row * items, (row + 1) * items), count), (block.from + row) * count);
      }
      yield;
    }
    put(this.#neighbours, found);
    this.#present = this.#own.passing('denoised', this.#denoised());
    this.#graph.draw();
  }

  inputs(batch: Batch): IgdmrecInputs {
    this.#present ??= this.#own.passing('denoised', this.#denoised());
    const rows = batchRows(batch, this.#sizes);
    const items = rows.items.indexOf;
    const count = batch.users.length;
    return {
      rows,
      places: [items.slice(0, count), items.slice(count)],
      positives: batch.positives,
      graph: this.#graph.current,
      denoised: this.#present,
    };
  }

  loss({ rows, places, positives, graph, denoised }: IgdmrecInputs): Loss {
    const { users, items, present } = this.#vectors(graph, denoised);
    const user = gatherRows(users, rows.users.ids);
    const [positive, negative] = gatherParts(gatherRows(present, rows.items.ids), places);
    const bpr = bprLoss(gatherRows(user, rows.users.indexOf), positive!, negative!, 0);
    const reg = mul(addN([...this.parameters.values()].map((table) => halfSquares(flat(table)))), 2) as Scalar;
    const terms: Record<string, Scalar> = { bpr, reg };
    const parts: Scalar[] = [bpr, mul(reg, regWeight)];
    if (this.#contrast > 0) {
      const original = add(items, this.#passed(this.#original)) as Tensor2D;
      const asked = normaliseRows(gatherRows(original, rows.positives.ids));
      const pairs = { queryOf: rows.positives.indexOf, keyOf: positives, keyCounts: this.#once };
      terms['contrast'] = meanOf(infoNceRows(asked, normaliseRows(present), pairs, this.#temperature));
      parts.push(mul(terms['contrast'], this.#contrast));
    }
    return { total: addN<Scalar>(parts), terms };
  }

  represent(): Representation {
    return tidy(() => {
      const denoised = this.#denoised();
      const { users, present } = this.#vectors(this.#graph.full, denoised);
      denoised.dispose();
      return { users, items: present };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** G of the neighbours that are kept: those of the last epoch, or of a checkpoint. */
  #denoised(): SparseMatrix {
    return sparse(neighbourGraph(values(this.#neighbours), this.#sizes.items));
  }

  /** Last layers of users and items, and items with what G passes on. */
  #vectors(graph: SparseMatrix, denoised: SparseMatrix): { users: Tensor2D; items: Tensor2D; present: Tensor2D } {
    let nodes: Tensor2D = this.#nodes;
    for (let layer = 0; layer < this.#layers; layer++) nodes = spmm(graph, nodes);
    const { users, items } = splitNodes(nodes, this.#sizes.users);
    return { users, items, present: add(items, this.#passed(denoised)) as Tensor2D };
  }

  /** E_I passed over an item graph. */
  #passed(graph: SparseMatrix): Tensor2D {
    let { items } = splitNodes(this.#nodes, this.#sizes.users);
    for (let hop = 0; hop < this.#hops; hop++) items = spmm(graph, items);
    return items;
  }
}

/** A parameter as a matrix; biases are vectors. */
function flat(table: Variable): Tensor2D {
  return reshape(table, [table.shape[0]!, table.size / table.shape[0]!]) as Tensor2D;
}

export const igdmrec = defineModel({ card, create: (context) => new Igdmrec(context) });
