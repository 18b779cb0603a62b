import { required, text, UsageError, type Command } from '../command.ts';
import { checkedRequest, seeds, settings, trainingOptions, trainingRequest, unknownKey } from '../experiment-options.ts';
import { follow, outcome } from '../run-report.ts';

export const run: Command = {
  name: 'run',
  summary: 'trains one configuration with its seeds; progress and time left on stderr',
  usage: '--dataset D --model M [--preset P] [--set key=value]… [--seed N | --seeds A,B]',
  positionals: { least: 0, most: 0 },
  options: {
    dataset: { type: 'string', value: 'D', help: 'id or name of a dataset' },
    model: { type: 'string', value: 'M', help: 'id of a model' },
    preset: { type: 'string', value: 'P', help: 'a preset or ablation of its card' },
    set: {
      type: 'string',
      multiple: true,
      value: 'key=value',
      help: 'a setting of the card, or lr, lr_decay, batch_size, width, item_graph',
    },
    name: { type: 'string', value: 'NAME', help: 'name of the experiment' },
    ...trainingOptions,
  },
  async run(context) {
    const { values } = context;
    const dataset = required(values, 'dataset');
    const model = required(values, 'model');
    const chosenSeeds = seeds(values, [999]);
    const training = trainingRequest(values);
    const link = await context.link({ resume: true });
    const { models } = await link.call('models.list', {});
    const card = models.find((entry) => entry.id === model);
    if (card === undefined)
      throw new UsageError(
        unknownKey(
          model,
          models.map((entry) => entry.id),
          'models',
        ),
      );
    const chosen = settings(values, card);
    const preset = text(values, 'preset');
    const presets = [...card.presets, ...card.ablations].map((entry) => entry.id);
    if (preset !== undefined && !presets.includes(preset)) throw new UsageError(unknownKey(preset, presets, `presets of ${card.id}`));
    const request = checkedRequest({
      name: text(values, 'name') ?? '',
      datasets: [dataset],
      models: [{ model, values: chosen.hyper, ...(preset === undefined ? {} : { preset }) }],
      seeds: chosenSeeds,
      ...training,
      budget: { ...training.budget, ...chosen.budget },
      ...(chosen.itemGraph === undefined ? {} : { itemGraph: chosen.itemGraph }),
      // Asking for a run means a run: an equal one in the store is no reason to show old numbers as new.
      runKnown: true,
    });
    const started = await link.call('experiments.start', request);
    return outcome(context, await follow(context, link, started.runIds));
  },
};
