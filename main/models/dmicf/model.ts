import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation, Scorer } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { Streams } from '#data/random.ts';
import { holds, userRows } from '#data/user-rows.ts';
import type { UserRows } from '#data/user-rows.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, concat, div, matMul, mul, reshape, slice, softmax, square, sub, sum, tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { sparse, spmm } from '#engine/ops/sparse.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { dropoutMask } from '../parts/dropout.ts';
import { stackedXavierUniform, xavierUniform } from '../parts/initial.ts';
import { described } from '../parts/modal-graphs.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { firstHidden, fromHidden, network, run } from './networks.ts';
import type { Network } from './networks.ts';

/** Pairs that go through the networks at once when everything is scored: some 100 MB of hidden layers. */
const scoredPairs = 1 << 16;
/** Such blocks between two looks at the owner's messages: a few seconds. */
const blocksAtOnce = 16;

interface Networks {
  readonly userOfUsers: Network;
  readonly userOfItems: Network;
  readonly itemOfItems: Network;
  readonly itemOfUsers: Network;
  readonly userIntent: Network;
  readonly itemIntent: Network;
  readonly link: Network;
}

type Masks = Readonly<Record<keyof Networks, readonly Float32Array[]>>;

/** User-item pairs in rows: each user with its candidates in turn. */
interface Pairs {
  /** The users [b]. */
  readonly users: Int32Array;
  /** Of each pair [b·c]: the place in `users`, the user, the item, the item in the stacked table. */
  readonly row: Int32Array;
  readonly user: Int32Array;
  readonly item: Int32Array;
  readonly node: Int32Array;
}

interface DmicfInputs {
  readonly pairs: Pairs;
  readonly masks: Masks;
}

/** First hidden layers of the four intent distributions, and unit rows for cosines. */
interface Entities {
  readonly hidden: Readonly<Record<'userOfUsers' | 'userOfItems' | 'itemOfItems' | 'itemOfUsers', Tensor2D>>;
  /** nrm(ÂE) and nrm(E), [M+N, d]. */
  readonly propagated: Tensor2D;
  readonly initial: Tensor2D;
}

