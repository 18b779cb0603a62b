/** Sweep files as text: an experiment in the words of the command line, to be read again by {@link file://./sweep-file.ts}. */
import * as v from 'valibot';
import { parse } from 'yaml';
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
  const yaml = `${sweepLines(request).join('\n')}\n`;
  return { yaml, json: `${JSON.stringify(parse(yaml), null, 2)}\n` };
}

/** The lines of a sweep file. What a request says as everybody's does is left out. */
export function sweepLines(request: ParsedExperimentRequest): string[] {
  const usual = usualOf(request);
  const lines: string[] = [];
  const add = (key: string, value: unknown) => void lines.push(`${key}: ${flow(value)}`);
  for (const key of ['name', 'question', 'note'] as const) if (request[key] !== '') add(key, request[key]);
  add('datasets', request.datasets);
  lines.push('models:');
  for (const { model, preset, values, vary, ranges, external } of request.models) {
    lines.push(`  - model: ${flow(model)}`);
    if (external !== undefined) lines.push(`    external: ${flow(external)}`);
    if (preset !== undefined) lines.push(`    preset: ${flow(preset)}`);
    if (Object.keys(values).length > 0) lines.push(`    values: ${flow(values)}`);
    if (Object.keys(vary).length + Object.keys(ranges).length > 0) lines.push(`    vary: ${flow({ ...vary, ...ranges })}`);
  }
  add('seeds', request.seeds);
  if (request.search !== undefined) add('search', searchWritten(request.search));
  const budget = (Object.keys(budgetNames) as (keyof Budget)[]).flatMap((key) =>
    request.budget[key] === usual.budget[key] ? [] : [[budgetNames[key], request.budget[key]] as const],
  );
  if (budget.length > 0) add('budget', Object.fromEntries(budget));
  if (request.protocol !== usual.protocol) add('protocol', request.protocol);
  const evaluation = evaluationDifferences(request.evaluation).map(({ key, value }) => [key, value] as const);
  if (evaluation.length > 0) add('evaluation', Object.fromEntries(evaluation));
  if (request.itemGraph !== usual.itemGraph) add('item_graph', request.itemGraph);
  if (request.device !== usual.device) add('device', request.device);
  if (request.threads !== usual.threads) add('threads', request.threads);
  if (request.pin !== undefined) add('pin', request.pin);
  if (request.runKnown) add('run_known', true);
  return lines;
}

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
