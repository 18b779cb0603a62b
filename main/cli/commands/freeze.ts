import type { Command } from '../command.ts';
import { findExperiment } from './experiments.ts';

export const freeze: Command = {
  name: 'freeze',
  summary: 'freezes the selection of an experiment and unmasks the winners; cannot be undone',
  usage: 'EXPERIMENT',
  positionals: { least: 1, most: 1 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const experiment = await findExperiment(link, context.positionals[0] ?? '');
    const selection = await link.call('experiments.freeze', { id: experiment.id });
    context.print(`Frozen: ${selection.candidates} candidates. ${selection.criterion}.`);
    for (const winner of selection.winners) {
      context.print(
        `  ${winner.model} on ${winner.dataset}${winner.differences === '' ? '' : ` (${winner.differences})`}: validation ${winner.mean.toFixed(4)}${winner.sd === undefined ? '' : ` \u00b1 ${winner.sd.toFixed(4)}`}, n ${winner.n}`,
      );
    }
    return { json: { experiment: experiment.id, selection } };
  },
};
