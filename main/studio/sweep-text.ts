/** Sweep files as text: an experiment in the words of the command line, to be read again by {@link file://./sweep-file.ts}. */
import * as v from 'valibot';
import { evaluationDifferences } from '#contract/evaluation.ts';
import { experimentRequestSchema, type ParsedExperimentRequest } from '#contract/experiment.ts';
import type { Budget } from '#contract/run.ts';
import type { Search } from '#contract/search.ts';

/** What the command line and sweep files call the parts of a budget. */
export const budgetNames = {
  epochs: 'epochs',
  minEpochs: 'min_epochs',
  patience: 'patience',
  batchSize: 'batch_size',
  learningRate: 'lr',
  learningRateDecay: 'lr_decay',
  width: 'width',
  mirror: 'mirror',
  mirrorDescent: 'mirror_descent',
  mirrorEvery: 'mirror_every',
} as const satisfies Readonly<Record<keyof Budget, string>>;

/** Parts of a budget by what the command line calls them. */
export const budgetKeys: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(budgetNames).map(([part, name]) => [name, part]),
);

/** What a request says where nothing is said. */
export function usualOf({ datasets, models, seeds }: ParsedExperimentRequest): ParsedExperimentRequest {
  return v.parse(experimentRequestSchema, { datasets, models, seeds });
}

/** The same experiment as a YAML and as a JSON file; reading either gives the request back. */
export function sweepFiles(request: ParsedExperimentRequest): { readonly yaml: string; readonly json: string } {
  return { yaml: `${sweepLines(request).join('\n')}\n`, json: `${JSON.stringify(sweepOf(request), null, 2)}\n` };
}

/** The lines of a sweep file in YAML: a key a line, and a line for each part of a model. */
export function sweepLines(request: ParsedExperimentRequest): string[] {
  return Object.entries(sweepOf(request)).flatMap(([key, value]) =>
    key === 'models' ? ['models:', ...(value as readonly object[]).flatMap(modelLines)] : [`${key}: ${flow(value)}`],
  );
}

const modelLines = (model: object): string[] =>
  Object.entries(model).map(([key, value], at) => `  ${at === 0 ? '-' : ' '} ${key}: ${flow(value)}`);

/** What a sweep file holds. What a request says as everybody's does is left out. */
function sweepOf(request: ParsedExperimentRequest): Record<string, unknown> {
  const usual = usualOf(request);
  const unless = (isUsual: boolean, entries: Record<string, unknown>) => (isUsual ? {} : entries);
  const texts = (['name', 'question', 'note'] as const).filter((key) => request[key] !== '').map((key) => [key, request[key]] as const);
  const models = request.models.map(({ model, preset, values, vary, ranges, external }) => ({
    model,
    ...unless(external === undefined, { external }),
    ...unless(preset === undefined, { preset }),
    ...unless(isEmpty(values), { values }),
    ...unless(isEmpty(vary) && isEmpty(ranges), { vary: { ...vary, ...ranges } }),
  }));
  const parts = (Object.keys(budgetNames) as (keyof Budget)[]).filter((key) => request.budget[key] !== usual.budget[key]);
  const budget = Object.fromEntries(parts.map((key) => [budgetNames[key], request.budget[key]]));
  const evaluation = Object.fromEntries(evaluationDifferences(request.evaluation).map(({ key, value }) => [key, value]));
  return {
    ...Object.fromEntries(texts),
    datasets: request.datasets,
    models,
    seeds: request.seeds,
    ...(request.search === undefined ? {} : { search: searchWritten(request.search) }),
    ...unless(isEmpty(budget), { budget }),
    ...unless(request.protocol === usual.protocol, { protocol: request.protocol }),
    ...unless(isEmpty(evaluation), { evaluation }),
    ...unless(request.itemGraph === usual.itemGraph, { item_graph: request.itemGraph }),
    ...unless(request.device === usual.device, { device: request.device }),
    ...unless(request.threads === usual.threads, { threads: request.threads }),
    ...unless(request.pin === undefined, { pin: request.pin }),
    ...unless(!request.runKnown, { run_known: true }),
  };
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

/** A search in the words of a sweep file; a grid has no number of trials and no seed. */
function searchWritten({ strategy, trials, seed, halving }: Search): Record<string, unknown> {
  return {
    strategy,
    ...(strategy === 'grid' ? {} : { trials, seed }),
    ...(halving === undefined ? {} : { halving: { first_epoch: halving.firstEpoch, eta: halving.eta } }),
  };
}

/** YAML on one line. Whatever is no plain word stands as JSON, which YAML contains. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]: [string, unknown]) => `${flow(key)}: ${flow(entry)}`)
      .join(', ')} }`;
  }
  if (typeof value === 'string' && /^[a-z][\w-]*$/i.test(value) && !/^(true|false|null)$/i.test(value)) return value;
  return JSON.stringify(value);
}
