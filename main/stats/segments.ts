/*
 * User segments by train rows (protocol.md section 5): bounds are inclusive upper ends, the last segment is open.
 */

/** Index of the segment a user with this many train rows belongs to. */
export function segmentOf(rows: number, bounds: readonly number[]): number {
  const found = bounds.findIndex((bound) => rows <= bound);
  return found < 0 ? bounds.length : found;
}

/** "cold, 0", "sparse, 1 to 5", "6 to 10", "more than 50". */
export function segmentNames(bounds: readonly number[]): string[] {
  return Array.from({ length: bounds.length + 1 }, (_, at) => {
    const from = at === 0 ? 0 : bounds[at - 1]! + 1;
    const to = bounds[at];
    if (to === undefined) return `more than ${bounds[at - 1] ?? 0}`;
    const range = from === to ? String(to) : `${from} to ${to}`;
    return at === 0 && to === 0 ? 'cold, 0' : at === 1 && bounds[0] === 0 ? `sparse, ${range}` : range;
  });
}

/** Mean of the values in each segment, and how many they are; NaN where a segment is empty. */
export function segmentMeans(
  values: ArrayLike<number>,
  segments: ArrayLike<number>,
  count: number,
): { readonly mean: number; readonly n: number }[] {
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  for (let at = 0; at < values.length; at++) {
    sums[segments[at]!] = sums[segments[at]!]! + values[at]!;
    sizes[segments[at]!] = sizes[segments[at]!]! + 1;
  }
  return Array.from(sums, (sum, at) => ({ mean: sum / sizes[at]!, n: sizes[at]! }));
}
