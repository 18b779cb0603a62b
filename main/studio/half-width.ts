/** How small a difference a number of seeds can show, told before the runs start (protocol.md section 8). */

/** 97.5 % quantiles of Student's t for 1 … 30 degrees of freedom. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
  2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Sample sd of three seeds of one configuration, Recall@20, for splits whose noise is published (protocol.md section 8, by split hash). */
const publishedNoise: Readonly<Record<string, number>> = {
  ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df: 0.0009,
  '66f4562da905d5a376c7348d93c11c0abcb79a010ca01889f917eabbfc136570': 0.0014,
  '69163ed44aae4a6ec6c95ce5699d7b9a51edc3dd2ecf5aba0d6d03fe9f7d66cf': 0.0013,
};

/** Half-width of the 95 % interval of a difference of two means of `n` seeds each; undefined for one seed. */
export function halfWidth(sd: number, n: number): number | undefined {
  if (n < 2) return undefined;
  return tQuantile(2 * n - 2) * sd * Math.sqrt(2 / n);
}

/** The 97.5 % quantile of Student's t. */
export function tQuantile(degrees: number): number {
  return quantiles[degrees - 1] ?? 1.96 + 2.4 / degrees;
}

/** The published sd between seeds of a split, Recall@20; undefined where none is known. */
export function noiseFloor(splitHash: string): number | undefined {
  return publishedNoise[splitHash];
}

/** The sd between seeds to expect: pooled over own runs on the dataset, else the published noise of its split. */
export function expectedSd(own: readonly { readonly variance: number; readonly n: number }[], splitHash: string): number | undefined {
  const degrees = own.reduce((sum, { n }) => sum + n - 1, 0);
  if (degrees >= 2) return Math.sqrt(Math.max(0, own.reduce((sum, { variance, n }) => sum + variance * (n - 1), 0) / degrees));
  return publishedNoise[splitHash];
}
