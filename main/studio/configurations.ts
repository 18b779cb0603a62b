/** From an experiment request to the configurations of its matrix: names checked, presets and grids expanded, one budget for all. */
import { isAbsolute } from 'node:path';
import { evaluationDifferences, keptEvaluation } from '#contract/evaluation.ts';
import type { ModelChoice, ParsedExperimentRequest } from '#contract/experiment.ts';
import { hyperFault, resolveHyper, type HyperValue, type HyperValues, type ModelCard } from '#contract/model-card.ts';
import { externalCard, externalId, parameterName } from '#contract/external.ts';
import { ProblemError } from '#contract/problem.ts';
import * as v from 'valibot';
import { budgetSchema, type Budget, type RunConfig } from '#contract/run.ts';
import { budgetOf, fieldOf, isShared, modelValues, settingKeys } from '#contract/training-fields.ts';
import { budgetNames } from './sweep-text.ts';
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
  checkEvaluation(request);
  const chosen = request.models.map((choice) => ({ choice, card: cardOf(choice, cards) }));
  const budget = commonBudget(
    request,
    chosen.map(({ card }) => card),
  );
  const found = new Map<string, Configuration>();
  for (const { choice, card } of chosen) {
    for (const point of expand(card, choice)) {
      const hyper = modelValues(card, point);
      const { protocol, evaluation, itemGraph, device, threads } = request;
      const config = {
        model: card.id,
        ...(card.own === undefined ? {} : { source: card.own.source }),
        ...(choice.preset === undefined ? {} : { preset: choice.preset }),
        hyper,
        budget: budgetOf(card, choice.preset, point, budget),
        protocol,
        ...keptEvaluation(evaluation),
        itemGraph,
        device,
        threads: effectiveThreads(device, threads),
        ...ofOnesOwn(choice),
      };
      const key = configurationHash({ ...config, dataset: '', seed: 0 });
      if (!found.has(key))
        found.set(key, {
          key,
          card,
          config,
          differences: [...differencesOf(card, hyper, choice), ...trainingDifferences(config, ownParts(card, point))],
        });
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

/** @throws ProblemError config.evaluation */
function checkEvaluation({ protocol, evaluation }: ParsedExperimentRequest): void {
  if (protocol === 'validation' || evaluationDifferences(evaluation).length === 0) return;
  throw new ProblemError({
    kind: 'config',
    code: 'config.evaluation',
    message: 'The MMRec protocol ranks all items and chooses by test: it has neither cold candidates nor nested validation',
    fix: 'Choose the validation-selected protocol, or rank all items with the whole validation part.',
  });
}

/** What a choice of a model of the researcher's own adds: itself, and for results brought along no budget, for nothing is trained. */
function ofOnesOwn({ external }: ModelChoice): Partial<RunConfig> {
  if (external === undefined) return {};
  return external.kind === 'import' ? { external, budget: v.parse(budgetSchema, { epochs: 1 }) } : { external };
}

/**
 * The card that a choice is checked against: of a model of one's own what the choice itself says.
 * @throws ProblemError config.unknown-model, external.*
 */
export function cardOf({ model, external, values, vary }: ModelChoice, cards: readonly ModelCard[]): ModelCard {
  if (external === undefined) return findCard(model, cards);
  const problem = (code: string, message: string, fix: string) =>
    new ProblemError({ kind: 'config', code: `external.${code}`, message, values: { model }, fix });
  if (model !== externalId(external.title))
    throw problem('id', `${external.title} is named ${externalId(external.title)}, not ${model}`, 'Name the model after its title.');
  for (const key of [...Object.keys(values), ...Object.keys(vary)])
    if (!parameterName.test(key))
      throw problem('parameter', `A parameter cannot be named “${key}”`, 'Letters, digits, _, - and . after a letter or _, at most 40.');
  if (external.kind === 'command') {
    if (!isAbsolute(external.folder))
      throw problem('folder', `The folder of the command is not a whole path: ${external.folder}`, 'Give the whole path.');
  } else {
    if (Object.keys(vary).length > 0)
      throw problem(
        'vary',
        `${external.title} was computed elsewhere: its parameters cannot be varied here`,
        'Import the results of each value.',
      );
    const roles = external.files.map(({ role }) => role).join(' ');
    if (roles !== (external.form === 'vectors' ? 'users items' : 'lists'))
      throw problem(
        'files',
        `${external.title} needs ${external.form === 'vectors' ? 'the vectors of users and of items' : 'one file of lists'}`,
        'Name the files.',
      );
  }
  return externalCard(external, values, vary);
}

/** Fair means equal: one budget, whatever a choice unlocks for itself put aside, and the largest min_epochs that any of the models asks for. */
export function commonBudget(request: ParsedExperimentRequest, cards: readonly ModelCard[]): Budget {
  return { ...request.budget, minEpochs: Math.max(request.budget.minEpochs, ...cards.map((card) => card.minEpochs)) };
}

/** @throws ProblemError config.unknown-model, naming the known ones and the nearest */
function findCard(id: string, cards: readonly ModelCard[]): ModelCard {
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

/** @throws ProblemError config.unknown-setting, config.value where the card refuses the value */
export function checkValue(card: ModelCard, key: string, value: HyperValue): void {
  const field = fieldOf(card, key);
  if (field === undefined) throw unknown('setting', key, settingKeys(card), `${card.title} has no setting ${key}`);
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

/** The points of a choice's grid, settings of training among their values. */
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
export function differencesOf(card: ModelCard, hyper: HyperValues, choice?: ModelChoice): { key: string; value: string }[] {
  // Parameters of one's own have no default to differ from: all of them say which configuration it is.
  if (choice?.external !== undefined) return Object.entries(hyper).map(([key, value]) => ({ key, value: String(value) }));
  return Object.entries(card.hyper).flatMap(([key, field]) => (hyper[key] === field.default ? [] : [{ key, value: String(hyper[key]) }]));
}

type Difference = Configuration['differences'][number];

/** What a choice says about its own length: it names the row, where the same said of all models is the experiment's. */
function ownParts(card: ModelCard, point: HyperValues): readonly ('epochs' | 'patience')[] {
  return (['epochs', 'patience'] as const).filter((key) => isShared(card, key) && point[key] !== undefined);
}

/** What a budget decides about the numbers themselves. */
const decisive = ['learningRate', 'learningRateDecay', 'batchSize', 'width', 'mirror', 'mirrorDescent', 'mirrorEvery'] as const;

/**
 * Training settings that differ from the studio's defaults, and the source of a model of the person's own: without them two different runs
 * would carry one title, and stand in one row of a table.
 */
function trainingDifferences(
  { budget, evaluation, itemGraph, source }: Pick<RunConfig, 'budget' | 'evaluation' | 'itemGraph' | 'source'>,
  own: readonly ('epochs' | 'patience')[],
): Difference[] {
  const usual = v.parse(budgetSchema, {});
  const changed = decisive.flatMap((key) => (budget[key] === usual[key] ? [] : [{ key: budgetNames[key], value: String(budget[key]) }]));
  return [
    ...own.map((key) => ({ key, value: String(budget[key]) })),
    ...changed,
    ...evaluationDifferences(evaluation),
    ...(itemGraph === 'computed' ? [] : [{ key: 'item_graph', value: itemGraph }]),
    ...(source === undefined ? [] : [{ key: 'source', value: source.slice(0, 8) }]),
  ];
}

export function differencesText(differences: readonly { readonly key: string; readonly value: string }[]): string {
  return differences.map(({ key, value }) => `${key} ${value}`).join(', ');
}
