import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import { sweepProblem, sweepRequest } from '#studio/sweep-file.ts';
import { systemWords } from '#studio/system-words.ts';
import type { Command } from '../command.ts';
import { outcome } from '../run-report.ts';
import { train } from '../train.ts';
import { planText } from '../words.ts';

export const sweep: Command = {
  name: 'sweep',
  summary: 'starts the experiment described in a YAML file (datasets, models with vary, seeds, budget), or on standard input (-)',
  usage: 'FILE.yaml',
  positionals: { least: 1, most: 1 },
  options: {},
  details: [
    'datasets: [baby]',
    'models:',
    '  - model: mgcn',
    '    preset: baby                  # a published setting of the card (avocet models mgcn)',
    '    vary:',
    '      n_ui_layers: [1, 2, 3]      # a list',
    '      cl_loss: { from: 1e-4, to: 0.1, scale: log }   # a range, for random and tpe',
    '      lr: [1e-4, 1e-3]            # lr, lr_decay and width may differ between models; plan and tables say so',
    '    values: { epochs: 50, patience: 5 }   # epochs, batch_size and patience too, which unlocks them for this model: the budget is then',
    '                                  # not equal, and plan, experiment, captions and files say so',
    'seeds: [1, 2, 3]',
    'budget: { epochs: 1000, patience: 20 }',
    'search:',
    '  strategy: tpe                   # grid (default: every combination of the lists), random or tpe',
    '  trials: 30                      # per model and dataset; a grid has its own number',
    '  seed: 0                         # of the search: same seed and results, same trials',
    '  halving: { first_epoch: 9, eta: 3 }',
    '',
    'With halving a trial trains its first seed. At epochs 9, 27, 81 … (none before min_epochs) its best validation',
    'Recall@20 so far is compared with all trials that came so far, and only the best 1/eta go on; the others are',
    'stopped and keep their best epoch. Trials that were not ended get all seeds. Test is never looked at. Whatever',
    'ends the command, the search goes on from its stored trials: the same command again, avocet serve, or the window.',
  ],
  async run(context) {
    const request = await readRequest(context.positionals[0] ?? '');
    const link = await context.link({ resume: true });
    const plan = await link.call('experiments.plan', request);
    const { search } = plan;
    if (search !== undefined)
      context.note(search.same === undefined ? `${search.words}: ${search.fewest} to ${search.most} runs` : search.words);
    if (search?.same?.isOver === false)
      context.note(
        `goes on as “${search.same.name}” with its own name, question and note; ${search.same.done} of ${search.trials} trials are done`,
      );
    else context.note(planText(plan));
    for (const { level, text } of plan.notes) if (level === 'unequal') context.note(text);
    if (search?.same?.isOver === true)
      context.note(
        `“${search.same.name}” has done all of this search; a second experiment takes its runs wherever it comes to the same trials`,
      );
    const { experimentId, known, runs } = await train(context, link, request);
    return outcome(context, runs, { experiment: experimentId, known });
  },
};

/** Reads a sweep file; "-" is standard input. */
async function readRequest(file: string): Promise<ParsedExperimentRequest> {
  const where = file === '-' ? 'standard input' : file;
  let text: string;
  try {
    text = file === '-' ? await readInput() : await readFile(file, 'utf8');
  } catch (error) {
    throw sweepProblem(
      where,
      'sweep.unreadable',
      `The sweep file cannot be read: ${systemWords(error)}`,
      'Give the path of a sweep file in YAML, or - for standard input',
    );
  }
  return sweepRequest(text, where);
}

async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
