/** Series of a live run, grown by what arrives. Pure; arrays are replaced whole, so Svelte sees a change by identity. */
import type { ConsoleLine, Series } from '#contract/run.ts';
import { firstAtLeast } from '#renderer/charts/zoom.ts';

export type SeriesMap = ReadonlyMap<string, Series>;

export const seriesId = (series: Pick<Series, 'key' | 'stage'>): string => `${series.stage}/${series.key}`;

/** Joins what is known with what arrived: epochs repeated by a later attempt replace the earlier ones and all that followed them. */
export function mergeSeries(known: SeriesMap, arrived: readonly Series[]): SeriesMap {
  const next = new Map(known);
  for (const series of arrived) {
    const id = seriesId(series);
    const old = next.get(id);
    const first = series.epochs[0];
    if (first === undefined) {
      if (old === undefined) next.set(id, series);
      continue;
    }
    const keep = old === undefined ? 0 : firstAtLeast(old.epochs, first);
    if (old === undefined || keep === 0) {
      next.set(id, series);
      continue;
    }
    const epochs = new Int32Array(keep + series.epochs.length);
    epochs.set(old.epochs.subarray(0, keep));
    epochs.set(series.epochs, keep);
    const values = new Float64Array(keep + series.values.length);
    values.set(old.values.subarray(0, keep));
    values.set(series.values, keep);
    next.set(id, { ...old, ...series, epochs, values });
  }
  return next;
}

/** The series of a key in a stage, or undefined. */
export const seriesOf = (known: SeriesMap, stage: string, key: string): Series | undefined => known.get(`${stage}/${key}`);

/** The stages that have any series, in order of arrival, the training itself last. */
export function stagesOf(known: SeriesMap): readonly string[] {
  const stages = [...new Set([...known.values()].map((series) => series.stage))];
  return [...stages.filter((stage) => stage !== 'train'), ...stages.filter((stage) => stage === 'train')];
}

/** Pairs [epoch, value] for a chart. */
export function points(series: Series | undefined): readonly (readonly [number, number])[] {
  if (series === undefined) return [];
  return Array.from(series.epochs, (epoch, index) => [epoch, series.values[index] ?? Number.NaN] as const);
}

/**
 * Exponential smoothing, α 0.35 on the new value, corrected for its start (as if the first values had full weight). Gaps stay gaps.
 * Only for the eye: nothing is selected or reported from it.
 */
export function smooth(values: Float64Array, alpha = 0.35): Float64Array {
  const result = new Float64Array(values.length);
  let mean = 0;
  let weight = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      result[index] = Number.NaN;
      continue;
    }
    mean = (1 - alpha) * mean + alpha * value;
    weight = (1 - alpha) * weight + alpha;
    result[index] = mean / weight;
  }
  return result;
}

/** The last lines a page holds; the whole console is on disk. */
export const consoleLimit = 2000;

/** Appends lines. A reconnected stream begins again with what is known: where the first arrival is a known line, it continues from there. */
export function mergeLines(known: readonly ConsoleLine[], arrived: readonly ConsoleLine[]): readonly ConsoleLine[] {
  const first = arrived[0];
  if (first === undefined) return known;
  const at = known.findIndex(
    (line, index) =>
      arrived.length >= known.length - index &&
      sameLine(line, first) &&
      known.slice(index).every((own, step) => sameLine(own, arrived[step])),
  );
  return [...(at < 0 ? known : known.slice(0, at)), ...arrived].slice(-consoleLimit);
}

function sameLine(a: ConsoleLine, b: ConsoleLine | undefined): boolean {
  return b !== undefined && a.at === b.at && a.text === b.text && a.level === b.level;
}

/** Lines of the wished levels that hold every word searched, case ignored. */
export function filterLines(lines: readonly ConsoleLine[], search: string, level: 'all' | 'warn' | 'error'): readonly ConsoleLine[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return lines.filter((line) => {
    if (level === 'error' && line.level !== 'error') return false;
    if (level === 'warn' && line.level === 'info') return false;
    const text = line.text.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The value of a series at an epoch, or undefined. */
export function seriesAt(series: Series | undefined, epoch: number): number | undefined {
  const at = series === undefined ? -1 : firstAtLeast(series.epochs, epoch);
  return series?.epochs[at] === epoch ? series.values[at] : undefined;
}

/** The epoch of a series nearest to a place on its axis; undefined where it has none. */
export function nearestEpoch(series: Series | undefined, x: number): number | undefined {
  if (series === undefined || series.epochs.length === 0) return undefined;
  const at = firstAtLeast(series.epochs, x);
  const [before, after] = [series.epochs[at - 1], series.epochs[at]];
  if (before === undefined || after === undefined) return before ?? after;
  return x - before < after - x ? before : after;
}
