import type { Command } from '../command.ts';
import { checkedRequest, seeds, trainingOptions, trainingRequest } from '../experiment-options.ts';
import { outcome } from '../run-report.ts';
import { train } from '../train.ts';
import { planText } from '../words.ts';

export const demo: Command = {
  name: 'demo',
  summary: 'the demo comparison: LightGCN, MGCN and EGRA with three seeds on the demo dataset; prints its table',
  usage: '',
  positionals: { least: 0, most: 0 },
  options: trainingOptions,
  async run(context) {
    const link = await context.link({ resume: true });
    const request = checkedRequest({
      name: 'Demo comparison',
      question: 'Do pictures and texts help, and does the item block help further?',
      datasets: ['demo'],
      models: [{ model: 'lightgcn' }, { model: 'mgcn' }, { model: 'egra' }],
      seeds: seeds(context.values, [1, 2, 3]),
      ...trainingRequest(context.values),
    });
    const plan = await link.call('experiments.plan', request);
    context.note(planText(plan));
    const { experimentId, runs, isInterrupted } = await train(context, link, request);
    if (isInterrupted) return outcome(context, runs, { experiment: experimentId });
    const preview = await link.call('exports.preview', {
      table: { scope: { experiments: [experimentId] }, metrics: ['recall@10', 'recall@20', 'ndcg@10', 'ndcg@20'] },
      options: { format: 'markdown' },
    });
    if (!context.isJson) context.write(preview.source ?? '');
    return outcome({ ...context, print: () => undefined }, runs, { experiment: experimentId, table: preview.table });
  },
};
