import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import type { Random } from '#data/random.ts';
import { add, addN, mul, tidy } from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { reg2 } from '../parts/losses.ts';
import type { Duplicates } from '../parts/losses.ts';
import { described } from '../parts/modal-graphs.ts';
import { Belongings } from '../parts/parameters.ts';
import { settings } from '../parts/settings.ts';
import { positivesOf, TwoViews, usersOf } from '../parts/two-views.ts';
import type { ModalViews, TwoViewInputs } from '../parts/two-views.ts';
import { anchorLoss, fusedLoss, jointPairs } from './alignment.ts';
import type { AnchorOptions, JointPairs } from './alignment.ts';
import { card } from './card.ts';
import { infusedGraphs } from './item-graphs.ts';
import type { InfusionOptions } from './item-graphs.ts';
import { drawnNoise, perturbedContrast } from './perturbation.ts';
import type { PerturbationOptions, TableNoise } from './perturbation.ts';

type Perturbed = 'semantic' | 'fused' | 'behavior' | 'all';

interface SigerInputs {
  readonly views: TwoViewInputs;
  /** Noise of every perturbed table, in the order of {@link Siger.#perturbedTables}; empty without contrast. */
  readonly noise: readonly TableNoise[];
  /** Pairs of the joint anchor loss: users, positives; empty for other forms. */
  readonly joint: readonly JointPairs[];
}

