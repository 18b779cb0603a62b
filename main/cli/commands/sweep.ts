import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { parse } from 'yaml';
import { experimentRequestSchema, modelChoiceSchema } from '#contract/experiment.ts';
import { ProblemError } from '#contract/problem.ts';
import { budgetSchema } from '#contract/run.ts';
import { type Command } from '../command.ts';
import { unknownKey } from '../experiment-options.ts';
import { follow, outcome } from '../run-report.ts';
import { estimateText } from '../words.ts';

export const sweep: Command = {
  name: 'sweep',
  summary: 'starts the experiment described in a YAML file (datasets, models with vary, seeds, budget)',
  usage: 'FILE.yaml',
  positionals: { least: 1, most: 1 },
  options: {},
  async run(context) {
    const file = context.positionals[0] ?? '';
    const request = await readRequest(file);
    const link = await context.link({ resume: true });
    const plan = await link.call('experiments.plan', request);
    context.note(`${plan.runs} runs, ${plan.known} known, ${plan.underway} under way, ${estimateText(plan.time)}`);
    const started = await link.call('experiments.start', request);
    return outcome(context, await follow(context, link, started.runIds), { experiment: started.experimentId, known: started.known });
  },
};

/** Reads and checks a sweep file; an unknown key at any level is an error that names the nearest. */
export async function readRequest(file: string): Promise<v.InferInput<typeof experimentRequestSchema>> {
  const problem = (code: string, message: string, fix: string) => new ProblemError({ kind: 'config', code, message, where: file, fix });
  let raw: unknown;
  try {
    raw = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw problem('sweep.unreadable', error instanceof Error ? error.message : String(error), 'Check that the file exists and is YAML');
  }
  refuseUnknown(raw, Object.keys(experimentRequestSchema.entries), 'keys of a sweep', problem);
  if (isRecord(raw)) {
    refuseUnknown(raw['budget'], Object.keys(budgetSchema.entries), 'keys of budget', problem);
    if (Array.isArray(raw['models']))
      for (const model of raw['models']) refuseUnknown(model, Object.keys(modelChoiceSchema.entries), 'keys of a model', problem);
  }
  const result = v.safeParse(experimentRequestSchema, raw);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw problem('sweep.form', `${v.getDotPath(issue) ?? 'file'}: ${issue.message}`, 'See the example in the README');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseUnknown(
  value: unknown,
  known: readonly string[],
  what: string,
  problem: (code: string, message: string, fix: string) => Error,
): void {
  if (!isRecord(value)) return;
  for (const key of Object.keys(value))
    if (!known.includes(key)) throw problem('sweep.unknown-key', unknownKey(key, known, what), 'Remove or rename the key');
}
