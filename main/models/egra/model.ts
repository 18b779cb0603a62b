import type { HyperValues } from '#contract/model-card.ts';
import { resolveHyper } from '#contract/model-card.ts';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation, StageRequest } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { degreeNormalised } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { enhancedGraph } from '#data/enhanced-graph.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { Scalar } from '@tensorflow/tfjs-core';
import { add, addN, changing, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { reg2 } from '../parts/losses.ts';
import { cosineItemGraph, described } from '../parts/modal-graphs.ts';
import type { ItemGraph } from '../parts/modal-graphs.ts';
import { Belongings } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { TwoViews } from '../parts/two-views.ts';
import type { TwoViewInputs } from '../parts/two-views.ts';
import { card as freedomCard } from '../freedom/card.ts';
import { card as lightgcnCard } from '../lightgcn/card.ts';
import { card as mgcnCard } from '../mgcn/card.ts';
import { alignmentLoss, epochWeight } from './alignment.ts';
import type { AlignmentOptions } from './alignment.ts';
import { card } from './card.ts';
import { itemLinks, pretrainedLinks } from './item-graph.ts';
import type { LinkOptions } from './item-graph.ts';

interface EgraInputs {
  readonly views: TwoViewInputs;
  /** λ(t), an array of one. */
  readonly epochWeight: Float32Array;
}

/** EGRA (models.md 1.1): item links from a pretrained model inside the behaviour graph, and alignment anchored by the interaction. */
class Egra implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #views: TwoViews;
  readonly #batchSize: number;
  readonly #regWeight: number;
  readonly #alignment: AlignmentOptions;
  readonly #schedule: Parameters<typeof epochWeight>[1];

  constructor(context: ModelContext) {
    const { dataset, hyper, random, width, batchSize } = context;
    const { number, choice, flag } = settings(hyper);
    this.#batchSize = batchSize;
    this.#regWeight = number('reg_weight');
    this.#alignment = {
      align: choice('align'),
      anchorForm: choice('anchor_form'),
      temperature: number('tau'),
      entityWeight: choice('ent_weight'),
      weightTemperature: number('tau_w'),
    };
    this.#schedule = {
      rule: choice('epoch_weight'),
      max: number('lambda_max'),
      startRatio: number('lambda0_ratio'),
      warmEpochs: number('warm_epochs'),
    };
    const { behavior, links, modal } = egraGraphs(context);
    this.#views = new TwoViews(this.#own, random.init, {
      dataset,
      width,
      behaviorGraph: behavior,
      behaviorLayers: number('n_ui_layers'),
      itemGraphs: modal.map((graph) => graph?.matrix),
      hops: number('n_mm_layers'),
      fusion: choice('fusion'),
      trainFeatures: flag('feat_trainable'),
    });
    this.parameters = this.#own.parameters;
    this.record = {
      'graph.behavior': described(behavior, links === undefined ? 'train, no item block' : `train with item block, ${choice('ii_norm')}`)
        .record,
      'graph.item-block': links?.record ?? 'none',
      ...Object.fromEntries(dataset.modalities.map(({ name }, m) => [`graph.items.${name}`, modal[m]?.record ?? 'none'])),
    };
  }

  inputs(batch: Batch, epoch: number): EgraInputs {
    return { views: this.#views.inputs(batch), epochWeight: Float32Array.of(epochWeight(epoch, this.#schedule)) };
  }

  loss({ views: inputs, epochWeight }: EgraInputs): Loss {
    const { rows } = inputs;
    const views = this.#views.ofBatch(inputs);
    const final = gatherParts(add(views.behavior, views.side), [rows.userOf, rows.positiveOf, rows.negativeOf]);
    const [user, positive, negative] = final;
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const reg = reg2(final, this.#batchSize);
    const terms: Record<string, Scalar> = { bpr, reg };
    const weighted = [bpr, mul(reg, this.#regWeight) as Scalar];
    if (this.#schedule.max > 0) {
      terms['align'] = alignmentLoss(views, rows, this.#alignment);
      weighted.push(mul(terms['align'], changing(epochWeight)));
    }
    return { total: addN(weighted), terms };
  }

  represent(): Representation {
    return tidy(() => this.#views.represent());
  }

  parts() {
    return tidy(() => this.#views.parts());
  }

  dispose(): void {
    this.#own.dispose();
  }
}

export interface EgraGraphs {
  /** Â⁺ [M+N, M+N]. */
  readonly behavior: CsrMatrix;
  /** S, absent for `ii_source none`. */
  readonly links: ItemGraph | undefined;
  /** The modality branch's item graph for each modality. */
  readonly modal: readonly (ItemGraph | undefined)[];
}

/** All graphs of a configuration. Reads train rows, features and the pretrained vectors, never validation or test. */
export function egraGraphs({
  dataset,
  hyper,
  itemGraph,
  stages,
}: Pick<ModelContext, 'dataset' | 'hyper' | 'itemGraph' | 'stages'>): EgraGraphs {
  const { number, choice } = settings(hyper);
  const pretrained = stages['pretrain'];
  const options: LinkOptions = {
    source: choice('ii_source'),
    representation: choice('pre_repr'),
    weight: choice('ii_weight'),
    symmetrise: choice('ii_sym'),
  };
  const edges = trainEdges(dataset);
  const linkSource = { dataset, source: itemGraph, k: number('ii_k') };
  const links = itemLinks(linkSource, pretrained, options);
  const behavior =
    links === undefined
      ? userItemGraph(edges)
      : enhancedGraph(edges, links.matrix, { coefficient: number('ii_coef'), norm: choice('ii_norm') });
  const modal = dataset.modalities.map((modality) => {
    switch (choice<'raw' | 'pretrained' | 'none'>('mod_graph')) {
      case 'none':
        return undefined;
      case 'raw':
        return cosineItemGraph({ dataset, source: itemGraph, k: number('mod_k') }, modality);
      case 'pretrained': {
        const shared = options.source === 'pretrained' ? links! : pretrainedLinks(linkSource, pretrained, options);
        return described(degreeNormalised(shared.matrix), `links of the item block, normalised (${shared.record})`);
      }
    }
  });
  return { behavior, links, modal };
}

/** E0: one pretraining run where any graph needs its vectors. */
export function egraStages(hyper: HyperValues): readonly StageRequest[] {
  const { number, choice } = settings(hyper);
  if (choice('ii_source') !== 'pretrained' && choice('mod_graph') !== 'pretrained') return [];
  switch (choice<'MGCN' | 'FREEDOM' | 'LightGCN'>('pre_model')) {
    case 'MGCN':
      return [{ id: 'pretrain', model: 'mgcn', hyper: resolveHyper(mgcnCard, undefined, { cl_loss: number('pre_cl_loss') }) }];
    case 'FREEDOM':
      return [{ id: 'pretrain', model: 'freedom', hyper: resolveHyper(freedomCard, undefined, {}) }];
    case 'LightGCN':
      return [{ id: 'pretrain', model: 'lightgcn', hyper: resolveHyper(lightgcnCard, undefined, {}) }];
  }
}

export const egra = defineModel({ card, stages: egraStages, create: (context) => new Egra(context) });
