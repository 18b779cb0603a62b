import type { Command } from '../command.ts';
import { columns } from '../words.ts';

export const datasets: Command = {
  name: 'datasets',
  summary: 'the datasets of the data folder',
  usage: '',
  positionals: { least: 0, most: 0 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const { datasets: all, broken } = await link.call('datasets.list', {});
    const rows = all.map((entry) => [
      entry.id,
      entry.name,
      String(entry.users),
      String(entry.items),
      String(entry.train),
      String(entry.validation),
      String(entry.test),
      entry.modalities.map((modality) => `${modality.name} ${modality.width}`).join(', '),
      entry.fingerprint.splitHash.slice(0, 8),
    ]);
    for (const line of columns(['id', 'name', 'users', 'items', 'train', 'valid.', 'test', 'modalities', 'split'], rows))
      context.print(line);
    for (const entry of broken) context.note(`${entry.id}: ${entry.problem.message}`);
    return { json: { datasets: all, broken } };
  },
};