/** Intents of both sides meet in networks over pairs (models.md 3.2). */
class Dmicf implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  /** E [M+N, d]. */
  readonly #nodes: Table;
  /** K_U and K_I [prototypes, d]. */
  readonly #prototypes: { readonly users: Table; readonly items: Table };
  readonly #networks: Networks;
  readonly #graph: SparseMatrix;
  readonly #train: UserRows;
  readonly #random: Streams;
  readonly #sizes: { readonly users: number; readonly items: number };
  readonly #negatives: number;
  readonly #rejects: boolean;
  readonly #temperature: number;
  readonly #dropout: number;

  constructor({ dataset, hyper, random }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const { users, items } = dataset;
    const [width, prototypes, fine, intent] = ['latent_dim', 'intent_num', 'fine_num', 'intent_dim'].map(number) as [
      number,
      number,
      number,
      number,
    ];
    this.#sizes = { users, items };
    this.#negatives = number('neg_num');
    this.#rejects = choice('negatives') === 'corrected';
    this.#temperature = number('temp');
    this.#dropout = number('dropout');
    this.#random = random;
    this.#train = userRows(dataset.train, users);
    this.#nodes = own.table('nodes', stackedXavierUniform(random.init, users, items, width), users + items, width);
    const table = (name: string) => own.table(name, xavierUniform(random.init, prototypes, width), prototypes, width);
    this.#prototypes = { users: table('prototypes.users'), items: table('prototypes.items') };
    const made = (name: string, widths: readonly number[]) => network(own, random.init, name, widths);
    const distribution = [prototypes, number('middle_num'), fine];
    const meeting = [fine, number('intent_hidden_1'), number('intent_hidden_2'), intent];
    this.#networks = {
      userOfUsers: made('user-of-users', distribution),
      userOfItems: made('user-of-items', distribution),
      itemOfItems: made('item-of-items', distribution),
      itemOfUsers: made('item-of-users', distribution),
      userIntent: made('user-intent', meeting),
      itemIntent: made('item-intent', meeting),
      link: made('link', [2 * intent + 2, number('link_hidden'), 1]),
    };
    const graph = userItemGraph(trainEdges(dataset));
    this.#graph = own.graph(sparse(graph, { symmetric: true, split: users }));
    this.parameters = own.parameters;
    this.record = { 'graph.user-item': described(graph, 'train').record };
  }

  inputs({ users, positives }: Batch): DmicfInputs {
    const pairs = this.#pairs(users, 1 + this.#negatives, (row, place) => (place === 0 ? positives[row]! : this.#negative(users[row]!)));
    const [rows, all] = [users.length, pairs.item.length];
    const masks = (layers: Network, count: number) =>
      layers.slice(0, -1).map(({ weight }) => dropoutMask(this.#random.dropout, count * weight.shape[1], this.#dropout));
    const { userOfUsers, userOfItems, itemOfItems, itemOfUsers, userIntent, itemIntent, link } = this.#networks;
    // In the order of the released code.
    return {
      pairs,
      masks: {
        userOfUsers: masks(userOfUsers, rows),
        userOfItems: masks(userOfItems, rows),
        itemOfItems: masks(itemOfItems, all),
        itemOfUsers: masks(itemOfUsers, all),
        userIntent: masks(userIntent, all),
        itemIntent: masks(itemIntent, all),
        link: masks(link, all),
      },
    };
  }

  /** Squared error of the softmax over each positive and its negatives against one-hot, summed over the batch. */
  loss({ pairs, masks }: DmicfInputs): Loss {
    const rows = pairs.users.length;
    const scores = reshape(this.#scores(this.#entities(), pairs, masks), [rows, 1 + this.#negatives]);
    const shares = softmax(mul(scores, 1 / this.#temperature)) as Tensor2D;
    const positive = slice(shares, [0, 0], [rows, 1]);
    const negative = slice(shares, [0, 1], [rows, this.#negatives]);
    return { total: add(sum(square(sub(1, positive))), sum(square(negative))) as Scalar, terms: {} };
  }

  represent(): Representation {
    throw new Error('DMICF has no vectors to rank by, only scores of pairs');
  }

  /** All pairs of a block of users, a few users at a time. */
  scorer(): Scorer {
    const { items } = this.#sizes;
    const perBlock = Math.max(1, Math.floor(scoredPairs / items));
    return {
      usersAtOnce: blocksAtOnce * perBlock,
      scores: (users) =>
        tidy(() => {
          const scores = new Float32Array(users.length * items);
          const entities = this.#entities();
          for (let from = 0; from < users.length; from += perBlock) {
            const pairs = this.#pairs(users.slice(from, from + perBlock), items, (_, place) => place);
            scores.set(
              tidy(() => values(this.#scores(entities, pairs))),
              from * items,
            );
          }
          return tensor2d(scores, [users.length, items]);
        }),
    };
  }

  dispose(): void {
    this.#own.dispose();
  }

  #negative(user: number): number {
    for (;;) {
      const item = this.#random.negatives.integer(this.#sizes.items);
      if (!this.#rejects || !holds(this.#train, user, item)) return item;
    }
  }

  #pairs(users: Int32Array, candidates: number, itemOf: (row: number, place: number) => number): Pairs {
    const count = users.length * candidates;
    const [row, item] = [new Int32Array(count), new Int32Array(count)];
    for (let pair = 0; pair < count; pair++) {
      row[pair] = Math.floor(pair / candidates);
      item[pair] = itemOf(row[pair]!, pair % candidates);
    }
    return { users, row, user: row.map((place) => users[place]!), item, node: itemRows(item, this.#sizes.users) };
  }

  #entities(): Entities {
    const initial = normaliseRows(this.#nodes, cosineFloor);
    const propagated = normaliseRows(spmm(this.#graph, this.#nodes), cosineFloor);
    const [before, after] = [splitNodes(initial, this.#sizes.users), splitNodes(propagated, this.#sizes.users)];
    const { users, items } = this.#prototypes;
    const hidden = (layers: Network, x: Tensor2D, to: Table) =>
      firstHidden(layers, matMul(x, normaliseRows(to, cosineFloor), false, true) as Tensor2D);
    const { userOfUsers, userOfItems, itemOfItems, itemOfUsers } = this.#networks;
    return {
      hidden: {
        userOfUsers: hidden(userOfUsers, after.users, users),
        userOfItems: hidden(userOfItems, before.users, items),
        itemOfItems: hidden(itemOfItems, after.items, items),
        itemOfUsers: hidden(itemOfUsers, before.items, users),
      },
      propagated,
      initial,
    };
  }

  /** s of every pair, [pairs, 1]. */
  #scores({ hidden, propagated, initial }: Entities, pairs: Pairs, masks?: Masks): Tensor2D {
    const distribution = (name: keyof Entities['hidden'], rows: Int32Array) =>
      fromHidden(this.#networks[name], gatherRows(hidden[name], rows), masks?.[name]);
    // Users' vectors are divided by their sums, items' are not, as released.
    const shared = (x: Tensor2D) => gatherRows(div(x, sum(x, 1, true)) as Tensor2D, pairs.row);
    const user = shared(distribution('userOfUsers', pairs.users));
    const userInitial = shared(distribution('userOfItems', pairs.users));
    const item = distribution('itemOfItems', pairs.item);
    const itemInitial = distribution('itemOfUsers', pairs.item);
    const p = run(this.#networks.userIntent, mul(user, itemInitial) as Tensor2D, masks?.userIntent);
    const q = run(this.#networks.itemIntent, mul(userInitial, item) as Tensor2D, masks?.itemIntent);
    const [after, afterItem] = gatherParts(propagated, [pairs.user, pairs.node]);
    const [before, beforeItem] = gatherParts(initial, [pairs.user, pairs.node]);
    const near = (x: Tensor2D, y: Tensor2D) => add(sum(mul(x, y), 1, true), 1) as Tensor2D;
    return run(this.#networks.link, concat([p, q, near(after!, beforeItem!), near(before!, afterItem!)], 1), masks?.link);
  }
}

/** Norms below it count as it in a cosine (models.md 0.1). */
const cosineFloor = 1e-8;

export const dmicf = defineModel({ card, create: (context) => new Dmicf(context) });
