/** The experiment request that repeats a run: what "clone" puts into the form, and what its command says. */
import * as v from 'valibot';
import { experimentRequestSchema, type ParsedExperimentRequest } from '#contract/experiment.ts';
import { resolveHyper, type HyperValues, type ModelCard } from '#contract/model-card.ts';
import type { Budget, RunConfig } from '#contract/run.ts';
import { budgetPart, isShared, sharedKeys, trainingDefaults } from '#contract/training-fields.ts';

/**
 * Only what differs from the card's defaults, or from the run's preset, is written as a value, so that the form shows what was chosen.
 * `common` is the budget of its experiment: what was unlocked for this model alone stays its own.
 */
export function requestOf(config: RunConfig, cards: readonly ModelCard[], common: Budget = config.budget): ParsedExperimentRequest {
  const { dataset, model, hyper, seed, budget, protocol, evaluation, itemGraph, device, threads, external } = config;
  const card = cards.find(({ id }) => id === model);
  // A preset that its card has no longer is its values alone.
  const preset = [...(card?.presets ?? []), ...(card?.ablations ?? [])].find(({ id }) => id === config.preset)?.id;
  const usual = card === undefined ? {} : resolveHyper(card, preset, {});
  const values: HyperValues = Object.fromEntries(Object.entries(hyper).filter(([key, value]) => value !== usual[key]));
  // A preset brings the learning rate it was published with; this run had another.
  if (card !== undefined && trainingDefaults(card, preset, budget).lr !== budget.learningRate) values['lr'] = budget.learningRate;
  const shared: Partial<Budget> = {};
  for (const key of card === undefined ? [] : sharedKeys.filter((candidate) => isShared(card, candidate))) {
    const part = budgetPart(key);
    if (budget[part] === common[part]) continue;
    values[key] = budget[part];
    shared[part] = common[part];
  }
  return v.parse(experimentRequestSchema, {
    datasets: [dataset],
    models: [{ model, ...(preset === undefined ? {} : { preset }), values, ...(external === undefined ? {} : { external }) }],
    seeds: [seed],
    budget: { ...budget, ...shared },
    protocol,
    ...(evaluation === undefined ? {} : { evaluation }),
    itemGraph,
    device,
    threads,
  });
}
