/** Multiples of 1, 2 or 5 × 10ⁿ inside [low, high], about `wanted` of them. Pure; used where an axis must not end on a round number. */
export function niceTicks(low: number, high: number, wanted: number, wholeNumbers = false): readonly number[] {
  // Ends that differ by rounding alone have no step that a number could count.
  if (!Number.isFinite(low) || !Number.isFinite(high) || high - low <= Math.max(Math.abs(low), Math.abs(high)) * 1e-9) return [];
  const rough = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  // The step nearest in ratio: three labels for [0, 72] are 20 apart, not 50.
  const steps = [1, 2, 5, 10].map((factor) => factor * power);
  const nearest = steps.reduce((best, step) => (Math.abs(Math.log(step / rough)) < Math.abs(Math.log(best / rough)) ? step : best));
  const step = wholeNumbers ? Math.max(1, Math.round(nearest)) : nearest;
  const ticks: number[] = [];
  // Counted in whole steps, so that 0.06 does not become 0.060000000000000005.
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten inside [low, high], thinned to about `wanted`; a range within one power takes nice linear ticks. Both ends above 0. */
export function logTicks(low: number, high: number, wanted: number): readonly number[] {
  const from = Math.ceil(Math.log10(low) - 1e-9);
  const to = Math.floor(Math.log10(high) + 1e-9);
  if (to - from < 1) return niceTicks(low, high, wanted).filter((tick) => tick > 0);
  const every = Math.max(1, Math.ceil((to - from + 1) / (wanted * 1.5)));
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, index) => 10 ** (from + index * every));
}
