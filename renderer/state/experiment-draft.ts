/**
 * What a person is putting together in New experiment, as a value, and what follows from it: the request that is sent, why a model
 * cannot run, a name. Every function is pure; new-experiment.svelte.ts holds the one live draft.
 */
import * as v from 'valibot';
import { usualEvaluation, evaluationSchema, type Evaluation } from '#contract/evaluation.ts';
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { externalCard, externalId, externalSchema, type External } from '#contract/external.ts';
import { mayPin, type LaneId } from '#contract/lane.ts';
import { orderFault, resolveHyper, stagesOf, type HyperValue, type HyperValues, type ModelCard } from '#contract/model-card.ts';
import type { Budget, RunConfig } from '#contract/run.ts';
import { searchSchema, type Search, type SearchRange } from '#contract/search.ts';
import { listed } from '#renderer/locales/format.ts';

export interface ModelDraft {
  readonly model: string;
  readonly preset: string | undefined;
  /** Only what differs from the preset. */
  readonly values: HyperValues;
  /** Fields that are varied, with the values of the sweep in the order typed. */
  readonly vary: Readonly<Record<string, readonly HyperValue[]>>;
  /** Varied fields that a search draws from between the smallest and the largest of their values. */
  readonly between?: Readonly<Record<string, SearchRange['scale'] | 'usual'>>;
  /** A model of the person's own: what it is, and its parameters as they were given, from which `values` differ. */
  readonly own?: { readonly external: External; readonly parameters: HyperValues };
}

/** The card of a choice that brings its own. */
export function ownCardOf({ own }: ModelDraft): ModelCard | undefined {
  return own === undefined ? undefined : externalCard(own.external, own.parameters);
}

export function ownDraft(external: External, parameters: HyperValues): ModelDraft {
  return { model: externalId(external.title), preset: undefined, values: {}, vary: {}, own: { external, parameters } };
}

export interface ExperimentDraft {
  readonly name: string;
  readonly question: string;
  readonly note: string;
  readonly datasets: readonly string[];
  readonly models: readonly ModelDraft[];
  readonly seeds: readonly number[];
  /** How configurations are chosen from what is varied; absent: the whole grid. */
  readonly search?: Search | undefined;
  /** Only what was changed after "Unlock"; the rest is the protocol's. */
  readonly budget: Partial<Budget>;
  readonly protocol: RunConfig['protocol'];
  readonly evaluation: Evaluation;
  readonly itemGraph: RunConfig['itemGraph'];
  readonly device: RunConfig['device'];
  /** The one device its runs are bound to. */
  readonly pin?: LaneId | undefined;
  readonly runKnown: boolean;
}

/** What of a dataset decides whether a model can run on it. */
export type DatasetFacts = Pick<
  DatasetSummary,
  'id' | 'name' | 'modalities' | 'graphs' | 'knowledge' | 'hasTimes' | 'fingerprint' | 'split'
>;

export const emptyDraft: ExperimentDraft = {
  name: '',
  question: '',
  note: '',
  datasets: [],
  models: [],
  seeds: [1, 2, 3],
  budget: {},
  protocol: 'validation',
  evaluation: usualEvaluation,
  itemGraph: 'computed',
  device: 'wasm',
  runKnown: false,
};

/** The comparison offered at first start: the demo set, a graph model, a multimodal one and EGRA, as far as they exist. */
export function firstDraft(datasets: readonly DatasetFacts[], cards: readonly ModelCard[], device: RunConfig['device']): ExperimentDraft {
  const dataset = datasets.find((candidate) => candidate.id === 'demo') ?? datasets[0];
  const models = ['lightgcn', 'mgcn', 'egra'].flatMap((id) => {
    const card = cards.find((candidate) => candidate.id === id);
    if (card === undefined || dataset === undefined || cannotRun(card, dataset, 'computed') !== undefined) return [];
    return [newModelDraft(card)];
  });
  return { ...emptyDraft, device, datasets: dataset === undefined ? [] : [dataset.id], models };
}

export function newModelDraft(card: ModelCard): ModelDraft {
  return { model: card.id, preset: undefined, values: {}, vary: {} };
}

const and = (words: readonly string[]) => (words.length < 2 ? words.join('') : `${listed(words.slice(0, -1))} and ${words.at(-1)}`);

/** What the "needs" column says: "ids only", "any modality", "image and text", "pretrains MGCN". */
export function needsOf(card: ModelCard, cards: readonly ModelCard[]): string {
  const stage = card.stages[0];
  if (card.task === 'next-item')
    return card.needs.length === 0 ? 'times' : `times, ${card.needs.includes('any') ? 'any modality' : and(card.needs)}`;
  if (stage !== undefined) return `pretrains ${cards.find((candidate) => candidate.id === stage.model)?.title ?? stage.model}`;
  if (card.needsKnowledge) return 'knowledge graph';
  if (card.needs.length === 0) return 'ids only';
  if (card.needs.includes('any')) return 'any modality';
  return and(card.needs);
}

