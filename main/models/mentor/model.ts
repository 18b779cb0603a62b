import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import { add, addN, concat, matMul, mul, slice, stopGradient, sub, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { sparse } from '#engine/ops/sparse.ts';
import { meanCosine } from '../parts/cosine.ts';
import { drawnTable, dropoutMask, dropped } from '../parts/dropout.ts';
import { linearDefault, xavierNormal } from '../parts/initial.ts';
import { meanOf, meanSquare, perBit } from '../parts/losses.ts';
import { described, mixedItemGraph } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';
import { momentGaps } from '../parts/moments.ts';
import { splitNodes } from '../parts/nodes.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table, Vector } from '../parts/parameters.ts';
import { softmaxedStart } from '../parts/preference-tower.ts';
import { settings } from '../parts/settings.ts';
import { StaleScores } from '../parts/stale-scores.ts';
import { card } from './card.ts';
import { MentorTower } from './tower.ts';
import type { HopNoise, TowerGraphs } from './tower.ts';

/** Every user, or every item, as query and key of its own. */
interface Everyone {
  readonly places: Int32Array;
  readonly once: Float32Array;
}

interface MentorInputs {
  readonly users: Int32Array;
  readonly items: readonly [positives: Int32Array, negatives: Int32Array];
  /** Of the first noisy copies, then of the second, each modality; none where they weigh nothing. */
  readonly noise: readonly (readonly HopNoise[])[];
  /** Dropout of all users' and all items' vectors; none where features are not masked. */
  readonly masks: readonly Float32Array[];
  readonly everyone: { readonly users: Everyone; readonly items: Everyone };
}

/** A linear layer over the joined vectors, trained only where the released mistake is corrected. */
interface MaskLayer {
  readonly weight: Table;
  readonly bias: Vector;
}

/** Views of each modality guided by ids, in moments and under noise (models.md 2.21). */
class Mentor implements Model {
  readonly parameters;
  readonly fixed;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  readonly #towers: readonly MentorTower[];
  /** Absent where nothing is aligned. */
  readonly #guide: MentorTower | undefined;
  /** Two copies of every modality's encoder; none where noise weighs nothing. */
  readonly #noisy: readonly (readonly MentorTower[])[];
  /** w [M, modalities]. */
  readonly #shares: Table;
  readonly #maskLayer: MaskLayer | undefined;
  readonly #maskTrained: boolean;
  readonly #graphs: TowerGraphs;
  readonly #everyone: MentorInputs['everyone'];
  readonly #stale: StaleScores | undefined;
  readonly #random: Random;
  readonly #sizes: { readonly users: number; readonly items: number };
  readonly #width: number;
  readonly #dropout: number;
  readonly #temperature: number;
  readonly #weights: Readonly<Record<'reg' | 'align' | 'maskFeatures' | 'maskGraph', number>>;

  constructor({ dataset, hyper, random, width, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    const own = this.#own;
    const { init } = random;
    const { users, items } = dataset;
    this.#sizes = { users, items };
    this.#width = width;
    this.#dropout = number('dropout');
    this.#temperature = number('temp');
    this.#random = random.dropout;
    this.#weights = {
      reg: number('reg_weight'),
      align: number('align_weight'),
      maskFeatures: number('mask_weight_f'),
      maskGraph: number('mask_weight_g'),
    };
    const modalities = imageFirst(dataset).map(({ name, width: columns, values }) => ({
      name,
      features: own.constant(values, items, columns),
    }));
    const tower = (name: string, features: Tensor2D) => new MentorTower(own, init, { name, users, features, width });
    this.#towers = modalities.map(({ name, features }) => tower(name, features));
    this.#noisy =
      this.#weights.maskGraph > 0
        ? ['1', '2'].map((copy) => modalities.map(({ name, features }) => tower(`${name}.${copy}`, features)))
        : [];
    this.#guide = this.#weights.align > 0 ? tower('id', own.table('ids', xavierNormal(init, items, width), items, width)) : undefined;
    const count = modalities.length;
    this.#shares = own.table('shares', softmaxedStart(init, users, count), users, count);
    this.#maskTrained = choice('feature_mask') === 'corrected';
    this.#maskLayer = this.#weights.maskFeatures > 0 ? maskLayer(own, init, width * count, this.#maskTrained) : undefined;
    const graph = userItemGraph(trainEdges(dataset));
    const mixed = mixedItemGraph({ dataset, source: itemGraph, k: number('knn_k') }, number('mm_image_weight'));
    this.#graphs = {
      nodes: own.graph(sparse(graph, { symmetric: true })),
      items: own.graph(sparse(mixed.matrix)),
      hops: number('n_mm_layers'),
    };
    this.#everyone = { users: everyone(users), items: everyone(items) };
    const sizes = { users, items, width: width * count };
    this.#stale = choice('stale_eval') === 'released' ? new StaleScores(own, sizes) : undefined;
    this.parameters = own.parameters;
    this.fixed = own.fixed;
    this.kept = own.kept;
    this.record = { 'graph.user-item': described(graph, 'train').record, 'graph.items': mixed.record };
  }

  inputs({ users, positives, negatives, isLast }: Batch): MentorInputs {
    if (isLast === true) this.#stale?.take(() => this.#joined(this.#views()));
    const { users: userCount, items: itemCount } = this.#sizes;
    const size = (userCount + itemCount) * this.#width;
    const hop = () => drawnTable(size, () => this.#random.uniform());
    const noise = this.#noisy.map((copies) => copies.map((): HopNoise => [hop(), hop()]));
    const mask = (rows: number) => dropoutMask(this.#random, rows * this.#width * this.#towers.length, this.#dropout);
    return {
      users,
      items: [positives, negatives],
      noise,
      masks: this.#maskLayer === undefined ? [] : [mask(userCount), mask(itemCount)],
      everyone: this.#everyone,
    };
  }

  loss({ users, items, noise, masks, everyone: all }: MentorInputs): Loss {
    const views = this.#views();
    const joined = this.#joined(views);
    const [user] = gatherParts(joined.users, [users]);
    const [positive, negative] = gatherParts(joined.items, items);
    const bpr = mul(bprLoss(user!, positive!, negative!, 0), perBit) as Scalar;
    const preferences = this.#towers.map(({ preference }) => meanSquare(gatherParts(preference, [users])[0]!));
    const reg = addN<Scalar>([...preferences, meanSquare(this.#shares)]);
    const terms: Record<string, Scalar> = { bpr, reg };
    const weighted: Scalar[] = [bpr, mul(reg, this.#weights.reg)];
    if (this.#guide !== undefined) {
      const tables = [concat([joined.users, joined.items], 0) as Tensor2D, this.#guide.view(this.#graphs), ...views];
      terms['align'] = momentGaps(
        tables,
        tables.map((_, t) => (t === 0 ? 1 : views.length)),
      );
      weighted.push(mul(terms['align'], this.#weights.align));
    }
    if (this.#maskLayer !== undefined) {
      terms['mask_features'] = this.#maskedCosines(joined, masks, this.#maskLayer);
      weighted.push(mul(terms['mask_features'], this.#weights.maskFeatures));
    }
    if (this.#noisy.length > 0) {
      Object.assign(terms, this.#noiseContrast(noise, all));
      weighted.push(mul(add(terms['contrast_users']!, terms['contrast_items']!), this.#weights.maskGraph));
    }
    return { total: addN<Scalar>(weighted), terms };
  }

  represent(): Representation {
    return this.#stale?.vectors ?? tidy(() => ({ ...this.#joined(this.#views()) }));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** y_m of every modality, items with their passes, [M+N, w] each. */
  #views(): Tensor2D[] {
    return this.#towers.map((tower) => tower.view(this.#graphs));
  }

  /** Modalities side by side, those of users weighed by w. */
  #joined(views: readonly Tensor2D[]): Representation {
    const { users } = this.#sizes;
    const split = views.map((view) => splitNodes(view, users));
    const side = (tables: Tensor2D[]): Tensor2D => (tables.length === 1 ? tables[0]! : concat(tables, 1));
    return {
      users: side(split.map((view, m) => mul(view.users, slice(this.#shares, [0, m], [users, 1])))),
      items: side(split.map((view) => view.items)),
    };
  }

  /** 2 − mean cosines of dropped vectors with their images under a layer, of users and of items; released: a constant. */
  #maskedCosines(joined: Representation, masks: readonly Float32Array[], { weight, bias }: MaskLayer): Scalar {
    const cosine = (vectors: Tensor2D, mask: Float32Array): Scalar => {
      const given = this.#maskTrained ? vectors : stopGradient(vectors);
      return meanCosine(dropped(given, mask), add(matMul(given, weight) as Tensor2D, bias));
    };
    return sub(2, add(cosine(joined.users, masks[0]!), cosine(joined.items, masks[1]!)));
  }

  /** The two noisy views of every user among all users, of every item among all items: log-sum-exps in blocks. */
  #noiseContrast(noise: MentorInputs['noise'], all: MentorInputs['everyone']): Record<string, Scalar> {
    const [first, second] = this.#noisy.map((towers, copy) =>
      this.#joined(towers.map((tower, m) => tower.view(this.#graphs, noise[copy]![m]!))),
    );
    const contrast = (side: 'users' | 'items'): Scalar => {
      const { places, once } = all[side];
      const pairs = { queryOf: places, keyOf: places, keyCounts: once };
      return meanOf(infoNceRows(normaliseRows(first![side]), normaliseRows(second![side]), pairs, this.#temperature));
    };
    return { contrast_users: contrast('users'), contrast_items: contrast('items') };
  }
}

function maskLayer(own: Belongings, random: Random, width: number, isTrained: boolean): MaskLayer {
  const [weight, bias] = [linearDefault(random, width, width * width), linearDefault(random, width, width)];
  if (isTrained) return { weight: own.table('mask.weight', weight, width, width), bias: own.vector('mask.bias', bias) };
  return { weight: own.fixedTable('mask.weight', weight, width, width), bias: own.fixedVector('mask.bias', bias) };
}

function everyone(count: number): Everyone {
  return { places: Int32Array.from({ length: count }, (_, place) => place), once: new Float32Array(count).fill(1) };
}

export const mentor = defineModel({ card, create: (context) => new Mentor(context) });
