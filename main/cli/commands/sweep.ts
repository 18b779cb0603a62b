import { readFile } from 'node:fs/promises';
import process from 'node:process';
import * as v from 'valibot';
import { parse } from 'yaml';
import { evaluationSchema } from '#contract/evaluation.ts';
import { experimentRequestSchema, modelChoiceSchema, type ParsedExperimentRequest } from '#contract/experiment.ts';
import { externalId } from '#contract/external.ts';
import { ProblemError } from '#contract/problem.ts';
import { budgetSchema } from '#contract/run.ts';
import { searchRangeSchema, searchSchema, strategies } from '#contract/search.ts';
import { systemWords } from '#studio/system-words.ts';
import type { Command } from '../command.ts';
import { budgetKeys, unknownKey } from '../experiment-options.ts';
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
    '      lr: [1e-4, 1e-3]            # lr, lr_decay, batch_size and width may differ between models; plan and tables say so',
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
    'ends the command, the search goes on from its stored trials: avocet serve, or the window.',
  ],
  async run(context) {
    const request = await readRequest(context.positionals[0] ?? '');
    const link = await context.link({ resume: true });
    const plan = await link.call('experiments.plan', request);
    if (plan.search !== undefined) context.note(`${plan.search.words}: ${plan.search.fewest} to ${plan.search.most} runs`);
    context.note(planText(plan));
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

function sweepProblem(where: string, code: string, message: string, fix: string): ProblemError {
  return new ProblemError({ kind: 'config', code, message, where, fix });
}

/**
 * The experiment of a sweep file's text, keys as the command line has them (min_epochs, lr, item_graph); those of the link
 * (minEpochs, learningRate, itemGraph) are taken too. An unknown key at any level is an error that names the nearest.
 */
export function sweepRequest(text: string, where: string): ParsedExperimentRequest {
  const problem = (code: string, message: string, fix: string) => sweepProblem(where, code, message, fix);
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    // The first line has the place; the lines after it quote the file.
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw problem('sweep.unreadable', first.replace(/:$/, ''), 'The file must be YAML');
  }
  const request = renamed(raw, topKeys, Object.keys(experimentRequestSchema.entries), 'keys of a sweep', problem);
  if (isRecord(request)) {
    request['budget'] = renamed(request['budget'], budgetKeys, Object.keys(budgetSchema.entries), 'keys of budget', problem);
    if (request['budget'] === undefined) delete request['budget'];
    renamed(request['evaluation'], {}, Object.keys(evaluationSchema.entries), 'keys of evaluation', problem);
    if (Array.isArray(request['models']))
      for (const model of request['models']) {
        renamed(model, {}, Object.keys(modelChoiceSchema.entries), 'keys of a model', problem);
        nameAfterTitle(model);
        splitVary(model, problem);
      }
    if (request['search'] !== undefined) request['search'] = searchOf(request['search'], problem);
  }
  const result = v.safeParse(experimentRequestSchema, request);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw problem('sweep.form', `${asWritten(v.getDotPath(issue))}: ${issue.message}`, 'See the example in the README');
}

type MakeProblem = (code: string, message: string, fix: string) => Error;

/** What is varied stands in one place of the file: lists, and ranges to draw from, `{ from: 1e-6, to: 0.1, scale: log }`. */
function splitVary(model: unknown, problem: MakeProblem): void {
  if (!isRecord(model) || !isRecord(model['vary'])) return;
  const entries = Object.entries(model['vary']);
  const ranges = entries.filter(([, values]) => isRecord(values));
  for (const [key, range] of ranges) renamed(range, {}, Object.keys(searchRangeSchema.entries), `keys of the range of ${key}`, problem);
  if (ranges.length === 0) return;
  model['vary'] = Object.fromEntries(entries.filter(([, values]) => !isRecord(values)));
  model['ranges'] = { ...(isRecord(model['ranges']) ? model['ranges'] : {}), ...Object.fromEntries(ranges) };
}

const halvingKeys: Readonly<Record<string, string>> = { first_epoch: 'firstEpoch' };

/** A search as the file has it: a strategy alone, or a record; `halving: true` takes the usual rungs. */
function searchOf(value: unknown, problem: MakeProblem): unknown {
  const search = renamed(
    typeof value === 'string' ? { strategy: value } : value,
    {},
    Object.keys(searchSchema.entries),
    'keys of search',
    problem,
  );
  if (!isRecord(search)) return search;
  const { strategy, halving, ...rest } = search;
  if (typeof strategy !== 'string' || !strategies.some((known) => known === strategy))
    throw problem(
      'sweep.strategy',
      unknownKey(String(strategy), strategies, 'strategies of a search'),
      'Write for instance search: { strategy: random, trials: 30 }',
    );
  const keys = Object.keys(searchSchema.entries.halving.wrapped.entries);
  const written =
    halving === undefined || halving === false
      ? {}
      : { halving: halving === true ? {} : renamed(halving, halvingKeys, keys, 'keys of halving', problem) };
  return { ...rest, strategy, ...written };
}

/** A model of one's own is named after its title, which a file need not say twice. */
function nameAfterTitle(model: unknown): void {
  if (!isRecord(model) || model['model'] !== undefined || !isRecord(model['external'])) return;
  const { title } = model['external'];
  if (typeof title === 'string') model['model'] = externalId(title);
}

const topKeys: Readonly<Record<string, string>> = { item_graph: 'itemGraph', run_known: 'runKnown' };

/** A path of the request in the words of the file. */
function asWritten(path: string | null): string {
  if (path === null) return 'file';
  const names = Object.fromEntries(Object.entries({ ...topKeys, ...budgetKeys, ...halvingKeys }).map(([written, key]) => [key, written]));
  return path
    .split('.')
    .map((part) => names[part] ?? part)
    .join('.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The keys of a record as the link has them. */
function renamed(
  value: unknown,
  names: Readonly<Record<string, string>>,
  accepted: readonly string[],
  what: string,
  problem: (code: string, message: string, fix: string) => Error,
): unknown {
  if (!isRecord(value)) return value;
  const known = accepted.map((key) => Object.keys(names).find((written) => names[written] === key) ?? key);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (!known.includes(key) && !accepted.includes(key))
        throw problem('sweep.unknown-key', unknownKey(key, known, what), 'Remove or rename the key');
      return [names[key] ?? key, entry];
    }),
  );
}