/** The models that a choice trains as stages before its own: of its settings, and of every value of those it varies. */
export function stageModelsOf(card: ModelCard, choice: ModelDraft): readonly string[] {
  const decisive = new Set(card.stages.flatMap(({ when, unless, modelBy }) => [...Object.keys({ ...when, ...unless }), modelBy?.key]));
  const varied = Object.entries(choice.vary).filter(([key]) => decisive.has(key));
  const resolved = varied.reduce<readonly HyperValues[]>(
    (rows, [key, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [key]: value }))),
    [resolveHyper(card, choice.preset, choice.values)],
  );
  return [...new Set(resolved.flatMap((hyper) => stagesOf(card, hyper).map(({ model }) => model)))];
}

/** Why a model cannot run on a dataset ("needs text, TikTok has image and audio"), or undefined. */
export function cannotRun(
  card: ModelCard,
  dataset: DatasetFacts,
  itemGraph: RunConfig['itemGraph'],
  candidates: Evaluation['candidates'] = 'all',
): string | undefined {
  const order = orderFault(card, dataset);
  if (order !== undefined) return order;
  if (card.needs.length === 0) {
    const isCold = dataset.split?.rule.rule === 'cold-item' || candidates === 'cold-items';
    return isCold ? `knows items by their ids alone, not for cold items of ${dataset.name}` : undefined;
  }
  const names = dataset.modalities.map((modality) => modality.name);
  const has = names.length === 0 ? 'no modality' : and(names);
  if (itemGraph === 'imported' && dataset.graphs.length === 0) return `needs an imported item graph, ${dataset.name} has none`;
  if (card.needs.includes('any'))
    return names.length === 0 && dataset.graphs.length === 0 ? `needs a modality, ${dataset.name} has none` : undefined;
  const missing = card.needs.filter((need) => !names.includes(need));
  return missing.length === 0 ? undefined : `needs ${and(missing)}, ${dataset.name} has ${has}`;
}

/**
 * What speaks against a model on the chosen datasets: the first reason, and whether it can run on none of them. One that lacks something
 * on some datasets only can still be chosen; those cells stay empty.
 */
export function reasonAgainst(
  card: ModelCard,
  draft: Pick<ExperimentDraft, 'datasets' | 'itemGraph'> & Partial<Pick<ExperimentDraft, 'protocol' | 'evaluation'>>,
  datasets: readonly DatasetFacts[],
): { readonly reason: string; readonly everywhere: boolean } | undefined {
  const chosen = datasets.filter((dataset) => draft.datasets.includes(dataset.id));
  const candidates = draft.protocol === 'mmrec' ? 'all' : draft.evaluation?.candidates;
  const reasons = chosen.flatMap((dataset) => cannotRun(card, dataset, draft.itemGraph, candidates) ?? []);
  const [reason] = reasons;
  return reason === undefined ? undefined : { reason, everywhere: reasons.length === chosen.length };
}

/** "LightGCN, MGCN and EGRA on Demo": the name an experiment gets when the person gives none. */
export function suggestedName(draft: ExperimentDraft, cards: readonly ModelCard[], datasets: readonly DatasetFacts[]): string {
  const title = (id: string) => cards.find((card) => card.id === id)?.title ?? id;
  const models = draft.models.map((choice) => title(choice.model));
  const sets = draft.datasets.map((id) => datasets.find((dataset) => dataset.id === id)?.name ?? id);
  const some = (names: readonly string[], noun: string) => (names.length > 3 ? `${names.length} ${noun}` : and(names));
  if (models.length === 0 || sets.length === 0) return 'New experiment';
  return `${some(models, 'models')} on ${some(sets, 'datasets')}`;
}

/** A grid without early ends is no search. */
function isSearch(search: Search | undefined): search is Search {
  return search !== undefined && (search.strategy !== 'grid' || search.halving !== undefined);
}

/** The numbers between which a field is drawn, where the search draws and the field is to be drawn from. */
export function rangeOf(choice: ModelDraft, key: string, search: Search | undefined): SearchRange | undefined {
  const scale = choice.between?.[key];
  const numbers = (choice.vary[key] ?? []).filter((value): value is number => typeof value === 'number');
  if (scale === undefined || search === undefined || search.strategy === 'grid') return undefined;
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
  return numbers.length < 2 || from === to ? undefined : { from, to, ...(scale === 'usual' ? {} : { scale }) };
}

