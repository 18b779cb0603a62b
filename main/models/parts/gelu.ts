import type { Tensor2D } from '@tensorflow/tfjs-core';
import { abs, add, div, exp, mul, square, sub } from '#engine/ops/basic.ts';

/** Abramowitz and Stegun 7.1.26: erf(x) for x ≥ 0 to 1.5e-7. */
const slope = 0.3275911;
const terms = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];

/** Exact GELU, x·Φ(x) with the normal distribution function, to float32. As erf is odd, x·Φ(x) = ½(x + |x|·erf(|x|/√2)). */
export function gelu(x: Tensor2D): Tensor2D {
  const size = abs(x) as Tensor2D;
  const scaled = mul(size, Math.SQRT1_2);
  const t = div(1, add(1, mul(scaled, slope)));
  const series = terms.reduceRight<Tensor2D | undefined>(
    (sum, term) => mul(t, sum === undefined ? term : add(sum, term)) as Tensor2D,
    undefined,
  )!;
  const erf = sub(1, mul(series, exp(mul(square(scaled), -1))));
  return mul(add(x, mul(size, erf)), 0.5) as Tensor2D;
}
