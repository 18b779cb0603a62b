/** Places of parallel coordinates: one axis a setting and one for what was reached, a line a run. Pure. */
import type { Parameters } from '#contract/parameters.ts';
import { decimalsOf } from '#contract/table-words.ts';

export interface ParallelAxis {
  readonly key: string;
  readonly x: number;
  readonly isNumber: boolean;
  readonly ticks: readonly { readonly y: number; readonly label: string }[];
  /** The range of values, for typed limits; words count from 1 in their order. */
  readonly low: number;
  readonly high: number;
}

/** A part of an axis that is kept; values as on the axis. */
export interface Limit {
  readonly low: number;
  readonly high: number;
}
export type Limits = Readonly<Record<string, Limit | undefined>>;

export interface ParallelRun {
  readonly id: string;
  readonly path: string;
  /** 0 worst … 1 best of the runs. */
  readonly merit: number;
  readonly isKept: boolean;
}

export interface Parallel {
  readonly axes: readonly ParallelAxis[];
  readonly runs: readonly ParallelRun[];
  readonly top: number;
  readonly bottom: number;
  /** Letters that fit between two axes. */
  readonly room: number;
}

/** The value of a run on an axis: the number itself, or the place of a word, from 1. */
export function axisValue(parameters: Parameters, run: Parameters['runs'][number], key: string): number {
  if (key === parameters.metric.key) return run.value;
  const parameter = parameters.parameters.find((candidate) => candidate.key === key)!;
  const value = run.settings[key]!;
  return parameter.isNumber ? Number(value) : parameter.values.indexOf(value) + 1;
}

/** What runs reached, with as many decimals as their size asks for. */
export function reachedText({ metric, runs }: Pick<Parameters, 'metric' | 'runs'>): (value: number) => string {
  const decimals = decimalsOf(
    metric.key,
    runs.map(({ value }) => value),
    4,
  );
  return (value) => value.toFixed(decimals);
}

/** Where the powers of an axis with a 0 begin, as a share of its height. */
const belowPowers = 0.12;
/** Labels closer than this would be written over one another. */
const tickRoom = 13;

/** The ends, and between them what has room. */
function apart<T extends { readonly y: number }>(ticks: readonly T[]): readonly T[] {
  const last = ticks[ticks.length - 1];
  let from: number | undefined;
  return ticks.filter((tick) => {
    const isFree = from === undefined || Math.abs(tick.y - from) >= tickRoom;
    const isShown = tick === last || (isFree && (from === undefined || Math.abs(tick.y - last!.y) >= tickRoom));
    if (isShown) from = tick.y;
    return isShown;
  });
}

export function parallel(
  parameters: Parameters,
  { limits, width, height }: { readonly limits: Limits; readonly width: number; readonly height: number },
): Parallel {
  const top = 40;
  const bottom = height - 16;
  const keys = [...parameters.parameters.map(({ key }) => key), parameters.metric.key];
  const reached = reachedText(parameters);
  const side = 56;
  const step = keys.length < 2 ? 0 : (width - 2 * side) / (keys.length - 1);
  const place =
    ({ low, high }: Pick<ParallelAxis, 'low' | 'high'>, least: number | undefined) =>
    (value: number) => {
      const foot = low === 0 ? belowPowers : 0;
      const scaled =
        least === undefined
          ? (value - low) / (high - low || 1)
          : value === 0
            ? 0
            : foot + ((1 - foot) * Math.log(value / least)) / Math.log(high / least);
      return bottom - scaled * (bottom - top);
    };
  const scales = keys.map((key, at) => {
    const parameter = parameters.parameters.find((candidate) => candidate.key === key);
    const values = parameters.runs.map((run) => axisValue(parameters, run, key));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    // Values over more than a hundredfold range were meant in powers; 0, which has none, stands below them.
    const least = Math.min(...values.filter((value) => value > 0));
    const isLog = parameter?.isNumber === true && low >= 0 && high / least >= 100;
    const y = place({ low, high }, isLog ? least : undefined);
    const marks =
      parameter === undefined ? [low, high] : parameter.values.map((value, index) => (parameter.isNumber ? Number(value) : index + 1));
    const shown = marks.length > 8 ? [marks[0]!, marks[marks.length - 1]!] : marks;
    const ticks = shown.map((value) => ({
      y: y(value),
      label: parameter === undefined ? reached(value) : parameter.isNumber ? String(value) : String(parameter.values[value - 1]),
    }));
    return { key, x: side + at * step, isNumber: parameter?.isNumber ?? true, ticks: apart(ticks), low, high, y };
  });
  const all = parameters.runs.map(({ value }) => value);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const runs = parameters.runs.map((run) => {
    const share = most === least ? 1 : (run.value - least) / (most - least);
    const isKept = scales.every(({ key }) => {
      const limit = limits[key];
      const value = axisValue(parameters, run, key);
      return limit === undefined || (value >= limit.low && value <= limit.high);
    });
    const path = scales.map(({ key, x, y }, at) => `${at === 0 ? 'M' : 'L'}${x} ${y(axisValue(parameters, run, key))}`).join('');
    return { id: run.id, path, merit: parameters.metric.better === 'higher' ? share : 1 - share, isKept };
  });
  const room = keys.length < 2 ? 40 : Math.max(5, Math.floor((step - 10) / 6.2));
  return { axes: scales.map(({ y: _y, ...axis }) => axis), runs, top, bottom, room };
}

/** The values between two heights of an axis, for a brush: those of its ticks or runs that lie inside. */
export function brushed(
  parameters: Parameters,
  drawn: Parallel,
  { key, from, to }: { readonly key: string; readonly from: number; readonly to: number },
  yOf: (run: Parameters['runs'][number]) => number,
): Limit | undefined {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  if (high - low < 4) return undefined;
  const inside = parameters.runs.filter((run) => yOf(run) >= low && yOf(run) <= high).map((run) => axisValue(parameters, run, key));
  const axis = drawn.axes.find((candidate) => candidate.key === key);
  if (axis === undefined) return undefined;
  return inside.length === 0 ? { low: Infinity, high: -Infinity } : { low: Math.min(...inside), high: Math.max(...inside) };
}

/** The height of a run on an axis, read from its path. */
export function heightOn(run: ParallelRun, axis: number): number {
  return Number(run.path.slice(1).split('L')[axis]?.split(' ')[1]);
}
