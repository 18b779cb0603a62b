import type { HyperValues, ModelCard } from '#contract/model-card.ts';
import { resolveHyper } from '#contract/model-card.ts';
import type { StageRequest } from '../define-model.ts';
import { card as freedomCard } from '../freedom/card.ts';
import { card as lgmrecCard } from '../lgmrec/card.ts';
import { card as lightgcnCard } from '../lightgcn/card.ts';
import { card as mgcnCard } from '../mgcn/card.ts';
import { settings } from '../parts/settings.ts';
import { card as sigerCard } from '../siger/card.ts';
import { card } from './card.ts';
import { noSuchRepresentation } from './item-graph.ts';

/** Models whose item vectors may become links, by the value of `pre_model`. */
const sources: Readonly<Record<string, ModelCard>> = {
  MGCN: mgcnCard,
  FREEDOM: freedomCard,
  LGMRec: lgmrecCard,
  LightGCN: lightgcnCard,
  SIGER: sigerCard,
};

/** Settings that a warm-up without item links does not read: all warm-ups share its result whatever they are. */
const afterWarmUp = [
  ...['pre_model', 'pre_cl_loss', 'pre_repr', 'self_epochs', 'self_refresh'],
  ...['ii_k', 'ii_weight', 'ii_sym', 'ii_coef', 'ii_norm'],
];

/**
 * What a configuration trains before itself: EGRA without item links for a set number of epochs (self-pretrained), or one
 * pretraining run (E0) where any graph needs its vectors.
 * @throws ProblemError egra.no-such-representation where the pretrained model has no vectors of the kind asked for
 */
export function egraStages(hyper: HyperValues): readonly StageRequest[] {
  const { number, choice } = settings(hyper);
  if (choice('ii_source') === 'self') return [warmUp(hyper)];
  if (choice('ii_source') !== 'pretrained' && choice('mod_graph') !== 'pretrained') return [];
  const source = sources[choice('pre_model')]!;
  if (source === lightgcnCard && choice('pre_repr') === 'side') throw noSuchRepresentation('side');
  const given = source === mgcnCard ? { cl_loss: number('pre_cl_loss') } : {};
  return [{ id: 'pretrain', model: source.id, hyper: resolveHyper(source, undefined, given) }];
}

function warmUp(hyper: HyperValues): StageRequest {
  const unread = Object.fromEntries(afterWarmUp.map((key) => [key, card.hyper[key]!.default]));
  // Without links there is no graph of links either: until then the branch has its raw ones.
  const mod_graph = hyper['mod_graph'] === 'pretrained' ? 'raw' : hyper['mod_graph']!;
  return {
    id: 'warm-up',
    model: card.id,
    hyper: { ...hyper, ...unread, ii_source: 'none', mod_graph },
    epochs: settings(hyper).number('self_epochs'),
  };
}
