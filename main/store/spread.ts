/**
 * Mean and sample standard deviation (n − 1 below the sum) in two passes, the second of which takes back what rounding left in the mean: equal
 * values have a deviation of 0. None of fewer than two values.
 */
export function meanAndDeviation(values: readonly number[]): { readonly mean: number; readonly sd: number | undefined } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, sd: undefined };
  let [squares, drift] = [0, 0];
  for (const value of values) {
    squares += (value - mean) ** 2;
    drift += value - mean;
  }
  return { mean, sd: Math.sqrt(Math.max(0, squares - drift ** 2 / values.length) / (values.length - 1)) };
}
