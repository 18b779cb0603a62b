import type { Histogram } from '#contract/dataset.ts';

/** Equal bins from `from` (default the smallest value) to the largest value. Non-finite values are left out. */
export function linearHistogram(values: ArrayLike<number>, bins: number, from?: number): Histogram {
  let low = from ?? Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (high === -Infinity) return { scale: 'linear', edges: [0, 1], counts: [0] };
  if (high <= low) high = low + (low === 0 ? 1 : Math.abs(low));
  const edges = Array.from({ length: bins + 1 }, (_, b) => low + ((high - low) * b) / bins);
  return { scale: 'linear', edges, counts: countInto(values, edges) };
}

/**
 * Bins of counts (integers from 0): one bin per value up to `fine`, then bins that double. Edges are integers, so a bin reads
 * "from a to b−1".
 */
export function countHistogram(values: ArrayLike<number>, fine: number): Histogram {
  let high = 0;
  for (let i = 0; i < values.length; i++) high = Math.max(high, values[i]!);
  const edges = [0];
  const growth = high <= fine ? 1 : (high / fine) ** (1 / 12);
  while (edges[edges.length - 1]! <= high) {
    const last = edges[edges.length - 1]!;
    edges.push(last < fine ? last + 1 : Math.max(last + 1, Math.ceil(last * growth)));
  }
  return { scale: high <= fine ? 'linear' : 'log', edges, counts: countInto(values, edges) };
}

function countInto(values: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    let low = 0;
    let high = counts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (edges[middle]! <= value) low = middle;
      else high = middle - 1;
    }
    counts[low]! += 1;
  }
  return counts;
}
