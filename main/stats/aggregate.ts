/** Seeds are replicates: values of equal configurations become mean, sample standard deviation and n, never a ranking. */
export interface Aggregate {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1 below the sum); absent with fewer than two values. */
  readonly sd?: number;
}

/**
 * Mean and sample standard deviation in two passes (the textbook one-pass form loses digits when the spread is small).
 * Returns undefined for no values, so that an empty cell cannot become 0.
 */
export function aggregate(values: readonly number[]): Aggregate | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  if (n === 1) return { n, mean };
  let squares = 0;
  let drift = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    drift += value - mean;
  }
  return { n, mean, sd: Math.sqrt(Math.max(0, squares - drift ** 2 / n) / (n - 1)) };
}
