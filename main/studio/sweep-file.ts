/** Sweep files: an experiment as a person writes it, in YAML or JSON. */
import * as v from 'valibot';
import { parse } from 'yaml';
import { evaluationSchema } from '#contract/evaluation.ts';
import { experimentRequestSchema, modelChoiceSchema, type ParsedExperimentRequest } from '#contract/experiment.ts';
import { externalId } from '#contract/external.ts';
import { ProblemError } from '#contract/problem.ts';
import { budgetSchema } from '#contract/run.ts';
import { searchRangeSchema, searchSchema, strategies } from '#contract/search.ts';
import { budgetKeys } from './sweep-text.ts';
import { unknownKey } from './nearest.ts';

/** True for a text whose keys are those of an experiment, whatever is wrong with them: models, and datasets or seeds. */
export function isSweep(text: string): boolean {
  // Most files have no such key, and reading megabytes of another as YAML would keep everybody waiting for seconds.
  if (!/models["']?\s*:/.test(text)) return false;
  try {
    const keys = Object.keys((parse(text) as object | null) ?? {});
    return keys.includes('models') && (keys.includes('datasets') || keys.includes('seeds'));
  } catch {
    return /^models:/m.test(text) && /^(?:datasets|seeds):/m.test(text);
  }
}

/** What is wrong with a sweep file, and what to write instead. */
export function sweepProblem(where: string, code: string, message: string, fix: string): ProblemError {
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
    throw problem('sweep.unreadable', first.replace(/:$/, ''), 'The file must be YAML or JSON');
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
