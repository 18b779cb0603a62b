import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { add, clone, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { regF, releasedFloor } from '../parts/losses.ts';
import { xavierNormal } from '../parts/initial.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';

/** Matrix factorisation with the pairwise loss (models.md 2.1). */
class Bpr implements Model {
  readonly parameters;
  readonly record = {};
  readonly #own = new Belongings();
  readonly #users: Table;
  readonly #items: Table;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width }: ModelContext) {
    this.#weight = settings(hyper).number('reg_weight');
    this.#users = this.#own.table('users', xavierNormal(random.init, dataset.users, width), dataset.users, width);
    this.#items = this.#own.table('items', xavierNormal(random.init, dataset.items, width), dataset.items, width);
    this.parameters = this.#own.parameters;
  }

  inputs(batch: Batch): Batch {
    return batch;
  }

  loss({ users, positives, negatives }: Batch): Loss {
    const [user] = gatherParts(this.#users, [users]);
    const [positive, negative] = gatherParts(this.#items, [positives, negatives]);
    const bpr = bprLoss(user!, positive!, negative!, releasedFloor);
    const reg = regF([user!, positive!, negative!]);
    return { total: add(bpr, mul(reg, this.#weight)), terms: { bpr, reg } };
  }

  represent(): Representation {
    return tidy(() => ({ users: clone(this.#users), items: clone(this.#items) }));
  }

  dispose(): void {
    this.#own.dispose();
  }
}

export const bpr = defineModel({ card, create: (context) => new Bpr(context) });
