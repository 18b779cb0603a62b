import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { rowNormalisedGraph, trainEdges } from '#data/graph.ts';
import { mixedGraph } from '#data/item-graph.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, reshape, sum, tidy, values } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, sparse, spmm } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { stackedXavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { reg2 } from '../parts/losses.ts';
import { cosineItemGraph, described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table, Vector } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { learnedMatrix, learnedPass, modalWeights, neighboursOf, pairsOf, softmaxOf } from './learned-graph.ts';
import type { LearnedPairs } from './learned-graph.ts';

interface Modal {
  /** X_m [N, D_m], trained. */
  readonly features: Table;
  readonly project: Linear;
  /** S̃_m from raw features, here and on the device. */
  readonly original: CsrMatrix;
  readonly graph: SparseMatrix;
}

interface LatticeInputs {
  /** Users, positives and negatives as rows of the stacked table. */
  readonly nodes: readonly Int32Array[];
  readonly items: readonly [positives: Int32Array, negatives: Int32Array];
  /** In the first batch of an epoch: which entries the learned graph keeps. */
  readonly pairs?: LearnedPairs;
  /** In the others: the whole mixed graph of the first, a constant. */
  readonly graph?: SparseMatrix;
}

/** An item graph that is learnt in the first batch of each epoch (models.md 2.10). */
class Lattice implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  /** ω [modalities]. */
  readonly #omega: Vector;
  readonly #modals: readonly Modal[];
  /** Ā. */
  readonly #graph: SparseMatrix;
  readonly #users: number;
  readonly #k: number;
  readonly #layers: number;
  readonly #hops: number;
  readonly #share: number;
  readonly #weight: number;
  readonly #batchSize: number;
  readonly #movesIdle: boolean;
  #isFirst = true;
  #stale: SparseMatrix | undefined;

  constructor({ dataset, hyper, random, width, batchSize, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#users = dataset.users;
    this.#k = number('knn_k');
    this.#layers = number('n_ui_layers');
    this.#hops = number('n_layers');
    this.#share = number('lambda_coeff');
    this.#weight = number('reg_weight');
    this.#batchSize = batchSize;
    this.#movesIdle = choice('idle_parameters') === 'released';
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = own.table('nodes', start, dataset.users + dataset.items, width);
    const modalities = imageFirst(dataset);
    this.#omega = own.vector('omega', new Float32Array(modalities.length).fill(1 / modalities.length));
    const source = { dataset, source: itemGraph, k: this.#k };
    const graphs = modalities.map((modality) => cosineItemGraph(source, modality));
    const out = number('feat_embed_dim') === 0 ? width : number('feat_embed_dim');
    this.#modals = modalities.map(({ name, width: columns, values: features }, m) => ({
      features: own.table(`features.${name}`, features, dataset.items, columns),
      project: linear(own, random.init, `project.${name}`, { in: columns, out }),
      original: graphs[m]!.matrix,
      graph: own.graph(sparse(graphs[m]!.matrix)),
    }));
    const graph = rowNormalisedGraph(trainEdges(dataset));
    this.#graph = own.graph(sparse(graph));
    this.parameters = own.parameters;
    this.record = {
      'graph.user-item': described(graph, 'train').record,
      ...Object.fromEntries(modalities.map(({ name }, m) => [`graph.items.${name}`, graphs[m]!.record])),
    };
  }

  beforeEpoch(): void {
    this.#isFirst = true;
  }

  inputs({ users, positives, negatives }: Batch): LatticeInputs {
    const nodes = [users, itemRows(positives, this.#users), itemRows(negatives, this.#users)];
    const items = [positives, negatives] as const;
    if (!this.#isFirst && this.#stale !== undefined) return { nodes, items, graph: this.#stale };
    this.#isFirst = false;
    const { found, matrix } = this.#built();
    this.#stale = this.#own.passing('learned', sparse(matrix));
    return { nodes, items, pairs: pairsOf(found) };
  }

  loss({ nodes, items, pairs, graph }: LatticeInputs): Loss {
    const pass = graph === undefined ? this.#learning(pairs!) : (x: Tensor2D) => spmm(graph, x);
    const [user, positive, negative] = gatherParts(propagate(this.#graph, this.#nodes, this.#layers), nodes);
    const [positiveSide, negativeSide] = gatherParts(this.#itemSide(pass), items);
    const final: [Tensor2D, Tensor2D, Tensor2D] = [user!, add(positive!, positiveSide!), add(negative!, negativeSide!)];
    const bpr = bprLoss(...final, 0);
    const reg = reg2(final, this.#batchSize);
    const parts: Scalar[] = [bpr, mul(reg, this.#weight)];
    if (graph !== undefined && this.#movesIdle) parts.push(...this.#idle());
    return { total: addN<Scalar>(parts), terms: { bpr, reg } };
  }

  /** The item graph is built anew from the parameters of the moment. */
  represent(): Representation {
    const graph = sparse(this.#built().matrix);
    const vectors = tidy(() => {
      const { users, items } = splitNodes(propagate(this.#graph, this.#nodes, this.#layers), this.#users);
      return {
        users,
        items: add(
          items,
          this.#itemSide((x) => spmm(graph, x)),
        ) as Tensor2D,
      };
    });
    graph.dispose();
    return vectors;
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** nrm(Gⁿ E_I) [N, w]. */
  #itemSide(pass: (x: Tensor2D) => Tensor2D): Tensor2D {
    let { items } = splitNodes(this.#nodes, this.#users);
    for (let hop = 0; hop < this.#hops; hop++) items = pass(items);
    return normaliseRows(items);
  }

  /** One pass over G with gradients to what it is learnt from. */
  #learning(pairs: LearnedPairs): (x: Tensor2D) => Tensor2D {
    const projected = this.#modals.map(({ project, features }) => apply(project, features));
    const weights = modalWeights(this.#omega);
    const learned = learnedPass({ projected, weights, pairs });
    return (x) => {
      const original = addN<Tensor2D>(this.#modals.map(({ graph }, m) => mul(spmm(graph, x), weights[m]!)));
      return add(mul(learned(x), 1 - this.#share), mul(original, this.#share));
    };
  }

  /** G of the current parameters: the neighbours found, and the mixed matrix. */
  #built() {
    const found = this.#modals.map(({ project, features }) => {
      const projected = tidy(() => apply(project, features));
      const neighbours = neighboursOf(projected, this.#k);
      projected.dispose();
      return neighbours;
    });
    const weights = softmaxOf(values(this.#omega));
    const originals = this.#modals.map(({ original }, m) => ({ weight: this.#share * weights[m]!, matrix: original }));
    return { found, matrix: mixedGraph([{ weight: 1 - this.#share, matrix: learnedMatrix(found, weights) }, ...originals]) };
  }

  /** Gradients of 0 for what this batch does not reach: Adam then moves it by its momentum, as in the released code. */
  #idle(): Scalar[] {
    const idle = [this.#omega, ...this.#modals.flatMap(({ features, project }) => [features, project.weight, project.bias!])];
    return idle.map((parameter) => mul(sum(reshape(parameter, [parameter.size])), 0) as Scalar);
  }
}

export const lattice = defineModel({ card, create: (context) => new Lattice(context) });
