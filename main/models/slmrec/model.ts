import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { addN, concat, mul, tidy } from '#engine/ops/basic.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { halfSquares } from '#engine/ops/norms.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { propagate, sparse } from '#engine/ops/sparse.ts';
import { batchRows, itemRows } from '../parts/batch-rows.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform, xavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { meanOf } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { StaleScores } from '../parts/stale-scores.ts';
import { AlignmentChain } from './alignment-chain.ts';
import { card } from './card.ts';

/** Added to every degree, here alone. */
const degreeEpsilon = 1e-8;

interface Modal {
  /** nrm(X_m) [N, D_m]. */
  readonly features: Tensor2D;
  readonly project: Linear;
}

interface SlmrecInputs {
  readonly rows: BatchRows;
  /** Distinct users, and distinct positives, as rows of the stacked table. */
  readonly nodes: readonly [users: Int32Array, positives: Int32Array];
}

/** Softmax within the batch, and items whose views recognise each other (models.md 2.11). */
class Slmrec implements Model {
  readonly parameters;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #modals: readonly Modal[];
  /** F_U and F_I over [H_id | H_m …]. */
  readonly #join: { readonly users: Linear; readonly items: Linear };
  readonly #chain: AlignmentChain | undefined;
  readonly #graph: SparseMatrix;
  readonly #stale: StaleScores | undefined;
  readonly #sizes: { readonly users: number; readonly items: number };
  readonly #layers: number;
  readonly #temperature: number;
  readonly #contrast: number;
  readonly #decay: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const { init } = random;
    this.#sizes = { users: dataset.users, items: dataset.items };
    this.#layers = number('layer_num');
    this.#temperature = number('temp');
    this.#contrast = number('ssl_alpha');
    this.#decay = number('weight_decay');
    const start = stackedXavierUniform(init, dataset.users, dataset.items, width);
    this.#nodes = own.table('nodes', start, dataset.users + dataset.items, width);
    const modalities = imageFirst(dataset);
    this.#modals = modalities.map(({ name, width: columns, values }) => ({
      features: own.normalised(values, dataset.items, columns),
      project: linear(own, init, `project.${name}`, { in: columns, out: width, start: xavierUniform }),
    }));
    const joined = { in: width * (1 + modalities.length), out: width };
    this.#join = { users: linear(own, init, 'join.users', joined), items: linear(own, init, 'join.items', joined) };
    const names = modalities.map(({ name }) => name);
    this.#chain = this.#contrast > 0 ? new AlignmentChain(own, init, { names, width, temperature: number('ssl_temp') }) : undefined;
    const graph = userItemGraph(trainEdges(dataset), degreeEpsilon);
    this.#graph = own.graph(sparse(graph, { symmetric: true }));
    const sizes = { users: dataset.users, items: dataset.items, width };
    this.#stale = choice('stale_eval') === 'released' ? new StaleScores(own, sizes) : undefined;
    this.parameters = own.parameters;
    this.kept = own.kept;
    this.record = { 'graph.user-item': described(graph, 'train').record };
  }

  inputs(batch: Batch): SlmrecInputs {
    if (batch.isLast === true) this.#stale?.take(() => this.#vectors());
    // Drawn negatives are not used: other items of the batch are.
    const rows = batchRows({ ...batch, negatives: new Int32Array(0) }, this.#sizes);
    return { rows, nodes: [rows.users.ids, itemRows(rows.positives.ids, this.#sizes.users)] };
  }

  loss({ rows, nodes }: SlmrecInputs): Loss {
    const views = this.#views().map((view) => gatherParts(view, nodes));
    const users = apply(
      this.#join.users,
      concat(
        views.map(([user]) => user!),
        1,
      ) as Tensor2D,
    );
    const items = apply(
      this.#join.items,
      concat(
        views.map(([, item]) => item!),
        1,
      ) as Tensor2D,
    );
    const pairs = { queryOf: rows.users.indexOf, keyOf: rows.positives.indexOf, keyCounts: rows.positives.counts };
    const softmax = meanOf(infoNceRows(normaliseRows(users), normaliseRows(items), pairs, this.#temperature));
    const terms: Record<string, Scalar> = { softmax };
    const parts: Scalar[] = [softmax];
    if (this.#chain !== undefined) {
      const itemViews = views.map(([, item]) => item!);
      terms['contrast'] = this.#chain.loss(itemViews, rows.positives, rows.userOf.length);
      parts.push(mul(terms['contrast'], this.#contrast));
    }
    if (this.#decay > 0) {
      const squares = [...this.parameters.values()].map((parameter) => halfSquares(parameter as unknown as Tensor2D));
      terms['decay'] = mul(addN<Scalar>(squares), this.#decay);
      parts.push(terms['decay']);
    }
    return { total: addN<Scalar>(parts), terms };
  }

  represent(): Representation {
    return this.#stale?.vectors ?? tidy(() => ({ ...this.#vectors() }));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** H_id, then H_m of each modality, all [M+N, w] and with the same users at the start. */
  #views(): Tensor2D[] {
    const { users } = splitNodes(this.#nodes, this.#sizes.users);
    const starts = this.#modals.map(({ features, project }) => concat([users, apply(project, features)], 0) as Tensor2D);
    return [this.#nodes, ...starts].map((start) => propagate(this.#graph, start, this.#layers));
  }

  #vectors(): Representation {
    const joined = concat(this.#views(), 1) as Tensor2D;
    const { users, items } = splitNodes(joined, this.#sizes.users);
    return { users: apply(this.#join.users, users), items: apply(this.#join.items, items) };
  }
}

export const slmrec = defineModel({ card, create: (context) => new Slmrec(context) });
