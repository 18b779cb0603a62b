/** The part of an axis that is shown, as numbers: made narrower, wider, moved, and the values inside it. Pure. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Part of `whole`, no narrower than `least`; undefined where it is the whole. */
export function clampedSpan({ from, to }: Span, whole: Span, least: number): Span | undefined {
  const width = Math.max(least, Math.min(to - from, whole.to - whole.from));
  if (width >= whole.to - whole.from) return undefined;
  const start = Math.min(Math.max(from, whole.from), whole.to - width);
  return { from: start, to: start + width };
}

/** Narrower (a factor below 1) or wider around `centre`, which keeps its place. */
export function zoomedSpan({ from, to }: Span, factor: number, centre = (from + to) / 2): Span {
  return { from: centre - (centre - from) * factor, to: centre + (to - centre) * factor };
}

/** Moved by a share of its width. */
export function movedSpan({ from, to }: Span, share: number): Span {
  const step = (to - from) * share;
  return { from: from + step, to: to + step };
}

/** Index of the first of rising numbers that is no smaller than `value`; their count where all are. */
export function firstAtLeast(rising: ArrayLike<number>, value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The values of points whose x lies in the span. */
export function valuesIn(points: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> }, { from, to }: Span): ArrayLike<number> {
  const [first, last] = [firstAtLeast(points.x, from), firstAtLeast(points.x, to + Number.EPSILON * Math.abs(to))];
  return points.y instanceof Float64Array ? points.y.subarray(first, last) : Array.from(points.y).slice(first, last);
}
