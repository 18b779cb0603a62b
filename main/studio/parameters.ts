/** Settings of finished runs of one model on one dataset beside a validation metric or a formula. The seed is a replicate, no setting. */
import type * as v from 'valibot';
import type { Parameters, parametersRequestSchema } from '#contract/parameters.ts';
import { ProblemError } from '#contract/problem.ts';
import { permutationImportance } from '#stats/importance.ts';
import type { ComparedRun, ComparisonSource } from './compared-run.ts';
import { describeFormula, describeMetric } from './metric-names.ts';

/** Runs that importance looks at. */
const mostLooked = 400;

type Value = Parameters['parameters'][number]['values'][number];

/** @throws ProblemError table.empty, metric.unknown; runs.* where a formula cannot be read */
export function parametersOf(source: ComparisonSource, request: v.InferOutput<typeof parametersRequestSchema>): Parameters {
  const metric = request.formula === undefined ? describeMetric(request.metric) : describeFormula(request.formula);
  const isRecorded = ({ summary }: ComparedRun) => request.formula !== undefined || summary.validation?.[metric.key] !== undefined;
  const finished = source.runs(request.scope).filter((run) => run.summary.state === 'finished' && isRecorded(run));
  const models = counted(finished, ({ summary }) => summary.model);
  const model = models.find(([id]) => id === request.model)?.[0] ?? models[0]?.[0];
  const own = finished.filter(({ summary }) => summary.model === model);
  const datasets = counted(own, ({ summary }) => summary.dataset);
  const dataset = datasets.find(([id]) => id === request.dataset)?.[0] ?? datasets[0]?.[0];
  if (model === undefined || dataset === undefined)
    throw new ProblemError({
      kind: 'config',
      code: 'table.empty',
      message: 'No run in this comparison has finished yet',
      fix: 'Wait for a run to finish, or choose other runs',
    });
  const all = own.filter(({ summary }) => summary.dataset === dataset);
  const values =
    request.formula === undefined ? all.map(({ summary }) => summary.validation![metric.key]!) : (source.formula?.(metric.key, all) ?? []);
  const runs = all.flatMap((run, at) => {
    const value = values[at];
    return value === undefined ? [] : [{ id: run.summary.id, seed: run.config.seed, settings: settingsOf(run), value }];
  });
  const keys = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  const setIn = (key: string) => runs.filter(({ settings }) => settings[key] !== undefined).length;
  // Set in some runs alone, a single value tells runs apart too.
  const partial = keys.flatMap((key) => (setIn(key) < runs.length ? [{ key, runs: setIn(key) }] : []));
  const parameters = keys.flatMap((key) => {
    const values = [...new Set(runs.flatMap(({ settings }) => settings[key] ?? []))];
    const isNumber = values.every((value) => typeof value === 'number');
    if (values.length < 2 || setIn(key) < runs.length) return [];
    return [{ key, isNumber, values: isNumber ? [...values].sort((a, b) => Number(a) - Number(b)) : values }];
  });
  // The newest where there are many: the forest grows on the studio's own thread.
  const looked = runs.slice(-mostLooked);
  const rows = looked.map(({ settings }) => parameters.map(({ key, values }) => values.indexOf(settings[key]!)));
  const reached = looked.map(({ value }) => value);
  const importance = parameters.length === 0 ? undefined : permutationImportance(rows, reached, steady());
  return {
    metric,
    models: models.map(([id, count]) => ({ id, title: source.modelTitle(id), runs: count })),
    datasets: datasets.map(([id]) => ({ id, name: own.find(({ summary }) => summary.dataset === id)!.summary.datasetName })),
    model,
    dataset,
    parameters,
    partial,
    runs,
    missing: all.length - runs.length,
    ...(importance === undefined ? {} : { importance: { runs: looked.length, of: importance.map((entry) => ({ ...entry })) } }),
  };
}

function settingsOf({ config: { hyper, budget } }: ComparedRun): Record<string, Value> {
  const entries = Object.entries({ ...budget, ...hyper });
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}

/** Keys by how many runs have them, most first. */
function counted(runs: readonly ComparedRun[], read: (run: ComparedRun) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(read(run), (counts.get(read(run)) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** The same draws each time, so that the same runs have the same importance (mulberry32). */
function steady(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
