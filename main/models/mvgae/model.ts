import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { rowNormalisedGraph, trainEdges } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { addN, matMul, mul, sigmoid, softplus, sub, sum, tidy, transpose } from '#engine/ops/basic.ts';
import { columnMax } from '#engine/ops/column-max.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { sparse } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { dropoutMask, drawnTable } from '../parts/dropout.ts';
import { xavierNormal } from '../parts/initial.ts';
import { perBit } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { StaleScores } from '../parts/stale-scores.ts';
import { card } from './card.ts';
import { Encoder } from './encoder.ts';
import type { Gaussian } from './encoder.ts';
import { divergence, product, sampled } from './experts.ts';

/** Of the convolutions' outputs, fixed in the released code. */
const dropRate = 0.1;

interface MvgaeInputs {
  /** Users, positives and negatives as rows of the stacked table, which as released is wrong for items. */
  readonly rows: readonly Int32Array[];
  /** By encoder and convolution. */
  readonly masks: readonly (readonly Float32Array[])[];
  /** For the fused view and then each encoder's. */
  readonly noise: readonly Float32Array[];
}

/** Variational encoders whose product ranks (models.md 2.22). */
class Mvgae implements Model {
  readonly parameters;
  readonly fixed;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  /** Of each modality, then of the collaborative item vectors. */
  readonly #encoders: readonly Encoder[];
  readonly #names: readonly string[];
  /** Means over neighbours and the node itself. */
  readonly #graph: SparseMatrix;
  readonly #stale: StaleScores | undefined;
  readonly #random: Random;
  readonly #users: number;
  /** Values of a table over all nodes. */
  readonly #places: number;
  readonly #beta: number;
  readonly #shift: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const { users, items } = dataset;
    this.#random = random.dropout;
    this.#users = users;
    this.#places = (users + items) * width;
    this.#beta = number('beta');
    this.#shift = choice('item_rows') === 'corrected' ? users : 0;
    const shared = { users, width, dimLatent: number('dim_latent'), layers: number('n_layers') };
    const modalities = imageFirst(dataset);
    const collaborative = own.fixedTable('collaborative', xavierNormal(random.init, items, width), items, width);
    const views = [
      ...modalities.map(({ name, width: columns, values }) => ({ name, features: own.constant(values, items, columns) })),
      { name: 'ids', features: collaborative as Tensor2D },
    ];
    this.#names = views.map(({ name }) => name);
    this.#encoders = views.map((view) => new Encoder(own, random.init, { ...shared, ...view }));
    const graph = rowNormalisedGraph(trainEdges(dataset));
    this.#graph = own.graph(sparse(graph));
    this.#stale = choice('stale_eval') === 'released' ? new StaleScores(own, { users, items, width }) : undefined;
    this.parameters = own.parameters;
    this.fixed = own.fixed;
    this.kept = own.kept;
    this.record = { 'graph.user-item': described(graph, 'train').record };
  }

  inputs({ users, positives, negatives, isLast }: Batch): MvgaeInputs {
    const masks = this.#encoders.map(({ convolutions }) =>
      Array.from({ length: convolutions }, () => dropoutMask(this.#random, this.#places, dropRate)),
    );
    const noise = ['fused', ...this.#names].map(() => drawnTable(this.#places, () => this.#random.normal()));
    if (isLast === true) this.#stale?.take(() => this.#ranked(masks));
    return { rows: [users, itemRows(positives, this.#shift), itemRows(negatives, this.#shift)], masks, noise };
  }

  loss({ rows, masks, noise }: MvgaeInputs): Loss {
    const views = this.#encoders.map((encoder, e) => encoder.encode(this.#graph, masks[e]));
    const terms: Record<string, Scalar> = {};
    [fused(views), ...views].forEach((view, v) => {
      const name = v === 0 ? 'fused' : this.#names[v - 1]!;
      terms[`reconstruction_${name}`] = reconstruction(sampled(view, noise[v]!), rows);
      terms[`divergence_${name}`] = divergence(view);
    });
    const weighted = Object.entries(terms).map(([name, term]) => (name.startsWith('divergence') ? mul(term, this.#beta) : term) as Scalar);
    return { total: addN(weighted), terms };
  }

  represent(): Representation {
    return this.#stale?.vectors ?? tidy(() => this.#ranked(undefined));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** σ of the fused means; with masks as in training. */
  #ranked(masks: readonly (readonly Float32Array[])[] | undefined): { users: Tensor2D; items: Tensor2D } {
    const views = this.#encoders.map((encoder, e) => encoder.encode(this.#graph, masks?.[e]));
    return splitNodes(sigmoid(fused(views).mean), this.#users);
  }
}

/** The modalities' experts multiply first, the result then with the collaborative one: each product adds its least variance. */
function fused(views: readonly Gaussian[]): Gaussian {
  return product([product(views.slice(0, -1)), views[views.length - 1]!]);
}

/** −Σ_r log₂ σ(σ(u·i) − σ(max_j u·j)) over σ(z), j every negative of the batch. */
function reconstruction(z: Tensor2D, rows: readonly Int32Array[]): Scalar {
  const [user, positive, negative] = gatherParts(sigmoid(z), rows);
  const own = sigmoid(sum(mul(user!, positive!), 1, true));
  // Negatives down, users across: the largest is taken over rows.
  const best = sigmoid(transpose(columnMax(matMul(negative!, user!, false, true) as Tensor2D)));
  return mul(sum(softplus(sub(best, own))), perBit) as Scalar;
}

export const mvgae = defineModel({ card, create: (context) => new Mvgae(context) });
