import type { Scalar } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import { add, addN, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { meanOf, reg2, sameEntityNce } from '../parts/losses.ts';
import { cosineItemGraph, described } from '../parts/modal-graphs.ts';
import { Belongings } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { positivesOf, TwoViews, usersOf } from '../parts/two-views.ts';
import type { TwoViewInputs } from '../parts/two-views.ts';
import { card } from './card.ts';

/** Hard-coded in the released code; its temperature setting is unused. */
const temperature = 0.2;

/** Behaviour-guided purifier, modality views and contrast between the two representations (models.md 0.6, 2.14). */
class Mgcn implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #views: TwoViews;
  readonly #batchSize: number;
  readonly #regWeight: number;
  readonly #contrast: number;

  constructor({ dataset, hyper, random, width, batchSize, itemGraph }: ModelContext) {
    const { number, choice } = settings(hyper);
    this.#batchSize = batchSize;
    this.#regWeight = number('reg_weight');
    this.#contrast = number('cl_loss');
    const graph = userItemGraph(trainEdges(dataset));
    const source = { dataset, source: itemGraph, k: number('knn_k') };
    const itemGraphs = dataset.modalities.map((modality) => cosineItemGraph(source, modality));
    this.#views = new TwoViews(this.#own, random.init, {
      dataset,
      width,
      behaviorGraph: graph,
      behaviorLayers: number('n_ui_layers'),
      itemGraphs: itemGraphs.map(({ matrix }) => matrix),
      hops: number('n_layers'),
      fusion: 'mgcn',
      trainFeatures: choice('feat_trainable') === 'released',
    });
    this.parameters = this.#own.parameters;
    this.record = {
      'graph.user-item': described(graph, 'train').record,
      ...Object.fromEntries(dataset.modalities.map(({ name }, m) => [`graph.items.${name}`, itemGraphs[m]!.record])),
    };
  }

  inputs(batch: Batch): TwoViewInputs {
    return this.#views.inputs(batch);
  }

  loss(inputs: TwoViewInputs): Loss {
    const { rows } = inputs;
    const { behavior, side } = this.#views.ofBatch(inputs);
    const final = gatherParts(add(behavior, side), [rows.userOf, rows.positiveOf, rows.negativeOf]);
    const [user, positive, negative] = final;
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const reg = reg2(final, this.#batchSize);
    const [b, z] = [normaliseRows(behavior), normaliseRows(side)];
    const contrast_items = meanOf(sameEntityNce(positivesOf(z, rows), positivesOf(b, rows), rows.positives, temperature));
    const contrast_users = meanOf(sameEntityNce(usersOf(z, rows), usersOf(b, rows), rows.users, temperature));
    const contrast = add(contrast_items, contrast_users);
    const total = addN<Scalar>([bpr, mul(reg, this.#regWeight), mul(contrast, this.#contrast)]);
    return { total, terms: { bpr, reg, contrast_items, contrast_users } };
  }

  represent(): Representation {
    return tidy(() => this.#views.represent());
  }

  parts() {
    return tidy(() => this.#views.parts());
  }

  itemShares() {
    return tidy(() => this.#views.itemShares());
  }

  dispose(): void {
    this.#own.dispose();
  }
}

export const mgcn = defineModel({ card, create: (context) => new Mgcn(context) });
