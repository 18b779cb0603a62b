import type { Tensor2D } from '@tensorflow/tfjs-core';
import { runKernel } from './kernels.ts';

/** x / max(‖x‖₂, ε) by rows, [n, w] → [n, w]; rows shorter than ε are only scaled, in the gradient too. */
export function normaliseRows(x: Tensor2D, epsilon = 1e-12): Tensor2D {
  return runKernel('NormaliseRows', { x }, { epsilon })[0] as Tensor2D;
}
