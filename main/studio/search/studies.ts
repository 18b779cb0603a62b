/** From an experiment request to its studies: what each model choice varies, checked, and the requests that its trials are. */
import type { ModelChoice, ParsedExperimentRequest } from '#contract/experiment.ts';
import type { ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Search } from '#contract/search.ts';
import { fieldOf } from '#contract/training-fields.ts';
import { cardOf, checkValue } from '../configurations.ts';
import { proposals, type Study } from './proposals.ts';
import type { Dimension, Point, Space } from './space.ts';

export interface ChoiceStudy {
  /** Place of the model choice in the request. */
  readonly choice: number;
  readonly card: ModelCard;
  readonly study: Study;
}

export type SearchRequest = ParsedExperimentRequest & { readonly search: Search };

/** A grid without early ends is no search: its cells are all there is to it. */
export function isSearch(search: Search | undefined): boolean {
  return search !== undefined && (search.strategy !== 'grid' || search.halving !== undefined);
}

export function isSearching(request: ParsedExperimentRequest): request is SearchRequest {
  return isSearch(request.search);
}

/**
 * One study for each model choice; the same on every dataset.
 * @throws ProblemError config.* for unknown models and settings, ranges that cannot be, and a search that varies nothing
 */
export function studiesOf(request: SearchRequest, cards: readonly ModelCard[]): ChoiceStudy[] {
  const { strategy, trials, seed } = request.search;
  const studies = request.models.map((model, choice): ChoiceStudy => {
    const card = cardOf(model, cards);
    return { choice, card, study: { strategy, space: spaceOf(card, model, strategy), trials, name: `${seed}/${choice}/${card.id}` } };
  });
  if (studies.every(({ study }) => study.space.length === 0)) {
    const title = studies[0]!.card.title;
    throw problem(
      'nothing-varied',
      `The search varies nothing: every setting of ${title} has one value`,
      'Vary a setting over a list, or give a range to draw from.',
    );
  }
  return studies;
}

function spaceOf(card: ModelCard, { vary, ranges }: ModelChoice, strategy: Search['strategy']): Space {
  const lists = Object.entries(vary).map(([key, values]): Dimension => {
    if (values.length === 0)
      throw problem('empty-axis', `${card.title}: ${key} is varied but has no values`, 'Give it values, or one value under values.');
    for (const value of values) checkValue(card, key, value);
    return { key, kind: 'choice', values };
  });
  const drawn = Object.entries(ranges).map(([key, { from, to, scale: asked }]): Dimension => {
    const fault = (message: string, fix: string) => problem('range', `${card.title}: ${key} ${message}`, fix);
    checkValue(card, key, from);
    checkValue(card, key, to);
    const field = fieldOf(card, key)!;
    if (field.type === 'choice' || field.type === 'boolean') throw fault('is no number', 'List the values to choose from under vary.');
    if (Object.hasOwn(vary, key)) throw fault('has both a list and a range', 'Leave one of them out.');
    if (strategy === 'grid')
      throw fault('has a range, and a grid takes lists', 'List its values under vary, or search with random or tpe.');
    if (!(from < to)) throw fault(`has a range from ${from} to ${to}, which holds nothing`, 'The first value must be the smaller one.');
    const scale = asked ?? (field.type === 'log' && from > 0 ? 'log' : 'linear');
    if (scale === 'log' && from <= 0)
      throw fault(`is drawn on a logarithmic scale from ${from}`, 'Such a range starts above 0; or take scale linear.');
    return { key, kind: 'range', from, to, scale, whole: field.type === 'integer' };
  });
  return [...lists, ...drawn];
}

function problem(code: string, message: string, fix: string): ProblemError {
  return new ProblemError({ kind: 'config', code: `search.${code}`, message, fix });
}

/** A model choice with the varied settings at a point. */
export function fixedAt(choice: ModelChoice, point: Point): ModelChoice {
  return { ...choice, values: { ...choice.values, ...point }, vary: {}, ranges: {} };
}

/** Seeds that every trial trains: all, or the first where hopeless runs end early. */
export function trialSeeds({ seeds, search }: SearchRequest): number[] {
  return search.halving === undefined ? [...new Set(seeds)] : seeds.slice(0, 1);
}

/** How many trials are open together where the next depend on results: as many as fill the places of the queue. */
export function openTogether(request: SearchRequest, concurrency: number): number {
  return Math.max(1, Math.ceil(concurrency / trialSeeds(request).length));
}

/** The trials that a search begins with, as an ordinary request without a search. */
export function upfront(request: SearchRequest, cards: readonly ModelCard[]): ParsedExperimentRequest {
  const { search: _search, ...rest } = request;
  const models = studiesOf(request, cards).flatMap(({ choice, study }) =>
    proposals(study, [], 1).map((point) => fixedAt(request.models[choice]!, point)),
  );
  return { ...rest, models, seeds: trialSeeds(request) };
}

/** "30 trials a model and dataset, chosen by TPE (seed 0)", for the plan, captions and the record of a selection; `trials` of each study. */
export function searchWords(request: SearchRequest, trials: readonly number[], rungs: readonly number[]): string {
  const { strategy, seed, halving } = request.search;
  const counts = [...new Set(trials)].sort((a, b) => a - b);
  const how = { grid: 'the whole grid', random: `drawn at random (seed ${seed})`, tpe: `chosen by TPE (seed ${seed})` }[strategy];
  const number = counts.length === 1 ? `${counts[0]!}` : `${counts[0]!} to ${counts[counts.length - 1]!}`;
  const early =
    halving === undefined || rungs.length === 0
      ? ''
      : `; after ${list(rungs)} epochs only the best 1/${halving.eta} on validation go on, compared on the first seed`;
  return `${number} ${counts.length === 1 && counts[0] === 1 ? 'trial' : 'trials'} per model and dataset, ${how}${early}`;
}

function list(numbers: readonly number[]): string {
  return numbers.length < 2 ? numbers.join('') : `${numbers.slice(0, -1).join(', ')} and ${numbers[numbers.length - 1]!}`;
}
