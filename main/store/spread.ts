/** Mean and sample standard deviation (n − 1 below the sum) in two passes; no deviation of fewer than two values. */
export function meanAndDeviation(values: readonly number[]): { readonly mean: number; readonly sd: number | undefined } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, sd: undefined };
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
}
