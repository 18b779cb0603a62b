/** From an experiment request to the configurations of its matrix: names checked, presets and grids expanded, one budget for all. */
import type { ModelChoice, ParsedExperimentRequest } from '#contract/experiment.ts';
import { hyperFault, resolveHyper, type HyperValue, type HyperValues, type ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import * as v from 'valibot';
import { budgetSchema, type Budget, type RunConfig } from '#contract/run.ts';
import { budgetNames } from './command-line.ts';
import { configurationHash } from './identity.ts';
import { nearest } from './nearest.ts';
import { effectiveThreads } from './threads.ts';

/** A row of the matrix. `config` lacks what a cell adds: dataset and seed. */
export interface Configuration {
  readonly key: string;
  readonly card: ModelCard;
  readonly differences: readonly { readonly key: string; readonly value: string }[];
  readonly config: Omit<RunConfig, 'dataset' | 'seed'>;
}

const most = 2000;

/** Configurations in grid order: models as chosen, fields in the order given, the last field changing fastest. Equal ones once. */
export function configurationsOf(request: ParsedExperimentRequest, cards: readonly ModelCard[]): Configuration[] {
  const chosen = request.models.map((choice) => ({ choice, card: findCard(choice.model, cards) }));
  const budget = commonBudget(
    request,
    chosen.map(({ card }) => card),
  );
  const found = new Map<string, Configuration>();
  for (const { choice, card } of chosen) {
    for (const hyper of expand(card, choice)) {
      const { protocol, itemGraph, device, threads } = request;
      const config = {
        model: card.id,
        ...(card.own === undefined ? {} : { source: card.own.source }),
        ...(choice.preset === undefined ? {} : { preset: choice.preset }),
        hyper,
        budget,
        protocol,
        itemGraph,
        device,
        threads: effectiveThreads(device, threads),
      };
      const key = configurationHash({ ...config, dataset: '', seed: 0 });
      if (!found.has(key))
        found.set(key, { key, card, config, differences: [...differencesOf(card, hyper), ...trainingDifferences(config)] });
      if (found.size > most)
        throw new ProblemError({
          kind: 'config',
          code: 'experiment.too-large',
          message: `The grid has more than ${most} configurations`,
          fix: 'Vary fewer fields or fewer values.',
        });
    }
  }
  return [...found.values()];
}

/** Fair means equal: one budget, and the largest min_epochs that any of the models asks for. */
function commonBudget(request: ParsedExperimentRequest, cards: readonly ModelCard[]): Budget {
  return { ...request.budget, minEpochs: Math.max(request.budget.minEpochs, ...cards.map((card) => card.minEpochs)) };
}

export function findCard(id: string, cards: readonly ModelCard[]): ModelCard {
  const card = cards.find((candidate) => candidate.id === id);
  if (card !== undefined) return card;
  const known = cards.map((candidate) => candidate.id);
  throw unknown('model', id, known, `There is no model ${id}`);
}

function unknown(what: string, found: string, known: readonly string[], message: string): ProblemError {
  const near = nearest(found, known);
  const guess = near === undefined ? '' : `Did you mean ${near}? `;
  return new ProblemError({
    kind: 'config',
    code: `config.unknown-${what}`,
    message,
    values: { found, known: known.join(', '), ...(near === undefined ? {} : { nearest: near }) },
    fix: `${guess}Known: ${known.join(', ')}.`,
  });
}

function checkValue(card: ModelCard, key: string, value: HyperValue): void {
  const field = card.hyper[key];
  if (field === undefined) throw unknown('setting', key, Object.keys(card.hyper), `${card.title} has no setting ${key}`);
  const fault = hyperFault(field, value);
  if (fault !== undefined) {
    throw new ProblemError({
      kind: 'config',
      code: 'config.value',
      message: `${card.title}: ${key} ${fault}`,
      values: { model: card.id, key, value },
      fix: `The default is ${String(field.default)}.`,
    });
  }
}

function expand(card: ModelCard, choice: ModelChoice): HyperValues[] {
  const presets = [...card.presets, ...card.ablations].map((preset) => preset.id);
  if (choice.preset !== undefined && !presets.includes(choice.preset)) {
    throw unknown('preset', choice.preset, presets, `${card.title} has no preset ${choice.preset}`);
  }
  for (const [key, value] of Object.entries(choice.values)) checkValue(card, key, value);
  let points: HyperValues[] = [resolveHyper(card, choice.preset, choice.values)];
  for (const [key, values] of Object.entries(choice.vary)) {
    if (values.length === 0)
      throw new ProblemError({
        kind: 'config',
        code: 'config.empty-axis',
        message: `${card.title}: ${key} is varied but has no values`,
        values: { model: card.id, key },
      });
    for (const value of values) checkValue(card, key, value);
    points = points.flatMap((point) => values.map((value) => ({ ...point, [key]: value })));
  }
  return points;
}

/** Settings that differ from the card's defaults, in the card's order. */
export function differencesOf(card: ModelCard, hyper: HyperValues): { key: string; value: string }[] {
  return Object.entries(card.hyper).flatMap(([key, field]) => (hyper[key] === field.default ? [] : [{ key, value: String(hyper[key]) }]));
}

/** What a budget decides about the numbers themselves. */
const decisive = ['learningRate', 'learningRateDecay', 'batchSize', 'width', 'mirror', 'mirrorDescent', 'mirrorEvery'] as const;

/** Training settings that differ from the studio's defaults: without them two different runs would carry one title. */
function trainingDifferences({ budget, itemGraph }: Pick<RunConfig, 'budget' | 'itemGraph'>): { key: string; value: string }[] {
  const usual = v.parse(budgetSchema, {});
  const changed = decisive.flatMap((key) => (budget[key] === usual[key] ? [] : [{ key: budgetNames[key], value: String(budget[key]) }]));
  return itemGraph === 'computed' ? changed : [...changed, { key: 'item_graph', value: itemGraph }];
}

export function differencesText(differences: readonly { readonly key: string; readonly value: string }[]): string {
  return differences.map(({ key, value }) => `${key} ${value}`).join(', ');
}
