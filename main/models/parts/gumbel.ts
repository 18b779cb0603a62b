import type { Random } from '#data/random.ts';

/** Standard Gumbel noise as an input of a step: −log(−log u), one uniform draw each in row order. */
export function gumbelTable(random: Random, count: number): Float32Array {
  const values = new Float32Array(count);
  // u = 0 would give −∞; the smallest number above it gives −6.6.
  for (let i = 0; i < count; i++) values[i] = -Math.log(-Math.log(Math.max(random.uniform(), Number.MIN_VALUE)));
  return values;
}
