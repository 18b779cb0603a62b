import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import type { Modality } from '#data/dataset.ts';
import { trainEdges } from '#data/graph.ts';
import { add, addN, concat, leakyRelu, maximum, mul, relu, slice, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { EdgeSet } from '../parts/edge-attention.ts';
import type { EdgeValues } from '../parts/edge-attention.ts';
import { xavierNormal } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { meanSquare, regS } from '../parts/losses.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { leakySlope } from '../parts/preference-tower.ts';
import { settings } from '../parts/settings.ts';
import { StaleScores } from '../parts/stale-scores.ts';
import { card } from './card.ts';

interface Modal {
  /** P_m [M, w′]. */
  readonly preference: Table;
  readonly features: Tensor2D;
  readonly project: Linear;
}

interface GrcnInputs {
  readonly users: Int32Array;
  /** Users, positives and negatives as rows of the stacked table. */
  readonly rows: readonly Int32Array[];
}

/** Edges weighed by modalities carry ids; content vectors stand beside them (models.md 2.8). */
class Grcn implements Model {
  readonly parameters;
  readonly kept;
  readonly record = {};
  readonly #own = new Belongings();
  /** E [M+N, w]. */
  readonly #ids: Table;
  /** conf [M+N, modalities]. */
  readonly #confidence: Table;
  readonly #modals: readonly Modal[];
  readonly #edges: EdgeSet;
  readonly #stale: StaleScores | undefined;
  readonly #users: number;
  readonly #rounds: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const latent = number('latent_embedding');
    const nodes = dataset.users + dataset.items;
    this.#users = dataset.users;
    this.#rounds = choice('routing') === 'corrected' ? number('n_layers') : 0;
    this.#weight = number('reg_weight');
    const modalities = imageFirst(dataset);
    this.#ids = own.table('nodes', xavierNormal(random.init, nodes, width), nodes, width);
    this.#confidence = own.table('confidence', xavierNormal(random.init, nodes, modalities.length), nodes, modalities.length);
    this.#modals = modalities.map(({ name, width: columns, values }: Modality) => ({
      preference: own.table(`preference.${name}`, xavierNormal(random.init, dataset.users, latent), dataset.users, latent),
      features: own.constant(values, dataset.items, columns),
      project: linear(own, random.init, `project.${name}`, { in: columns, out: latent, start: xavierNormal }),
    }));
    this.#edges = new EdgeSet(trainEdges(dataset));
    const sizes = { users: dataset.users, items: dataset.items, width: width + latent * modalities.length };
    this.#stale = choice('stale_eval') === 'released' ? new StaleScores(own, sizes) : undefined;
    this.parameters = own.parameters;
    this.kept = own.kept;
  }

  inputs({ users, positives, negatives, isLast }: Batch): GrcnInputs {
    if (isLast === true) this.#stale?.take(() => splitNodes(this.#vectors(), this.#users));
    return { users, rows: [users, itemRows(positives, this.#users), itemRows(negatives, this.#users)] };
  }

  loss({ users, rows }: GrcnInputs): Loss {
    const [user, positive, negative] = gatherParts(this.#vectors(), rows);
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const [u, i, j] = gatherParts(this.#ids, rows);
    const preferences = this.#modals.map(({ preference }) => meanSquare(gatherParts(preference, [users])[0]!));
    const ids = add(meanSquare(u!), mul(regS([i!, j!]), 1 / i!.size)) as Scalar;
    // The first modality's whole table enters once more, as released.
    const reg = addN<Scalar>([ids, meanSquare(this.#modals[0]!.preference), ...preferences]);
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return this.#stale?.vectors ?? tidy(() => splitNodes(this.#vectors(), this.#users));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** e = [q | s_v | s_t], [M+N, w + modalities · w′]. */
  #vectors(): Tensor2D {
    const contents = this.#modals.map((modal) => this.#content(modal));
    const weights = this.#edgeWeights(contents.map(({ attention }) => attention));
    const first = normaliseRows(this.#ids);
    const second = this.#edges.collect(first, weights);
    const third = this.#edges.collect(second, weights);
    return concat([addN<Tensor2D>([first, second, third]), ...contents.map(({ vectors }) => vectors)], 1);
  }

  /** s_m = x + Σ_y a_xy y over x = [p ; c], and a. */
  #content({ preference, features, project }: Modal): { vectors: Tensor2D; attention: EdgeValues } {
    const items = normaliseRows(leakyRelu(apply(project, features), leakySlope) as Tensor2D);
    let users = normaliseRows(preference);
    for (let round = 0; round < this.#rounds; round++) {
      const x = concat([users, items], 0) as Tensor2D;
      const message = this.#edges.collectAtUsers(x, this.#edges.attention(x).toUser);
      users = normaliseRows(add(users, splitNodes(message, this.#users).users));
    }
    const x = concat([users, items], 0) as Tensor2D;
    const attention = this.#edges.attention(x);
    return { vectors: add(x, this.#edges.collect(x, attention)), attention };
  }

  /** w(y→x) = relu(max_m a^m_xy · conf[y, m]): the source's confidence in each modality. */
  #edgeWeights(attentions: readonly EdgeValues[]): EdgeValues {
    const [user, item] = this.#edges.ends(this.#confidence);
    const column = (x: Tensor2D, m: number): Tensor2D => slice(x, [0, m], [x.shape[0], 1]);
    const weigh = (side: keyof EdgeValues, source: Tensor2D): Tensor2D =>
      relu(attentions.map((attention, m): Tensor2D => mul(attention[side], column(source, m))).reduce((a, b) => maximum(a, b)));
    return { toItem: weigh('toItem', user), toUser: weigh('toUser', item) };
  }
}

export const grcn = defineModel({ card, create: (context) => new Grcn(context) });
