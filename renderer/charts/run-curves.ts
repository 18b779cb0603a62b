/** The curves of one run, on a queue card and on its own page: what to draw, for the line chart. Pure. */
import type { Progress, RunSummary, Series } from '#contract/run.ts';
import { smooth } from '#renderer/state/live-series.ts';
import type { ChartAxis, ChartLine, LineChartSpec } from './line.ts';
import { logTicks, niceTicks } from './ticks.ts';
import { valuesIn, type Span } from './zoom.ts';

type Subject = Pick<RunSummary, 'model' | 'state' | 'bestEpoch' | 'stopReason' | 'epochs'> & {
  readonly progress?: Pick<Progress, 'bestEpoch' | 'misses' | 'patience' | 'minEpochs' | 'epoch'> | undefined;
};

/** True while a worker adds to the curve. */
export const isLive = (state: RunSummary['state']): boolean => state === 'running' || state === 'preparing';

function endOf(run: Subject): { end?: 'cap' | 'live' | 'cross' } {
  if (isLive(run.state)) return { end: 'live' };
  if (run.state === 'failed') return { end: 'cross' };
  return run.stopReason === 'early-stopping' ? { end: 'cap' } : {};
}

/** Epochs start at 1; a handful of them still get an axis wide enough to read. */
export function epochAxis(last: number): ChartAxis {
  const max = Math.max(10, Math.ceil(last * 1.04) + 1);
  return { min: 0, max, ticks: niceTicks(0, max, 4, true), format: String };
}

/** The axis of a metric or loss: its own range, lines only at round numbers, about `wanted` of them. */
export function valueAxis(values: readonly ArrayLike<number>[], log = false, wanted = 3): ChartAxis {
  const { min, max } = valueRange(values);
  if (min === undefined || max === undefined) return { format: axisNumber };
  if (!log) {
    const ticks = niceTicks(min, max, wanted);
    return { min, max, ticks, format: sameDecimals(ticks) };
  }
  const smallest = Math.min(...values.flatMap((list) => Array.from(list).filter((value) => value > 0 && Number.isFinite(value))));
  const [low, high] = [smallest / 1.6, max * 2.5];
  return { log: true, min: low, max: high, ticks: logTicks(low, high, 4), format: axisNumber };
}

/** A chart that shows a part of its epochs: its other axis spans what is to be seen there. */
export function withinSpan(spec: LineChartSpec, span: Span | undefined, wanted = 3): LineChartSpec {
  if (span === undefined) return spec;
  const { from, to } = span;
  const values = spec.lines.map((line) => valuesIn(line.points, span));
  const y = values.some(({ length }) => length > 0) ? valueAxis(values, spec.y?.log, wanted) : spec.y;
  return { ...spec, x: { ...spec.x, min: from, max: to, ticks: niceTicks(from, to, 4, true) }, y };
}

/** Where a failed run stopped, for both of its charts. */
function failureMark(run: Subject): Pick<LineChartSpec, 'marks'> {
  return run.state === 'failed' && run.epochs > 0
    ? { marks: [{ x: run.epochs, label: `failed at epoch ${run.epochs}`, tone: 'bad' }] }
    : {};
}

const lastEpoch = (series: Series | undefined): number => (series === undefined ? 0 : (series.epochs[series.epochs.length - 1] ?? 0));

/** The range of finite values with room for marks: 14 % above, 8 % below, never below zero for values that are not. */
export function valueRange(values: readonly ArrayLike<number>[]): { min?: number; max?: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const list of values) {
    for (let index = 0; index < list.length; index++) {
      const value = list[index] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return {};
  // Means of equal values differ in their last bits: that is no range to draw.
  const room = high - low > Math.abs(high) * 1e-9 ? high - low : Math.abs(high) || 1;
  const min = low - room * 0.08;
  return { min: low >= 0 ? Math.max(0, min) : min, max: high + room * 0.14 };
}

/** Words for an axis value: as many decimals as its size asks for. */
export function axisNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size >= 1e4 || size < 1e-4) return powerText(value);
  return String(Number(value.toPrecision(4)));
}

