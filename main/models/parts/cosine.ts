import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { mean, mul, sum } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';

/** Norms below it count as it in a cosine (models.md 0.1). */
const floor = 1e-8;

/** cos(x_r, y_r) of every row, [n, w] twice → [n, 1]. */
export function rowCosines(x: Tensor2D, y: Tensor2D): Tensor2D {
  return sum(mul(normaliseRows(x, floor), normaliseRows(y, floor)), 1, true);
}

/** Their mean. */
export function meanCosine(x: Tensor2D, y: Tensor2D): Scalar {
  return mean(rowCosines(x, y)) as Scalar;
}
