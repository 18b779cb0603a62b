/** The command that starts the same experiment from a terminal in the project folder, as it can be copied. */
import * as v from 'valibot';
import { evaluationDifferences } from '#contract/evaluation.ts';
import { experimentRequestSchema, type ParsedExperimentRequest } from '#contract/experiment.ts';
import type { External } from '#contract/external.ts';
import type { HyperValues, ModelCard } from '#contract/model-card.ts';
import type { Budget } from '#contract/run.ts';
import type { Search } from '#contract/search.ts';

type Import = Extract<External, { kind: 'import' }>;

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

/** Mirror Gradient's, which are absent where nothing is said. */
const mirrorParts = ['mirror', 'mirrorDescent', 'mirrorEvery'] as const;

const program = 'npm run -s avocet --';

/**
 * A `run` for one model without varied fields on one dataset, else a sweep file given on standard input. Everything that the command
 * would not take by itself is written out, a `min_epochs` that another model of the same experiment brought in among it.
 */
export function commandOf(request: ParsedExperimentRequest, cards: readonly ModelCard[]): string {
  const [choice] = request.models;
  const isRun =
    request.models.length === 1 &&
    request.datasets.length === 1 &&
    choice !== undefined &&
    Object.keys(choice.vary).length + Object.keys(choice.ranges).length === 0 &&
    request.search === undefined;
  if (!isRun) return sweepOf(request);
  const usual = usualOf(request);
  const { external } = choice;
  if (external?.kind === 'import') return importOf(request, external, choice.values);
  const parts = [`${program} run`, option('dataset', request.datasets[0]!), option('model', external?.title ?? choice.model)];
  if (external !== undefined) parts.push(option('command', external.command), option('folder', external.folder));
  if (choice.preset !== undefined) parts.push(option('preset', choice.preset));
  for (const [key, value] of Object.entries(choice.values)) parts.push(option('set', `${key}=${String(value)}`));
  parts.push(request.seeds.length === 1 ? option('seed', request.seeds[0]!) : option('seeds', request.seeds.join(',')));
  const { budget } = request;
  const least = Math.max(usual.budget.minEpochs, cards.find(({ id }) => id === choice.model)?.minEpochs ?? 0);
  if (budget.epochs !== usual.budget.epochs) parts.push(option('epochs', budget.epochs));
  // The command itself raises it to what the model asks for, no further.
  if (budget.minEpochs > least) parts.push(option('min-epochs', budget.minEpochs));
  if (budget.patience !== usual.budget.patience) parts.push(option('patience', budget.patience));
  for (const key of ['batchSize', 'learningRate', 'learningRateDecay', 'width', ...mirrorParts] as const) {
    if (budget[key] !== usual.budget[key]) parts.push(option('set', `${budgetNames[key]}=${String(budget[key])}`));
  }
  if (request.device !== usual.device) parts.push(option('device', request.device));
  if (request.threads !== usual.threads) parts.push(option('threads', request.threads));
  if (request.pin !== undefined) parts.push(option('pin', request.pin));
  if (request.itemGraph !== usual.itemGraph) parts.push(option('item-graph', request.itemGraph));
  if (request.protocol !== usual.protocol) parts.push(option('protocol', request.protocol));
  for (const { key, value } of evaluationDifferences(request.evaluation)) parts.push(option(key, value));
  if (request.name !== '') parts.push(option('name', request.name));
  return parts.join(' ');
}

function importOf(request: ParsedExperimentRequest, { title, form, ids, files }: Import, values: HyperValues): string {
  const parts = [`${program} import-run`, option('dataset', request.datasets[0]!), option('model', title)];
  for (const { role, path } of files) parts.push(option(role, path));
  if (form === 'lists' && ids !== 'inner') parts.push(option('ids', ids));
  for (const [key, value] of Object.entries(values)) parts.push(option('set', `${key}=${String(value)}`));
  parts.push(option('seed', request.seeds[0]!));
  if (request.device !== 'wasm') parts.push(option('device', request.device));
  if (request.name !== '') parts.push(option('name', request.name));
  return parts.join(' ');
}

/** What a request says where nothing is said. */
function usualOf({ datasets, models, seeds }: ParsedExperimentRequest): ParsedExperimentRequest {
  return v.parse(experimentRequestSchema, { datasets, models, seeds });
}

/** A value that looks like an option is joined to its own. */
function option(name: string, value: string | number): string {
  const text = String(value);
  return `--${name}${text.startsWith('-') ? '=' : ' '}${quoted(text)}`;
}

function quoted(text: string): string {
  return /^[\w.@=,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The sweep file in the shell's own quotes: no line of it can be the closing word, for texts stand in double quotes on one line. */
function sweepOf(request: ParsedExperimentRequest): string {
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
  return [`${program} sweep - <<'YAML'`, ...lines, 'YAML'].join('\n');
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
