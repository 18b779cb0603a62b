/** Long series for screens: a page draws some thousand points, however many there are, and no spike may be lost on the way. Pure. */
import type { Series } from '#contract/run.ts';

/** Points a page is sent of one series: more than any screen is wide. */
export const sentPoints = 8000;

/**
 * Of a series of more than `most` points the lowest and the highest value of each of `most` / 2 equal stretches of epochs, in their
 * order, with both ends and the epoch to `keep`; `of` says how many points it stands for. Shorter ones are as they were.
 */
export function thinned(series: Series, most = sentPoints, keep?: number): Series {
  const { epochs, values } = series;
  const count = epochs.length;
  if (count <= most) return series;
  const first = epochs[0]!;
  const width = (epochs[count - 1]! - first + 1) / Math.max(1, Math.floor(most / 2));
  const stretchOf = (at: number) => Math.floor((epochs[at]! - first) / width);
  const kept: number[] = [];
  const put = (at: number) => {
    if (kept[kept.length - 1] !== at) kept.push(at);
  };
  put(0);
  for (let at = 0; at < count;) {
    // Compared by its number and not by where it ends, which may round to the very point it begins with.
    const stretch = stretchOf(at);
    let [low, high, own] = [at, at, -1];
    for (; at < count && stretchOf(at) === stretch; at++) {
      if (values[at]! < values[low]!) low = at;
      if (values[at]! > values[high]!) high = at;
      if (epochs[at] === keep) own = at;
    }
    for (const index of [low, high, ...(own < 0 ? [] : [own])].sort((a, b) => a - b)) put(index);
  }
  put(count - 1);
  return {
    ...series,
    epochs: Int32Array.from(kept, (at) => epochs[at]!),
    values: Float64Array.from(kept, (at) => values[at]!),
    of: count,
  };
}

/** The part of a series between two epochs, with one neighbour beyond each end, so that a line reaches the edge of its chart. */
export function between(series: Series, from: number, to: number): Series {
  const { epochs, values } = series;
  let first = epochs.findIndex((epoch) => epoch >= from);
  if (first < 0) first = epochs.length;
  let last = first;
  while (last < epochs.length && epochs[last]! <= to) last++;
  const [start, end] = [Math.max(0, first - 1), Math.min(epochs.length, last + 1)];
  return { ...series, epochs: epochs.slice(start, end), values: values.slice(start, end) };
}
