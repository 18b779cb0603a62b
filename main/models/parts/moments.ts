import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { abs, add, addN, mean, mul, sub } from '#engine/ops/basic.ts';
import { halfSquares } from '#engine/ops/norms.ts';

/**
 * Σ over pairs of |Δvar| + |Δmean|, each over all entries of a table, variances unbiased (models.md 2.20, 2.21); at least two tables. A
 * table may stand for itself several times side by side, which only its variance's divisor sees.
 */
export function momentGaps(tables: readonly Tensor2D[], copies: readonly number[] = tables.map(() => 1)): Scalar {
  const moments = tables.map((table, t) => {
    const middle = mean(table) as Scalar;
    const entries = table.size * copies[t]!;
    const variance = mul(halfSquares(sub(table, middle)), (2 * copies[t]!) / (entries - 1)) as Scalar;
    return { middle, variance };
  });
  const gaps = moments.flatMap((one, m) =>
    moments.slice(m + 1).map((other): Scalar => add(abs(sub(one.variance, other.variance)), abs(sub(one.middle, other.middle)))),
  );
  return gaps.length === 1 ? gaps[0]! : addN<Scalar>(gaps);
}
