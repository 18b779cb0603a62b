import { ProblemError } from '#contract/problem.ts';
import { required, UsageError, type Command } from '../command.ts';
import { splitDetails, splitOf, splitOptionHelp, splitSeedOf } from '../split-options.ts';

export const split: Command = {
  name: 'split',
  summary: 'another split of a dataset: the same interactions in other parts, as a dataset of its own',
  usage: 'DATASET --split RULE --name NAME [--seed N] [--preview]',
  positionals: { least: 1, most: 1 },
  options: {
    ...splitOptionHelp,
    name: { type: 'string', value: 'NAME', help: 'name of the new dataset' },
    preview: { type: 'boolean', help: 'only say what the split would be like' },
  },
  details: splitDetails,
  async run(context) {
    const [dataset = ''] = context.positionals;
    const rule = splitOf(context.values);
    if (rule === undefined) throw new UsageError('--split is missing');
    const seed = splitSeedOf(context.values);
    const isPreview = context.values['preview'] === true;
    const name = isPreview ? '' : required(context.values, 'name');
    const link = await context.link({ resume: false });
    const preview = await link.call('datasets.previewSplit', { source: { from: 'dataset', dataset }, wish: { split: rule, seed } });
    for (const check of preview.checks) if (check.state !== 'ok') context.note(`${check.text}: ${check.count}`);
    if (isPreview) {
      context.print(
        `train ${preview.train}, validation ${preview.validation}, test ${preview.test}, left out ${preview.dropped}; ${preview.users} users, ${preview.items} items; split ${preview.fingerprint.splitHash.slice(0, 8)}`,
      );
      return { json: { preview } };
    }
    for await (const event of link.stream(
      'datasets.import',
      { from: 'dataset', dataset, name, split: rule, seed },
      context.interruptible(),
    )) {
      if (event.type === 'progress') {
        context.progress(`${event.phase} ${Math.round(event.fraction * 100)} %`);
        continue;
      }
      const { summary } = event;
      context.print(
        `${summary.id}: ${summary.name}, train ${summary.train}, validation ${summary.validation}, test ${summary.test}, split ${summary.fingerprint.splitHash.slice(0, 8)}`,
      );
      return { json: { dataset: summary } };
    }
    throw new ProblemError({ kind: 'cancelled', code: 'import.cancelled', message: 'The split was cancelled; nothing was left behind' });
  },
};
