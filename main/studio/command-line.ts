/** The command that starts the same experiment from a terminal in the project folder, as it can be copied. */
import { evaluationDifferences } from '#contract/evaluation.ts';
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import type { External } from '#contract/external.ts';
import type { HyperValues, ModelCard } from '#contract/model-card.ts';
import { budgetNames, sweepLines, usualOf } from './sweep-text.ts';

type Import = Extract<External, { kind: 'import' }>;

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
  // In the shell's own quotes: no line of the file can be the closing word, for texts stand in double quotes on one line.
  if (!isRun) return [`${program} sweep - <<'YAML'`, ...sweepLines(request), 'YAML'].join('\n');
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

/** A value that looks like an option is joined to its own. */
function option(name: string, value: string | number): string {
  const text = String(value);
  return `--${name}${text.startsWith('-') ? '=' : ' '}${quoted(text)}`;
}

function quoted(text: string): string {
  return /^[\w.@=,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