/** Words for the ticks of one axis: as many decimals as tell them apart, the same for all. */
export function sameDecimals(ticks: readonly number[]): (value: number) => string {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  if (largest >= 1e4 || largest < 1e-3) return axisNumber;
  const digits =
    Array.from({ length: 7 }, (_, count) => count).find((count) =>
      ticks.every((tick) => Math.abs(Number(tick.toFixed(count)) - tick) < 1e-9),
    ) ?? 6;
  return (value) => value.toFixed(digits);
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 1e7 → "10⁷", 2.5e-5 → "2.5 · 10⁻⁵". */
function powerText(value: number): string {
  const [factor = '', power = ''] = Number(value.toPrecision(3)).toExponential().split('e');
  const digits = power
    .replace('+', '')
    .replace('-', '⁻')
    .replace(/\d/g, (digit) => superscripts[Number(digit)] ?? digit);
  return factor === '1' ? `10${digits}` : `${factor} · 10${digits}`;
}

/** Training loss: the raw line at 35 % behind its smoothed one. `beside` is another run's loss, dashed. */
export function lossSpec(
  run: Subject,
  series: Series | undefined,
  options: { log?: boolean; beside?: { label: string; series: Series } } = {},
): LineChartSpec {
  const lines: ChartLine[] = [];
  if (series !== undefined) {
    lines.push({ id: 'raw', label: 'Training loss', points: { x: series.epochs, y: series.values }, model: run.model, opacity: 0.35 });
    // A failing loss jumps by orders of magnitude: smoothing would smear exactly what must be seen.
    // Nor are the extremes of stretches values that follow one another.
    if (options.log !== true && series.of === undefined)
      lines.push({
        id: 'smooth',
        label: 'Training loss, smoothed',
        points: { x: series.epochs, y: smooth(series.values) },
        model: run.model,
        ...endOf(run),
      });
    else lines[0] = { ...lines[0]!, opacity: 1, width: 2, ...endOf(run) };
  }
  if (options.beside !== undefined)
    lines.push({
      id: 'beside',
      label: options.beside.label,
      points: { x: options.beside.series.epochs, y: options.beside.series.values },
      colour: 'ink2',
      dash: 'dashed',
    });
  const last = Math.max(lastEpoch(series), lastEpoch(options.beside?.series));
  const first = series?.values[0];
  const final = series?.values[series.values.length - 1];
  return {
    lines,
    x: epochAxis(last),
    y: valueAxis(
      lines.map((line) => line.points.y),
      options.log,
    ),
    ...failureMark(run),
    summary:
      first === undefined || final === undefined
        ? 'Training loss: no epoch is finished yet'
        : `Training loss over ${last} epochs, from ${axisNumber(first)} to ${axisNumber(final)}`,
  };
}

/** What a curve keeps of its plot, whatever may still come: once it is longer than a few epochs. */
const leastShare = 0.6;
const mostAhead = 30;

/** The earliest epoch at which early stopping can end the run: misses count only after the smallest number of epochs. */
export function earliestStop(progress: Pick<Progress, 'misses' | 'patience' | 'minEpochs' | 'epoch'>): number {
  return Math.max(progress.epoch, progress.minEpochs) + progress.patience + 1 - progress.misses;
}

/** A validation metric: best epoch as a diamond with a drop line, the patience left as a tinted window, as far as the axis goes. */
export function validationSpec(
  run: Subject,
  series: Series | undefined,
  options: { label?: string; beside?: { label: string; series: Series } } = {},
): LineChartSpec {
  const label = options.label ?? 'Validation Recall@20';
  const bestEpoch = run.progress?.bestEpoch ?? run.bestEpoch;
  const at = series === undefined || bestEpoch === undefined ? -1 : series.epochs.indexOf(bestEpoch);
  const bestValue = at < 0 ? undefined : series?.values[at];
  const window =
    isLive(run.state) && run.progress !== undefined && bestEpoch !== undefined && bestValue !== undefined
      ? { from: bestEpoch, to: earliestStop(run.progress) }
      : undefined;
  const lines: ChartLine[] = [];
  if (series !== undefined) {
    const best = bestEpoch !== undefined && bestValue !== undefined ? { best: { x: bestEpoch, y: bestValue } } : {};
    lines.push({ id: 'validation', label, points: { x: series.epochs, y: series.values }, model: run.model, ...best, ...endOf(run) });
  }
  if (options.beside !== undefined)
    lines.push({
      id: 'beside',
      label: options.beside.label,
      points: { x: options.beside.series.epochs, y: options.beside.series.values },
      colour: 'ink2',
      dash: 'dashed',
    });
  const drawn = Math.max(lastEpoch(series), lastEpoch(options.beside?.series));
  return {
    lines,
    x: epochAxis(Math.max(drawn, Math.min(window?.to ?? 0, Math.max(drawn / leastShare, mostAhead)))),
    y: valueAxis(lines.map((line) => line.points.y)),
    ...(window === undefined ? {} : { patience: window }),
    ...failureMark(run),
    summary:
      bestValue === undefined || bestEpoch === undefined
        ? `${label}: not measured yet`
        : `${label} over ${lastEpoch(series)} epochs, best ${bestValue.toFixed(4)} at epoch ${bestEpoch}`,
  };
}

/** Any other series of a run: one plain line. */
export function plainSpec(run: Subject, series: Series | undefined, label: string): LineChartSpec {
  const lines: ChartLine[] =
    series === undefined ? [] : [{ id: label, label, points: { x: series.epochs, y: series.values }, model: run.model, ...endOf(run) }];
  return {
    lines,
    x: epochAxis(lastEpoch(series)),
    y: valueAxis(lines.map((line) => line.points.y)),
    summary:
      series === undefined
        ? `${label}: no epoch is finished yet`
        : `${label} over ${lastEpoch(series)} epochs, last ${axisNumber(series.values[series.values.length - 1] ?? Number.NaN)}`,
  };
}
