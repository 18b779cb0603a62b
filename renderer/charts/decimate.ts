/**
 * Fewer points without losing a spike: per pixel bucket the smallest and the largest value stay, in their order. First and
 * last point always stay. Used before ECharts sees a series (studio.md section 7: at most two points a pixel column).
 */
export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** [x, y] pairs of at most about 2 × `buckets` points inside [from, to]; one neighbour outside each end keeps the line whole. Non-finite values stay as gaps (NaN). */
export function decimate(points: Points, buckets: number, from = -Infinity, to = Infinity): [number, number][] {
  const { x, y } = points;
  let first = 0;
  let last = x.length - 1;
  while (first < last && x[first + 1]! < from) first++;
  while (last > first && x[last - 1]! > to) last--;
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