function variation(choice: ModelDraft, search: Search | undefined): Pick<ExperimentRequest['models'][number], 'vary' | 'ranges'> {
  const ranges = Object.fromEntries(
    Object.keys(choice.vary).flatMap((key) => {
      const range = rangeOf(choice, key, search);
      return range === undefined ? [] : [[key, range] as const];
    }),
  );
  const lists = Object.entries(choice.vary).filter(([key]) => ranges[key] === undefined);
  return {
    vary: Object.fromEntries(lists.map(([key, values]) => [key, [...values]])),
    ...(Object.keys(ranges).length === 0 ? {} : { ranges }),
  };
}

/** The message that is planned and started, or undefined while something is missing. */
export function toRequest(draft: ExperimentDraft, name: string): ExperimentRequest | undefined {
  if (draft.datasets.length === 0 || draft.models.length === 0 || draft.seeds.length === 0) return undefined;
  return {
    name: draft.name.trim() === '' ? name : draft.name.trim(),
    question: draft.question.trim(),
    note: draft.note.trim(),
    datasets: [...draft.datasets],
    models: draft.models.map((choice) => ({
      model: choice.model,
      ...(choice.preset === undefined ? {} : { preset: choice.preset }),
      values: { ...choice.own?.parameters, ...choice.values },
      ...(choice.own === undefined ? {} : { external: choice.own.external }),
      ...variation(choice, draft.search),
    })),
    seeds: [...draft.seeds],
    ...(isSearch(draft.search) ? { search: draft.search } : {}),
    budget: { ...draft.budget },
    protocol: draft.protocol,
    // The MMRec protocol has neither; the choice is kept for the way back.
    evaluation: draft.protocol === 'mmrec' ? usualEvaluation : draft.evaluation,
    itemGraph: draft.itemGraph,
    device: draft.device,
    ...(draft.pin !== undefined && mayPin(draft.device, draft.pin) ? { pin: draft.pin } : {}),
    runKnown: draft.runKnown,
  };
}

/** The protocol's budget (protocol.md section 4); what a request states away from it counts as unlocked. */
export const protocolBudget = { epochs: 1000, minEpochs: 0, patience: 20, batchSize: 2048, learningRate: 1e-3, width: 64 } as const;

/** A draft that repeats a request, e.g. of a cloned run. Budget values equal to the protocol's stay locked. */
export function fromRequest(request: ExperimentRequest): ExperimentDraft {
  const budget = Object.fromEntries(
    Object.entries(request.budget ?? {}).filter(
      ([key, value]) => value !== undefined && value !== protocolBudget[key as keyof typeof protocolBudget],
    ),
  ) as Partial<Budget>;
  return {
    name: request.name ?? '',
    question: request.question ?? '',
    note: request.note ?? '',
    datasets: [...request.datasets],
    models: request.models.map((choice) => ({
      model: choice.model,
      preset: choice.preset,
      values: choice.external === undefined ? { ...choice.values } : {},
      ...(choice.external === undefined
        ? {}
        : { own: { external: v.parse(externalSchema, choice.external), parameters: { ...choice.values } } }),
      vary: {
        ...Object.fromEntries(Object.entries(choice.vary ?? {}).map(([key, values]) => [key, [...values]])),
        ...Object.fromEntries(Object.entries(choice.ranges ?? {}).map(([key, { from, to }]) => [key, [from, to]])),
      },
      ...(Object.keys(choice.ranges ?? {}).length === 0
        ? {}
        : { between: Object.fromEntries(Object.entries(choice.ranges ?? {}).map(([key, { scale }]) => [key, scale ?? 'usual'])) }),
    })),
    seeds: [...request.seeds],
    ...(request.search === undefined ? {} : { search: v.parse(searchSchema, request.search) }),
    budget,
    protocol: request.protocol ?? 'validation',
    evaluation: v.parse(evaluationSchema, request.evaluation ?? {}),
    itemGraph: request.itemGraph ?? 'computed',
    device: request.device ?? 'wasm',
    pin: request.pin,
    runKnown: request.runKnown ?? false,
  };
}

/** The changes a remedy asks for, as the address carries them: learningRate, batchSize, epochs, seed. What is no number changes nothing. */
export function withChanges(draft: ExperimentDraft, changes: Readonly<Record<string, string | undefined>>): ExperimentDraft {
  let next = draft;
  for (const key of ['learningRate', 'batchSize', 'epochs'] as const) {
    const value = Number(changes[key]);
    if (!(value > 0)) continue;
    // A model's own value would stand in its way.
    const own = { learningRate: 'lr', batchSize: 'batch_size', epochs: 'epochs' }[key];
    const models = next.models.map((choice) => {
      if (choice.own !== undefined) return choice;
      const { [own]: _own, ...values } = choice.values;
      return { ...choice, values };
    });
    next = { ...next, models, budget: { ...next.budget, [key]: value } };
  }
  const seed = Number(changes['seed'] ?? Number.NaN);
  return Number.isInteger(seed) && seed >= 0 ? { ...next, seeds: [seed] } : next;
}
