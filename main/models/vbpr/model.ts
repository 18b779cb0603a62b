import type { Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import { distinct, filledUp, sparePlaces } from '#data/batch.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import { add, clone, concat, mul, reshape, slice, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { xavierNormal, xavierUniform } from '../parts/initial.ts';
import { apply } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { regF, releasedFloor } from '../parts/losses.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

interface VbprInputs {
  readonly users: Int32Array;
  /** Distinct items only: the projection is the cost. */
  readonly ids: Int32Array;
  /** Positives and negatives by their places in `ids`. */
  readonly places: readonly Int32Array[];
}

/** Item = [id row | one projection of all features]; MMRec's form of VBPR without biases (models.md 2.5). */
class Vbpr implements Model {
  readonly parameters;
  readonly record = {};
  readonly #own = new Belongings();
  readonly #users: Table;
  readonly #items: Table;
  /** All modalities side by side [N, ΣD_m], never trained. */
  readonly #features: Tensor2D;
  readonly #project: Linear;
  readonly #itemCount: number;
  /** Widths D_m of the features, in the dataset's order. */
  readonly #widths: readonly number[];
  readonly #weight: number;
  /** [1, w] of zeros: the half of an item's vector that the bias is not added to. */
  readonly #noIds: Tensor2D;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    const { users, items } = dataset;
    this.#itemCount = items;
    this.#weight = settings(hyper).number('reg_weight');
    this.#users = this.#own.table('users', xavierUniform(random.init, users, 2 * width), users, 2 * width);
    this.#items = this.#own.table('items', xavierUniform(random.init, items, width), items, width);
    this.#widths = dataset.modalities.map((modality) => modality.width);
    const total = this.#widths.reduce((sum, each) => sum + each, 0);
    this.#features = this.#own.constant(sideBySide(dataset, total), items, total);
    this.#project = {
      weight: this.#own.table('project.weight', xavierNormal(random.init, total, width), total, width),
      bias: this.#own.vector('project.bias', new Float32Array(width)),
    };
    this.#noIds = this.#own.constant(new Float32Array(width), 1, width);
    this.parameters = this.#own.parameters;
  }

  inputs({ users, positives, negatives }: Batch): VbprInputs {
    const both = new Int32Array(positives.length + negatives.length);
    both.set(positives);
    both.set(negatives, positives.length);
    const { ids, indexOf } = filledUp(distinct(both, this.#itemCount), sparePlaces(users.length));
    return { users, ids, places: [indexOf.slice(0, positives.length), indexOf.slice(positives.length)] };
  }

  loss({ users, ids, places }: VbprInputs): Loss {
    // The bias cancels between positive and negative, so the penalty alone holds it: in the difference its gradient would be rounding,
    // which Adam turns into steps where λ is small.
    const items = concat([gatherRows(this.#items, ids), apply({ weight: this.#project.weight }, gatherRows(this.#features, ids))], 1);
    const [user] = gatherParts(this.#users, [users]);
    const [positive, negative] = gatherParts(items, places);
    const bias = concat([this.#noIds, reshape(this.#project.bias!, [1, this.#project.bias!.size])], 1);
    const bpr = bprLoss(user!, positive!, negative!, releasedFloor);
    const reg = regF([user!, add(positive!, bias), add(negative!, bias)]);
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return tidy(() => ({ users: clone(this.#users), items: this.#compose(this.#items, this.#features) }));
  }

  /** [ids | b], then [0 | T_m X_m] of every modality: one projection of all features is the sum of one each. */
  itemShares(): Tensor2D[] {
    return tidy(() => {
      const { weight, bias } = this.#project;
      const none = mul(this.#items, 0) as Tensor2D;
      let column = 0;
      const shares = this.#widths.map((each) => {
        const own = slice(this.#features, [0, column], [this.#itemCount, each]);
        const share = apply({ weight: slice(weight, [column, 0], [each, weight.shape[1]]) }, own);
        column += each;
        return concat([none, share], 1);
      });
      return [concat([this.#items, add(none, bias!)], 1), ...shares];
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** [ids | T X] for rows of both. */
  #compose(ids: Tensor2D, features: Tensor2D): Tensor2D {
    return concat([ids, apply(this.#project, features)], 1);
  }
}

function sideBySide(dataset: Dataset, total: number): Float32Array {
  const values = new Float32Array(dataset.items * total);
  let column = 0;
  for (const modality of dataset.modalities) {
    for (let item = 0; item < dataset.items; item++) {
      values.set(modality.values.subarray(item * modality.width, (item + 1) * modality.width), item * total + column);
    }
    column += modality.width;
  }
  return values;
}

export const vbpr = defineModel({ card, create: (context) => new Vbpr(context) });
