import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { runKernel } from './kernels.ts';

/** Unsquared norm ‖x‖_F; gradient x/‖x‖, 0 where x is 0. Accumulates in double. */
export function frobenius(x: Tensor2D): Scalar {
  return runKernel('Frobenius', { x }, {})[0] as Scalar;
}

/** ½ Σ x²; gradient x. Accumulates in double. */
export function halfSquares(x: Tensor2D): Scalar {
  return runKernel('HalfSquares', { x }, {})[0] as Scalar;
}
