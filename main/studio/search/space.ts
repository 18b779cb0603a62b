/** What a search varies: its dimensions, and points in them. Pure. */
import type { HyperValue } from '#contract/model-card.ts';
import { below, type Draws } from './draws.ts';

export type Dimension =
  | { readonly key: string; readonly kind: 'choice'; readonly values: readonly HyperValue[] }
  | {
      readonly key: string;
      readonly kind: 'range';
      readonly from: number;
      readonly to: number;
      readonly scale: 'linear' | 'log';
      /** Whole numbers only, both ends included. */
      readonly whole: boolean;
    };
export type Range = Extract<Dimension, { kind: 'range' }>;

export type Space = readonly Dimension[];
export type Point = Readonly<Record<string, HyperValue>>;

/** Equal points have equal text. */
export function pointKey(space: Space, point: Point): string {
  return JSON.stringify(space.map(({ key }) => point[key]));
}

/** How many points there are; infinite with a range of fractions. */
export function sizeOf(space: Space): number {
  return space.reduce((size, dimension) => size * countOf(dimension), 1);
}

function countOf(dimension: Dimension): number {
  if (dimension.kind === 'choice') return new Set(dimension.values).size;
  return dimension.whole ? Math.floor(dimension.to) - Math.ceil(dimension.from) + 1 : Number.POSITIVE_INFINITY;
}

/** The points of a space of lists in grid order, the last dimension changing fastest. */
export function gridPoint(space: Space, index: number): Point | undefined {
  let rest = index;
  const entries: [string, HyperValue][] = [];
  for (const dimension of [...space].reverse()) {
    const values = valuesOf(dimension);
    entries.unshift([dimension.key, values[rest % values.length]!]);
    rest = Math.floor(rest / values.length);
  }
  return rest > 0 ? undefined : Object.fromEntries(entries);
}

function valuesOf(dimension: Dimension): readonly HyperValue[] {
  if (dimension.kind === 'choice') return [...new Set(dimension.values)];
  if (!dimension.whole) throw new Error(`the range of ${dimension.key} has no end of values`);
  const first = Math.ceil(dimension.from);
  return Array.from({ length: Math.floor(dimension.to) - first + 1 }, (_, index) => first + index);
}

/** The edges of a range on the scale it is drawn on; whole numbers reach half a step further, so that the outer ones are as likely. */
export function edges({ from, to, scale, whole }: Range): { readonly low: number; readonly high: number } {
  const [low, high] = whole ? [Math.ceil(from) - 0.5, Math.floor(to) + 0.5] : [from, to];
  return scale === 'log' ? { low: Math.log(low), high: Math.log(high) } : { low, high };
}

/** A value of a range from a place on its scale: whole where it must be, else with four digits, as a person would write it. */
export function valueAt(range: Range, place: number): number {
  const raw = range.scale === 'log' ? Math.exp(place) : place;
  const value = range.whole ? Math.round(raw) : Number(raw.toPrecision(4));
  const [low, high] = range.whole ? [Math.ceil(range.from), Math.floor(range.to)] : [range.from, range.to];
  return Math.min(high, Math.max(low, value));
}

/** Uniform over lists, whole numbers and ranges, on a logarithmic scale where the dimension says so. */
export function drawPoint(space: Space, draws: Draws): Point {
  return Object.fromEntries(
    space.map((dimension): [string, HyperValue] => {
      if (dimension.kind === 'choice') return [dimension.key, dimension.values[below(draws, dimension.values.length)]!];
      const { low, high } = edges(dimension);
      return [dimension.key, valueAt(dimension, low + draws.uniform() * (high - low))];
    }),
  );
}
