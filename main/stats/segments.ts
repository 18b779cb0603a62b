/* Means by segment. What the segments are stands in the contract (segments.ts). */

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
