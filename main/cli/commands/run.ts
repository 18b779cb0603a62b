import type { ExperimentRequest } from '#contract/experiment.ts';
import type { Link } from '#contract/link.ts';
import { externalId } from '#contract/external.ts';
import type { ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import { unknownKey } from '#studio/nearest.ts';
import { required, text, UsageError, type Command, type Values } from '../command.ts';
import { checkedRequest, parametersAndBudget, seeds, settings, trainingOptions, trainingRequest } from '../experiment-options.ts';
import { fromHere } from './import-run.ts';
import { outcome } from '../run-report.ts';
import { train } from '../train.ts';

export const run: Command = {
  name: 'run',
  summary: 'trains one configuration with its seeds; progress and time left on stderr',
  usage: '--dataset D --model M [--command C [--folder DIR]] [--preset P] [--set key=value]… [--seed N | --seeds A,B]',
  positionals: { least: 0, most: 0 },
  options: {
    dataset: { type: 'string', value: 'D', help: 'id or name of a dataset' },
    model: { type: 'string', value: 'M', help: 'id of a model; with --command, what tables call yours' },
    command: {
      type: 'string',
      value: 'C',
      help: 'a command that trains a model of yours, for the shell; own-command explains what it is given',
    },
    folder: { type: 'string', value: 'DIR', help: 'where the command runs (default: here)' },
    preset: { type: 'string', value: 'P', help: 'a preset or ablation of its card' },
    set: {
      type: 'string',
      multiple: true,
      value: 'key=value',
      help: 'a setting of the card, or lr, lr_decay, epochs, batch_size, patience, width, mirror (Mirror Gradient α₂), mirror_descent, mirror_every, item_graph',
    },
    name: { type: 'string', value: 'NAME', help: 'name of the experiment' },
    ...trainingOptions,
  },
  async run(context) {
    checkEarly(context.values);
    const link = await context.link({ resume: true });
    const models = await cardsFor(link, required(context.values, 'model'));
    const request = runRequest(context.values, models);
    const external = request.models[0]?.external;
    if (external?.kind === 'command') context.note(`runs in ${external.folder}: ${external.command}`);
    return outcome(context, (await train(context, link, request)).runs);
  },
};

/** The cards; where the asked one is not among them, once the folders of the person's own models have been checked. */
async function cardsFor(link: Link, asked: string): Promise<readonly ModelCard[]> {
  const { models } = await link.call('models.list', {});
  if (models.some(({ id }) => id === asked)) return models;
  const settled = await link.call('models.list', { settled: true });
  const broken = settled.own.broken.find(({ id }) => id === asked);
  if (broken !== undefined) throw new ProblemError(broken.problem);
  return settled.models;
}

/** What can be refused before a data folder is opened. */
function checkEarly(values: Values): void {
  required(values, 'dataset');
  required(values, 'model');
  seeds(values, [999]);
  trainingRequest(values);
}

/** The experiment that the options of `run` describe. @throws UsageError */
export function runRequest(values: Values, cards: readonly ModelCard[]): ExperimentRequest {
  if (text(values, 'command') !== undefined) return commandRequest(values);
  if (text(values, 'folder') !== undefined) throw new UsageError('--folder is where a --command runs');
  const model = required(values, 'model');
  const card = cards.find((entry) => entry.id === model);
  if (card === undefined)
    throw new UsageError(
      unknownKey(
        model,
        cards.map((entry) => entry.id),
        'models',
      ),
    );
  const training = trainingRequest(values);
  const chosen = settings(values, card);
  const preset = text(values, 'preset');
  const presets = [...card.presets, ...card.ablations].map((entry) => entry.id);
  if (preset !== undefined && !presets.includes(preset)) throw new UsageError(unknownKey(preset, presets, `presets of ${card.id}`));
  return checkedRequest({
    name: text(values, 'name') ?? '',
    datasets: [required(values, 'dataset')],
    models: [{ model, values: chosen.hyper, ...(preset === undefined ? {} : { preset }) }],
    seeds: seeds(values, [999]),
    ...training,
    budget: { ...training.budget, ...chosen.budget },
    ...(chosen.itemGraph === undefined ? {} : { itemGraph: chosen.itemGraph }),
    // Asking for a run means a run: an equal one in the store is no reason to show old numbers as new.
    runKnown: true,
  });
}

/** The experiment that runs a command of the person's own. @throws UsageError */
function commandRequest(values: Values): ExperimentRequest {
  const title = required(values, 'model');
  if (text(values, 'preset') !== undefined) throw new UsageError('a command has no presets; --set gives its parameters');
  const training = trainingRequest(values);
  const { hyper, budget } = parametersAndBudget(values);
  const external = {
    kind: 'command',
    title,
    command: required(values, 'command'),
    folder: fromHere(text(values, 'folder') ?? '.'),
  } as const;
  return checkedRequest({
    name: text(values, 'name') ?? '',
    datasets: [required(values, 'dataset')],
    models: [{ model: externalId(title), external, values: hyper }],
    seeds: seeds(values, [999]),
    ...training,
    budget: { ...training.budget, ...budget },
    runKnown: true,
  });
}
