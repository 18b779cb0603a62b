/**
 * Fewer points without losing a spike: per pixel bucket the smallest and the largest value stay, in their order. First and
 * last point always stay. Used before ECharts sees a series (studio.md section 7: at most two points a pixel column).
 */
import { firstAtLeast } from './zoom.ts';

export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** [x, y] pairs, x rising, of at most about 2 × `buckets` points inside [from, to]; one neighbour outside each end keeps the line whole. Non-finite values stay as gaps (NaN). */
export function decimate(points: Points, buckets: number, from = -Infinity, to = Infinity): [number, number][] {
  const { x, y } = points;
  const first = Math.max(0, firstAtLeast(x, from) - 1);
  let last = firstAtLeast(x, to);
  // The neighbour beyond the end, or the point that lies on it.
  while (last < x.length && x[last]! <= to) last++;
  last = Math.max(first, Math.min(last, x.length - 1));
  const total = last - first + 1;
  const out: [number, number][] = [];
  if (x.length === 0) return out;
  if (total <= buckets * 2 || buckets < 1) {
    for (let index = first; index <= last; index++) out.push([x[index]!, y[index]!]);
    return out;
  }
  const low = x[first]!;
  const width = (x[last]! - low) / buckets || 1;
  const push = (index: number) => out.push([x[index]!, y[index]!]);
  push(first);
  let index = first + 1;
  while (index < last) {
    const bucket = Math.floor((x[index]! - low) / width);
    let smallest = index;
    let largest = index;
    let gap = -1;
    while (index < last && Math.floor((x[index]! - low) / width) === bucket) {
      const value = y[index]!;
      if (Number.isNaN(value)) gap = index;
      else {
        if (!(value >= y[smallest]!)) smallest = index;
        if (!(value <= y[largest]!)) largest = index;
      }
      index++;
    }
    for (const kept of [...new Set([smallest, largest, ...(gap >= 0 ? [gap] : [])])].sort((a, b) => a - b)) push(kept);
  }
  push(last);
  return out;
}

/** The last answer for a series: a cross-hair redraws the chart with every move of the pointer, and its points are the same. */
const known = new WeakMap<object, { readonly x: ArrayLike<number>; readonly asked: string; readonly drawn: [number, number][] }>();

/** {@link decimate}, looked up where the same was asked of the same arrays last. */
export function decimated(points: Points, buckets: number, from = -Infinity, to = Infinity): [number, number][] {
  const asked = `${buckets} ${from} ${to}`;
  const last = known.get(points.y);
  if (last !== undefined && last.x === points.x && last.asked === asked) return last.drawn;
  const drawn = decimate(points, buckets, from, to);
  known.set(points.y, { x: points.x, asked, drawn });
  return drawn;
}
