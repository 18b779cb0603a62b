import { resolve } from 'node:path';
import { bytes } from '#contract/amounts.ts';
import { text, texts, type Command } from '../command.ts';
import { findExperiment } from './experiments.ts';

export const bundle: Command = {
  name: 'bundle',
  summary: 'one zip with what repeats and proves a comparison: settings, commands, seeds, environment, metrics per user, tables, selection',
  usage: '[--experiment E]… [--output FILE.zip]',
  positionals: { least: 0, most: 0 },
  options: {
    experiment: { type: 'string', multiple: true, value: 'E', help: 'id or name; all runs where none is given' },
    output: { type: 'string', value: 'FILE', help: 'where it is written (default: bundles/ in the data folder)' },
  },
  async run(context) {
    const { values } = context;
    const output = text(values, 'output');
    const link = await context.link({ resume: false });
    const experiments = await Promise.all(texts(values, 'experiment').map(async (given) => (await findExperiment(link, given)).id));
    const saved = await link.call('bundles.save', { scope: { experiments }, ...(output === undefined ? {} : { path: resolve(output) }) });
    context.print(`${saved.path}: ${saved.files} files of ${saved.runs} ${saved.runs === 1 ? 'run' : 'runs'}, ${bytes(saved.bytes)}`);
    return { json: { bundle: saved } };
  },
};