/** SIGER (models.md 1.2): shared-user links inside every modality's item graph, length-guided noise, and alignment to behaviour twice. */
class Siger implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  readonly #views: TwoViews;
  readonly #noise: Random;
  readonly #width: number;
  readonly #modalities: number;
  readonly #batchSize: number;
  readonly #weights: { readonly reg: number; readonly contrast: number; readonly align: number };
  readonly #perturbOn: Perturbed;
  readonly #perturbation: PerturbationOptions;
  readonly #anchor: AnchorOptions | undefined;
  readonly #fused: Parameters<typeof fusedLoss>[3] | undefined;

  constructor(context: ModelContext) {
    const { dataset, hyper, random, width, batchSize } = context;
    const { number, choice, flag } = settings(hyper);
    this.#noise = random.dropout;
    this.#width = width;
    this.#modalities = dataset.modalities.length;
    this.#batchSize = batchSize;
    this.#weights = { reg: number('reg_weight'), contrast: number('lambda_cl'), align: number('lambda_al') };
    this.#perturbOn = choice('pert_on');
    const [temperature, duplicates] = [number('tau'), choice<Duplicates>('nce_duplicates')];
    this.#perturbation = { modulus: choice('mod_rho'), epsilon: number('eps'), temperature, duplicates };
    const form = choice<AnchorOptions['form'] | 'off'>('anc_form');
    this.#anchor =
      form === 'off' ? undefined : { form, maskSelf: flag('anc_mask_self'), detachAnchor: flag('anchor_detach'), temperature, duplicates };
    this.#fused = choice('fus') === 'on' ? { direction: choice('fus_dir'), temperature, duplicates } : undefined;

    const edges = trainEdges(dataset);
    const graph = userItemGraph(edges);
    const { collaborative, modal } = infusedGraphs(dataset, edges, infusionOptions(context));
    this.#views = new TwoViews(this.#own, random.init, {
      dataset,
      width,
      behaviorGraph: graph,
      behaviorLayers: number('n_ui_layers'),
      itemGraphs: modal.map(({ matrix }) => matrix),
      hops: number('n_mm_layers'),
      fusion: choice('fusion'),
      input: choice('sem_input'),
      trainFeatures: flag('feat_trainable'),
    });
    this.parameters = this.#own.parameters;
    this.record = {
      'graph.user-item': described(graph, 'train').record,
      'graph.collaborative': collaborative?.record ?? 'none',
      ...Object.fromEntries(dataset.modalities.map(({ name }, m) => [`graph.items.${name}`, modal[m]!.record])),
    };
  }

  inputs(batch: Batch): SigerInputs {
    const views = this.#views.inputs(batch);
    const { rows } = views;
    const tables = this.#weights.contrast > 0 ? this.#perturbedTables().length : 0;
    const isJoint = this.#weights.align > 0 && this.#anchor?.form === 'joint';
    return {
      views,
      noise: Array.from({ length: tables }, () => drawnNoise(this.#noise, rows, this.#width)),
      joint: isJoint ? [rows.users, rows.positives].map((entities) => jointPairs(entities, this.#modalities)) : [],
    };
  }

  loss({ views: inputs, noise, joint }: SigerInputs): Loss {
    const { rows } = inputs;
    const views = this.#views.ofBatch(inputs);
    const final = gatherParts(add(views.behavior, views.side), [rows.userOf, rows.positiveOf, rows.negativeOf]);
    const [user, positive, negative] = final;
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const reg = reg2(final, this.#batchSize);
    const terms: Record<string, Scalar> = { bpr, reg };
    const weighted = [bpr, mul(reg, this.#weights.reg) as Scalar];
    if (noise.length > 0) {
      const contrasts = this.#perturbedTables().map((table, t) =>
        perturbedContrast(sides(table(views), rows), rows, noise[t]!, this.#perturbation),
      );
      terms['contrast'] = addN(contrasts);
      weighted.push(mul(terms['contrast'], this.#weights.contrast));
    }
    if (this.#weights.align > 0) {
      Object.assign(terms, this.#alignment(views, rows, joint));
      for (const name of ['anchor', 'fused']) if (terms[name] !== undefined) weighted.push(mul(terms[name], this.#weights.align));
    }
    return { total: addN(weighted), terms };
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

  /** L_anc and L_fus, as far as they are switched on. */
  #alignment(views: ModalViews, rows: BatchRows, joint: readonly JointPairs[]): Record<string, Scalar> {
    const b = sides(normaliseRows(views.behavior), rows);
    const terms: Record<string, Scalar> = {};
    const anchor = this.#anchor;
    if (anchor !== undefined) {
      const modal = views.modal.map((view) => sides(normaliseRows(view), rows));
      terms['anchor'] = both((side, s) =>
        anchorLoss(
          b[side],
          modal.map((of) => of[side]),
          rows[side],
          joint[s],
          anchor,
        ),
      );
    }
    const fused = this.#fused;
    if (fused !== undefined) {
      const f = sides(normaliseRows(views.side), rows);
      terms['fused'] = both((side) => fusedLoss(b[side], f[side], rows[side], fused));
    }
    return terms;
  }

  /** What noise is added to, as functions of the batch's views. */
  #perturbedTables(): ((views: ModalViews) => Tensor2D)[] {
    const semantic = Array.from({ length: this.#modalities }, (_, m) => (views: ModalViews) => views.modal[m]!);
    const fused = (views: ModalViews) => views.side;
    const behavior = (views: ModalViews) => views.behavior;
    switch (this.#perturbOn) {
      case 'semantic':
        return semantic;
      case 'fused':
        return [fused];
      case 'behavior':
        return [behavior];
      case 'all':
        return [...semantic, fused, behavior];
    }
  }
}

/** What the settings say about the item graphs. */
export function infusionOptions({ hyper, itemGraph }: Pick<ModelContext, 'hyper' | 'itemGraph'>): InfusionOptions {
  const { number, choice } = settings(hyper);
  const byModality = choice('alpha_by') === 'modality';
  return {
    score: choice('co_score'),
    atLeast: number('co_min'),
    coK: number('co_k'),
    semanticK: number('sem_k'),
    isolated: choice('co_isolated'),
    // A modality without a setting of its own takes the common one.
    alphaOf: (name) => number(byModality && ['image', 'text', 'audio'].includes(name) ? `alpha_${name}` : 'alpha'),
    source: itemGraph,
  };
}

function sides(stacked: Tensor2D, rows: BatchRows) {
  return { users: usersOf(stacked, rows), positives: positivesOf(stacked, rows) };
}

function both(loss: (side: 'users' | 'positives', place: number) => Scalar): Scalar {
  return add(loss('users', 0), loss('positives', 1));
}

export const siger = defineModel({ card, create: (context) => new Siger(context) });
