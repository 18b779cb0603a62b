/** How the curves of a comparison are laid out: over epochs, steps or training time, smoothed, on a log scale, without outliers. Pure. */
import type { CurveLayout } from '#contract/figure-recipe.ts';
import type { Curves } from '#contract/table.ts';
import type { Steps } from '#contract/steps.ts';
import type { ChartAxis, LineChartSpec } from '#renderer/charts/line.ts';
import { epochAxis } from '#renderer/charts/run-curves.ts';
import { niceTicks } from '#renderer/charts/ticks.ts';
import { count, duration } from '#renderer/locales/format.ts';

type Curve = Curves['curves'][number];
type Series = Curve['mean'];

export type { CurveLayout };

export const plainLayout: CurveLayout = { axis: 'epoch', smoothing: 1, log: false, clips: false };

/** Whether its epochs were timed: what another tool recorded may not be. */
export const isTimed = ({ seconds, mean }: Curve): boolean => seconds.values.length > 0 && seconds.values.length >= mean.values.length;

/** Whether it has places on an axis: those without are left out of it. */
export function standsOn(curve: Curve, axis: CurveLayout['axis']): boolean {
  if (axis === 'time') return isTimed(curve);
  return axis === 'epoch' || curve.steps.state !== 'unknown';
}

/** Where the points of a series stand: its epochs, the steps or the seconds trained up to the end of each. */
export function placesOf(curve: Curve, series: Series, axis: CurveLayout['axis']): Int32Array | Float64Array {
  if (axis === 'epoch') return series.epochs;
  if (axis === 'step') return stepPlaces(series.epochs, curve.steps);
  const { epochs, values } = curve.seconds;
  const places = new Float64Array(series.epochs.length);
  let total = 0;
  let next = 0;
  for (let at = 0; at < places.length; at++) {
    while (next < epochs.length && epochs[next]! <= series.epochs[at]!) total += values[next++]!;
    places[at] = total;
  }
  return places;
}

/** Steps taken by the end of each epoch; of a log that counts steps its own. Nothing where they are not known. */
function stepPlaces(epochs: Int32Array, steps: Steps): Int32Array | Float64Array {
  switch (steps.state) {
    case 'known':
      return Float64Array.from(epochs, (epoch) => epoch * steps.perEpoch);
    case 'logged':
      return epochs;
    case 'unknown':
      return new Float64Array(epochs.length).fill(Number.NaN);
  }
}

/** The last place of a curve. */
export function endOf(curve: Curve, axis: CurveLayout['axis']): number {
  const places = placesOf(curve, curve.mean, axis);
  return places[places.length - 1] ?? 0;
}

/** The epoch a curve is in at a place of the axis; undefined where it has ended, or not begun. */
export function epochAt(curve: Curve, place: number, axis: CurveLayout['axis']): number | undefined {
  if (axis === 'epoch') return place;
  const places = placesOf(curve, curve.mean, axis);
  if (place > (places[places.length - 1] ?? 0)) return undefined;
  let at = -1;
  while (at + 1 < places.length && places[at + 1]! <= place) at++;
  return curve.mean.epochs[at];
}

/** The axis from the start to the last place of any curve. */
export function placeAxis(last: number, axis: CurveLayout['axis']): ChartAxis {
  if (axis === 'epoch') return epochAxis(last);
  if (axis === 'step') return stepAxis(last);
  const max = Math.max(1, last * 1.04);
  return { min: 0, max, ticks: niceTicks(0, max, 4), format: (seconds) => (seconds === 0 ? '0' : duration(seconds)) };
}

/** From 0 to a little beyond the last step. */
function stepAxis(last: number): ChartAxis {
  const max = Math.max(10, Math.ceil(last * 1.04));
  return { min: 0, max, ticks: niceTicks(0, max, 4, true), format: count };
}

/** The same chart over steps in place of epochs: every place is so many times as far. */
export function overSteps(spec: LineChartSpec, perEpoch: number): LineChartSpec {
  const { min = 0, max = 0 } = spec.x ?? {};
  const [from, to] = [min * perEpoch, max * perEpoch];
  const { patience, cursor, marks } = spec;
  return {
    ...spec,
    lines: spec.lines.map((line) => ({
      ...line,
      points: { ...line.points, x: Float64Array.from(line.points.x, (epoch) => epoch * perEpoch) },
      ...(line.best === undefined ? {} : { best: { ...line.best, x: line.best.x * perEpoch } }),
    })),
    x: { ...spec.x, min: from, max: to, ticks: niceTicks(from, to, 4, true), format: count },
    ...(patience === undefined ? {} : { patience: { from: patience.from * perEpoch, to: patience.to * perEpoch } }),
    ...(cursor === undefined ? {} : { cursor: cursor * perEpoch }),
    ...(marks === undefined ? {} : { marks: marks.map((mark) => ({ ...mark, x: mark.x * perEpoch })) }),
  };
}

/** All but the outermost two hundredths at either end, for an axis that a first epoch or a spike should not stretch. */
export function withoutOutliers(values: readonly ArrayLike<number>[]): readonly ArrayLike<number>[] {
  const sorted = values.flatMap((list) => Array.from(list).filter(Number.isFinite)).sort((a, b) => a - b);
  const cut = Math.floor(sorted.length * 0.02);
  return [sorted.slice(cut, sorted.length - cut)];
}
