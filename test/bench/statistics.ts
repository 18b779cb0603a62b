/** Plain statistics of timings, and when a ratio may be printed. Pure. */

export interface Spread {
  readonly median: number;
  /** First and third quartile. */
  readonly low: number;
  readonly high: number;
}

/** The p-quantile (0 to 1) by linear interpolation between neighbours. NaN of nothing. */
export function quantile(values: readonly number[], p: number): number {
  const rising = [...values].sort((a, b) => a - b);
  const place = (rising.length - 1) * p;
  const below = rising[Math.floor(place)];
  const above = rising[Math.ceil(place)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** Of the mean of values that do not depend on each other. */
export function standardError(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** A fixed amount of work, timed right before and right after a row, ms. */
export interface Calibration {
  readonly before: number;
  readonly after: number;
}

/** Beyond this share the machine changed under the row, and its ratio would say more about neighbours than about us. */
export const driftBound = 0.2;

/** How far apart the two timings of one calibration lie: 0.25 where one took a quarter longer than the other, whichever. */
export function drift({ before, after }: Calibration): number {
  return Math.max(before, after) / Math.min(before, after) - 1;
}

/** Why no ratio may be printed, or undefined. `calibrations` by what was timed: "own", "peer". */
export function driftRefusal(calibrations: Readonly<Record<string, Calibration>>, bound = driftBound): string | undefined {
  for (const [name, calibration] of Object.entries(calibrations)) {
    const share = drift(calibration);
    if (share <= bound) continue;
    const [before, after] = [calibration.before.toFixed(1), calibration.after.toFixed(1)];
    return `no ratio: the ${name} calibration went from ${before} to ${after} ms (${Math.round(share * 100)} %, bound ${Math.round(bound * 100)} %)`;
  }
  return undefined;
}

/** Two sides that compute the same agree to this share of the value: float32 in another order of summation, over a few Adam steps. */
export const lossTolerance = 1e-4;

/** Why two series of losses are not those of the same computation, or undefined. */
export function lossRefusal(own: readonly number[], peer: readonly number[], name: string, tolerance = lossTolerance): string | undefined {
  if (own.length !== peer.length || own.length === 0) return `refused: ${own.length} losses here, ${peer.length} from ${name}`;
  for (let step = 0; step < own.length; step++) {
    const apart = Math.abs(own[step]! - peer[step]!) / Math.max(Math.abs(own[step]!), 1e-12);
    // Written so that a NaN refuses.
    if (apart <= tolerance) continue;
    return `refused: step ${step + 1} has loss ${own[step]} here and ${peer[step]} from ${name}, further apart than ${tolerance} of it`;
  }
  return undefined;
}
