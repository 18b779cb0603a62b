import type { Tensor2D } from '@tensorflow/tfjs-core';
import { add, mul, neg, step, stopGradient, sub, tensor2d } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';

/** Fixed in released GUME and MENTOR. */
const reach = 0.1;

/** x + 0.1·sign(x) ⊙ n/‖n‖ by rows, n uniform numbers drawn for x [rows, w]; the signs carry no gradient (models.md 2.20, 2.21). */
export function withSignNoise(x: Tensor2D, drawn: Float32Array): Tensor2D {
  const fixed = stopGradient(x);
  const signs = sub(step(fixed), step(neg(fixed)));
  return add(x, mul(mul(signs, normaliseRows(tensor2d(drawn, x.shape))), reach));
}
