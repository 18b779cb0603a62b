/** How small a difference a number of seeds can show, told before the runs start (protocol.md section 8). */
import { tQuantile as quantile } from '#stats/distributions.ts';
import { noiseFloor } from './noise-floor.ts';

/** Half-width of the 95 % interval of a difference of two means of `n` seeds each; undefined for one seed. */
export function halfWidth(sd: number, n: number): number | undefined {
  if (n < 2) return undefined;
  return tQuantile(2 * n - 2) * sd * Math.sqrt(2 / n);
}

/** The 97.5 % quantile of Student's t. */
export function tQuantile(degrees: number): number {
  return quantile(0.975, degrees);
}

/** The sd between seeds to expect: pooled over own runs on the dataset, else the published noise of its split. */
export function expectedSd(own: readonly { readonly variance: number; readonly n: number }[], splitHash: string): number | undefined {
  const degrees = own.reduce((sum, { n }) => sum + n - 1, 0);
  if (degrees >= 2) return Math.sqrt(Math.max(0, own.reduce((sum, { variance, n }) => sum + variance * (n - 1), 0) / degrees));
  return noiseFloor(splitHash);
}
