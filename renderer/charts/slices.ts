/** Places of configuration slices: for each setting a small plot of what runs reached at each of its values, with the mean of each value. Pure. */
import type { Parameters } from '#contract/parameters.ts';
import { axisValue } from './parallel.ts';
import { niceTicks } from './ticks.ts';

export interface Slice {
  readonly key: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly dots: readonly { readonly id: string; readonly x: number; readonly y: number }[];
  /** SVG path through the means, and each mean. */
  readonly line: string;
  readonly means: readonly { readonly value: string; readonly mean: number; readonly n: number; readonly x: number; readonly y: number }[];
  readonly yTicks: readonly { readonly y: number; readonly label: string }[];
}

const cell = { width: 260, height: 180, left: 44, bottom: 28, top: 26, right: 12 };

/** All slices in a grid as wide as `width`; values of a setting stand evenly in their order, so that a logarithmic grid reads as one. */
export function slices(
  parameters: Parameters,
  kept: ReadonlySet<string>,
  width: number,
): { readonly slices: readonly Slice[]; readonly height: number } {
  const columns = Math.max(1, Math.min(parameters.parameters.length, Math.floor(width / cell.width)));
  const wide = width / columns;
  const runs = parameters.runs.filter(({ id }) => kept.has(id));
  const all = runs.map(({ value }) => value);
  const [least, most] = all.length === 0 ? [0, 1] : [Math.min(...all), Math.max(...all)];
  const room = (most - least || Math.abs(most) || 1) * 0.08;
  const [low, high] = [least - room, most + room];
  const found = parameters.parameters.map(({ key, values, isNumber }, at) => {
    const left = (at % columns) * wide;
    const top = Math.floor(at / columns) * cell.height;
    const y = (value: number) => top + cell.height - cell.bottom - ((value - low) / (high - low)) * (cell.height - cell.top - cell.bottom);
    const step = (wide - cell.left - cell.right) / values.length;
    const x = (place: number) => left + cell.left + step * (place + 0.5);
    const placeOf = (run: (typeof runs)[number]) =>
      isNumber ? values.findIndex((value) => value === run.settings[key]) : axisValue(parameters, run, key) - 1;
    const means = values.flatMap((value, place) => {
      const own = runs.filter((run) => placeOf(run) === place).map((run) => run.value);
      if (own.length === 0) return [];
      const mean = own.reduce((sum, one) => sum + one, 0) / own.length;
      return [{ value: String(value), mean, n: own.length, x: x(place), y: y(mean) }];
    });
    return {
      ...{ key, left, top, width: wide, height: cell.height, means },
      dots: runs.map((run) => ({ id: run.id, x: x(placeOf(run)), y: y(run.value) })),
      line: means.map((mean, index) => `${index === 0 ? 'M' : 'L'}${mean.x} ${mean.y}`).join(''),
      yTicks: niceTicks(low, high, 3).map((tick) => ({ y: y(tick), label: String(Number(tick.toPrecision(4))) })),
    };
  });
  return { slices: found, height: Math.ceil(parameters.parameters.length / columns) * cell.height };
}

/** Where lines of a slice begin and end. */
export const sliceInsets = { left: cell.left, right: cell.right, bottom: cell.bottom };
