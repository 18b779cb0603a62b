/** The command that starts the same experiment from a terminal. */
import type { ParsedExperimentRequest } from '#contract/experiment.ts';

/** A `run` for one model without varied fields on one dataset, else a sweep file given as YAML on standard input. */
export function commandOf(request: ParsedExperimentRequest): string {
  const [choice] = request.models;
  const isRun =
    request.models.length === 1 && request.datasets.length === 1 && choice !== undefined && Object.keys(choice.vary).length === 0;
  if (!isRun) return sweepOf(request);
  const parts = ['avocet run', `--dataset ${quoted(request.datasets[0]!)}`, `--model ${choice.model}`];
  if (choice.preset !== undefined) parts.push(`--preset ${choice.preset}`);
  for (const [key, value] of Object.entries(choice.values)) parts.push(`--set ${quoted(`${key}=${String(value)}`)}`);
  parts.push(request.seeds.length === 1 ? `--seed ${request.seeds[0]}` : `--seeds ${request.seeds.join(',')}`);
  if (request.budget.epochs !== 1000) parts.push(`--epochs ${request.budget.epochs}`);
  if (request.budget.patience !== 20) parts.push(`--patience ${request.budget.patience}`);
  if (request.device !== 'wasm') parts.push(`--device ${request.device}`);
  if (request.threads !== 1) parts.push(`--threads ${request.threads}`);
  if (request.itemGraph !== 'computed') parts.push(`--item-graph ${request.itemGraph}`);
  if (request.protocol !== 'validation') parts.push(`--protocol ${request.protocol}`);
  return parts.join(' ');
}

/** JSON is YAML: the request itself, without what is empty. */
function sweepOf({
  name,
  question,
  datasets,
  models,
  seeds,
  budget,
  protocol,
  itemGraph,
  device,
  threads,
}: ParsedExperimentRequest): string {
  const chosen = models.map(({ model, preset, values, vary }) => ({
    model,
    ...(preset === undefined ? {} : { preset }),
    ...(Object.keys(values).length === 0 ? {} : { values }),
    ...(Object.keys(vary).length === 0 ? {} : { vary }),
  }));
  const file = {
    ...(name === '' ? {} : { name }),
    ...(question === '' ? {} : { question }),
    datasets,
    models: chosen,
    seeds,
    budget,
    protocol,
    itemGraph,
    device,
    threads,
  };
  return `avocet sweep experiment.yaml  # with: ${JSON.stringify(file)}`;
}

function quoted(text: string): string {
  return /^[\w.@=,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
