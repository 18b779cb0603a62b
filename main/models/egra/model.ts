import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { degreeNormalised } from '#data/csr.ts';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { add, addN, changing, mul, tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { reg2 } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { TwoViews } from '../parts/two-views.ts';
import type { TwoViewInputs } from '../parts/two-views.ts';
import { alignmentLoss, epochWeight } from './alignment.ts';
import type { AlignmentOptions } from './alignment.ts';
import { card } from './card.ts';
import { behaviorGraphs, modalGraphs, stageVectors } from './graphs.ts';
import type { GraphContext } from './graphs.ts';
import type { Representation as LinkRepresentation } from './item-graph.ts';
import { egraStages } from './stages.ts';

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
  readonly #context: Omit<GraphContext, 'stages'>;
  /** Epochs that the warm-up took: λ(t) counts them. */
  readonly #epochsBefore: number;
  /** Ē [N, w] that the present links were made from, in checkpoints too; only where links are made anew. */
  readonly #linkVectors: Table | undefined;
  #linkedBy: Float32Array | undefined;

  constructor(context: ModelContext) {
    const { dataset, hyper, random, width, batchSize } = context;
    const { number, choice, flag } = settings(hyper);
    this.#batchSize = batchSize;
    this.#regWeight = number('reg_weight');
    this.#alignment = {
      align: choice('align'),
      anchorForm: choice('anchor_form'),
      temperature: number('tau'),
      duplicates: choice('nce_duplicates'),
      entityWeight: choice('ent_weight'),
      weightTemperature: number('tau_w'),
    };
    this.#schedule = {
      rule: choice('epoch_weight'),
      max: number('lambda_max'),
      startRatio: number('lambda0_ratio'),
      warmEpochs: number('warm_epochs'),
    };
    const isSelf = choice('ii_source') === 'self';
    // Not the stages: a warm-up hands on whole tables.
    this.#context = { dataset, hyper, itemGraph: context.itemGraph };
    this.#epochsBefore = isSelf ? number('self_epochs') : 0;
    const vectors = stageVectors(context);
    const { behavior, links } = behaviorGraphs(context, vectors);
    const modal = modalGraphs(context, links, vectors);
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
    if (isSelf && number('self_refresh') > 0) {
      this.#linkVectors = this.#own.keptTable('links.vectors', dataset.items, vectors!.width);
      this.#linkedBy = vectors!.values;
      put(this.#linkVectors, vectors!.values);
    }
    this.parameters = this.#own.parameters;
    this.record = {
      'graph.behavior': described(behavior, links === undefined ? 'train, no item block' : `train with item block, ${choice('ii_norm')}`)
        .record,
      'graph.item-block': links?.record ?? 'none',
      ...Object.fromEntries(dataset.modalities.map(({ name }, m) => [`graph.items.${name}`, modal[m]?.record ?? 'none'])),
    };
  }

  get kept() {
    return this.#own.kept;
  }

  beforeEpoch(epoch: number): void {
    if (this.#linkVectors === undefined) return;
    this.#followLinks();
    if (epoch > 0 && epoch % settings(this.#context.hyper).number('self_refresh') === 0) this.#refreshLinks(this.#linkVectors);
  }

  inputs(batch: Batch, epoch: number): EgraInputs {
    const weight = epochWeight(this.#epochsBefore + epoch, this.#schedule);
    return { views: this.#views.inputs(batch), epochWeight: Float32Array.of(weight) };
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
    this.#followLinks();
    return tidy(() => this.#views.represent());
  }

  parts() {
    this.#followLinks();
    return tidy(() => this.#views.parts());
  }

  itemShares() {
    this.#followLinks();
    return tidy(() => this.#views.itemShares());
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** Takes the present item vectors, rounded as a checkpoint holds them, and links by them from now on. */
  #refreshLinks(kept: Table): void {
    const form = settings(this.#context.hyper).choice<LinkRepresentation>('pre_repr');
    const taken = tidy(() => {
      const found: Tensor2D = form === 'final' ? this.#views.represent().items : this.#views.parts()[`items.${form}`]!;
      return values(found);
    });
    put(kept, taken);
    this.#link(taken);
  }

  /** Links by the kept vectors where they are others than those linked by: a checkpoint was loaded. */
  #followLinks(): void {
    if (this.#linkVectors === undefined) return;
    const kept = values(this.#linkVectors);
    if (this.#linkedBy!.some((value, place) => value !== kept[place])) this.#link(kept);
  }

  #link(taken: Float32Array): void {
    const { dataset, hyper } = this.#context;
    const vectors = { values: taken, width: taken.length / dataset.items, origin: 'own vectors' };
    const { behavior, links } = behaviorGraphs(this.#context, vectors);
    const inBranch = settings(hyper).choice('mod_graph') === 'pretrained';
    this.#views.replaceGraphs(behavior, inBranch ? degreeNormalised(links!.matrix) : undefined);
    this.#linkedBy = taken;
  }
}

/** Writes values into a table. */
function put(table: Table, filled: Float32Array): void {
  const made = tensor2d(filled, table.shape);
  table.assign(made);
  made.dispose();
}

export const egra = defineModel({ card, stages: egraStages, create: (context) => new Egra(context) });
