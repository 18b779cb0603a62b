import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import { distinct, filledUp, sparePlaces } from '#data/batch.ts';
import type { Batch, Distinct } from '#data/batch.ts';
import { releasedEpsilon, trainEdges, userItemGraph } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, mul, neg, stopGradient, tidy } from '#engine/ops/basic.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { propagate, sparse } from '#engine/ops/sparse.ts';
import { meanCosine } from '../parts/cosine.ts';
import { dropped, maskOfRows } from '../parts/dropout.ts';
import { stackedXavierUniform, xavierNormal } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { regF } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

interface Modal {
  readonly name: string;
  /** X_m [N, D_m]. */
  readonly features: Tensor2D;
  readonly project: Linear;
}

interface Bm3Inputs {
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** With wide features the projection is the cost: distinct items only. */
  readonly distinctItems: Int32Array;
  readonly places: Int32Array;
  /** Dropout of the targets by batch row: users, items, then each modality. An entity is dropped alike in all its rows. */
  readonly masks: readonly Float32Array[];
}

/** Online vectors predict perturbed ones, without negatives (models.md 2.12). */
class Bm3 implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #nodes: Table;
  readonly #predictor: Linear;
  readonly #modals: readonly Modal[];
  readonly #graph: SparseMatrix;
  readonly #random: Random;
  readonly #users: number;
  readonly #items: number;
  readonly #width: number;
  readonly #layers: number;
  readonly #dropout: number;
  readonly #contrast: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    this.#users = dataset.users;
    this.#items = dataset.items;
    this.#width = width;
    this.#layers = number('n_layers');
    this.#dropout = number('dropout');
    this.#contrast = number('cl_weight');
    this.#weight = number('reg_weight');
    this.#random = random.dropout;
    const start = stackedXavierUniform(random.init, dataset.users, dataset.items, width);
    this.#nodes = own.table('nodes', start, dataset.users + dataset.items, width);
    const normal = { start: xavierNormal };
    this.#predictor = linear(own, random.init, 'predictor', { in: width, out: width, ...normal });
    const trainFeatures = choice('feat_trainable') === 'released';
    const modalities = this.#contrast > 0 ? dataset.modalities : [];
    this.#modals = modalities.map(({ name, width: columns, values }) => ({
      name,
      features: trainFeatures
        ? own.table(`features.${name}`, values, dataset.items, columns)
        : own.constant(values, dataset.items, columns),
      project: linear(own, random.init, `project.${name}`, { in: columns, out: width, ...normal }),
    }));
    const graph = userItemGraph(trainEdges(dataset), releasedEpsilon);
    this.#graph = own.graph(sparse(graph, { symmetric: true }));
    this.parameters = own.parameters;
    this.record = { 'graph.user-item': described(graph, 'train').record };
  }

  inputs({ users, positives }: Batch): Bm3Inputs {
    const items = distinct(positives, this.#items);
    const userMask = this.#maskOf(this.#users, distinct(users, this.#users));
    const itemMasks = [undefined, ...this.#modals].map(() => this.#maskOf(this.#items, items));
    const { ids, indexOf } = filledUp(items, sparePlaces(users.length));
    return { users, items: positives, distinctItems: ids, places: indexOf, masks: [userMask, ...itemMasks] };
  }

  loss({ users, items, distinctItems, places, masks }: Bm3Inputs): Loss {
    const all = this.#vectors();
    const [user] = gatherParts(all.users, [users]);
    const [item] = gatherParts(all.items, [items]);
    const target = (x: Tensor2D, mask: number) => dropped(stopGradient(x), masks[mask]!);
    const itemTarget = target(item!, 1);
    const terms: Record<string, Scalar> = {};
    this.#modals.forEach(({ name, features, project }, m) => {
      const [modal] = gatherParts(apply(project, gatherRows(features, distinctItems)), [places]);
      const online = apply(this.#predictor, modal!);
      terms[`cos_${name}_item`] = meanCosine(online, itemTarget);
      terms[`cos_${name}_${name}`] = meanCosine(online, target(modal!, m + 2));
    });
    const modal = Object.values(terms);
    terms['cos_user_item'] = meanCosine(apply(this.#predictor, user!), itemTarget);
    terms['cos_item_user'] = meanCosine(apply(this.#predictor, item!), target(user!, 0));
    terms['reg'] = regF([all.users, all.items]);
    const agreement = add(terms['cos_user_item'], terms['cos_item_user']);
    const weighted = modal.length === 0 ? agreement : add(agreement, mul(addN(modal), this.#contrast));
    const most = 2 + this.#contrast * modal.length;
    const total = addN<Scalar>([add(neg(weighted), most), mul(terms['reg'], this.#weight)]);
    return { total, terms };
  }

  /** The predictor stands on both sides of the score. */
  represent(): Representation {
    return tidy(() => {
      const { users, items } = this.#vectors();
      return { users: apply(this.#predictor, users), items: apply(this.#predictor, items) };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** h: LG(Â, E, L), the items with E_I once more. */
  #vectors(): { users: Tensor2D; items: Tensor2D } {
    const { users, items } = splitNodes(propagate(this.#graph, this.#nodes, this.#layers), this.#users);
    return { users, items: add(items, splitNodes(this.#nodes, this.#users).items) };
  }

  /** A mask by batch row; the same entity has the same in all its rows. */
  #maskOf(rows: number, { ids, indexOf }: Distinct): Float32Array {
    const width = this.#width;
    const mask = maskOfRows(this.#random, { rows, width }, ids, this.#dropout);
    const spread = new Float32Array(indexOf.length * width);
    indexOf.forEach((place, row) => spread.set(mask.subarray(place * width, (place + 1) * width), row * width));
    return spread;
  }
}

export const bm3 = defineModel({ card, create: (context) => new Bm3(context) });
