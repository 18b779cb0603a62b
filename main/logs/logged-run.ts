/** A run as its tool recorded it becomes one as it is stored: metrics matched, steps in order, one number of each, named by its content. */
import { createHash, type Hash } from 'node:crypto';
import type { FoundRun, Imported, LoggedRun, LogSeries, LogTool } from '#contract/log-import.ts';
import type { RawMetric, RawRun, RawValue } from './log-format.ts';
import { readMetricName } from './metric-names.ts';

const largestStep = 2 ** 31 - 1;
/** The validation metric whose highest value marks the best step, as in runs of ours. */
const selection = 'recall@20';

export function loggedRun(tool: LogTool, raw: RawRun): LoggedRun {
  const left = { steps: 0, values: 0 };
  const series = matched(raw.metrics, left);
  const remarks = [
    ...(raw.remarks ?? []),
    ...(left.values === 0 ? [] : [`${left.values} ${left.values === 1 ? 'point is' : 'points are'} not a finite number and left out`]),
    ...(left.steps === 0
      ? []
      : [`${left.steps} ${left.steps === 1 ? 'point has a step' : 'points have steps'} below 0 or beyond ${largestStep} and left out`]),
  ];
  const best = raw.bestStep ?? bestOf(series);
  const seed = seedOf(raw.settings);
  const model = raw.model ?? namedIn(raw.settings, ['model', 'model_name', 'modelname', 'algorithm', 'recommender']);
  const dataset = raw.dataset ?? namedIn(raw.settings, ['dataset', 'dataset_name', 'data_name']);
  const { startedAt, endedAt, note } = raw;
  return {
    origin: { tool, name: raw.name, source: raw.source, hash: hashOf(tool, raw, series), steps: placesOf(tool, raw), remarks },
    ...(model === undefined || model === '' ? {} : { model }),
    ...(dataset === undefined || dataset === '' ? {} : { dataset }),
    ...(seed === undefined ? {} : { seed }),
    state: raw.state ?? 'finished',
    ...(startedAt === undefined ? {} : { startedAt: Math.round(startedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: Math.round(endedAt) }),
    settings: { ...raw.settings },
    series,
    values: valuesOf(series, best, raw.stated ?? {}),
    steps: series.reduce((most, { steps }) => Math.max(most, steps[steps.length - 1] ?? 0), 0),
    ...(best === undefined ? {} : { bestStep: best }),
    ...(note === undefined || note === '' ? {} : { note }),
    tags: [...(raw.tags ?? [])],
  };
}

/** MMRec, RecBole and Elliot write a line an epoch; the others have steps, where they were given any. */
function placesOf(tool: LogTool, { metrics }: RawRun): NonNullable<Imported['steps']> {
  if (tool === 'mmrec' || tool === 'recbole' || tool === 'elliot') return 'epochs';
  return metrics.some(({ hasNoSteps }) => hasNoSteps === true) ? 'unknown' : 'logged';
}

/** What the preview shows of a run. */
export function foundRun({ origin, model, dataset, state, settings, series }: LoggedRun): FoundRun {
  const { tool, name, source, hash, remarks } = origin;
  return {
    tool,
    name,
    source,
    hash,
    ...(model === undefined ? {} : { model }),
    ...(dataset === undefined ? {} : { dataset }),
    state,
    settings,
    metrics: series.map(({ name: own, part, metric, steps }) => ({
      name: own,
      part,
      ...(metric === undefined ? {} : { metric }),
      points: steps.length,
    })),
    remarks,
  };
}

function matched(metrics: readonly RawMetric[], left: { steps: number; values: number }): LogSeries[] {
  const taken = new Set<string>();
  return metrics.flatMap((metric): LogSeries[] => {
    const points = new Map<number, number>();
    for (const [at, step] of metric.steps.entries()) {
      const value = metric.values[at]!;
      if (!Number.isFinite(value)) left.values += 1;
      else if (!Number.isInteger(step) || step < 0 || step > largestStep) left.steps += 1;
      else points.set(step, value);
    }
    if (points.size === 0) return [];
    let read = readMetricName(metric.name);
    // Two names for one of ours: the second keeps its own.
    if (taken.has(read.key)) read = { part: read.part === 'unnamed' ? 'other' : read.part, key: metric.name };
    taken.add(read.key);
    const steps = Int32Array.from(points.keys()).sort();
    return [{ name: metric.name, ...read, steps, values: Float64Array.from(steps, (step) => points.get(step)!) }];
  });
}

/** Series that runs of ours have too. */
const isOurs = (key: string) => ['loss', 'learning-rate', 'train-seconds', 'evaluation-seconds'].includes(key) || key.startsWith('loss/');

function bestOf(series: readonly LogSeries[]): number | undefined {
  const watched = series.find(({ key }) => key === selection);
  if (watched === undefined) return undefined;
  // Of equal values the first, as training stops looking there.
  let best = 0;
  for (let at = 1; at < watched.values.length; at++) if (watched.values[at]! > watched.values[best]!) best = at;
  return watched.steps[best];
}

/** Validation and test at the best step; where there is none, and for all other metrics, the last value. What the tool states goes before. */
function valuesOf(series: readonly LogSeries[], best: number | undefined, stated: Readonly<Record<string, number>>): LoggedRun['values'] {
  const found = new Map<string, LoggedRun['values'][number]>();
  const put = (part: LoggedRun['values'][number]['part'], key: string, value: number) => found.set(`${part} ${key}`, { part, key, value });
  for (const { metric, part, key, steps, values } of series) {
    const at = metric === undefined || best === undefined ? -1 : steps.indexOf(best);
    const value = values[at === -1 ? values.length - 1 : at]!;
    if (metric !== undefined) put(part === 'test' ? 'test' : 'validation', metric, value);
    else if (!isOurs(key)) put('log', key, value);
  }
  for (const [name, value] of Object.entries(stated)) {
    if (!Number.isFinite(value)) continue;
    const { metric, part } = readMetricName(name);
    if (metric === undefined) put('log', name, value);
    else put(part === 'test' ? 'test' : 'validation', metric, value);
  }
  return [...found.values()];
}

/** A setting that is a short name. */
function namedIn(settings: Readonly<Record<string, RawValue>>, keys: readonly string[]): string | undefined {
  for (const [key, value] of Object.entries(settings))
    if (keys.includes(key.toLowerCase()) && typeof value === 'string' && value.trim() !== '' && value.length <= 60) return value.trim();
  return undefined;
}

function seedOf(settings: Readonly<Record<string, RawValue>>): number | undefined {
  for (const key of ['seed', 'random_seed', 'random_state']) {
    const value = settings[key];
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 2 ** 48 && value !== '') return number;
  }
  return undefined;
}

/** Equal for the same run wherever its files lie and whatever its folder is called. */
function hashOf(tool: LogTool, { settings, startedAt, stated, state }: RawRun, series: readonly LogSeries[]): Imported['hash'] {
  const hash = createHash('sha256');
  const plain = (value: Readonly<Record<string, RawValue>>) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(JSON.stringify([tool, state ?? null, startedAt ?? null, plain(settings), plain(stated ?? {})]));
  for (const one of [...series].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(JSON.stringify([one.name, one.steps.length]));
    update(hash, one.steps);
    update(hash, one.values);
  }
  return hash.digest('hex');
}

const update = (hash: Hash, array: Int32Array | Float64Array) => hash.update(Buffer.from(array.buffer, array.byteOffset, array.byteLength));
