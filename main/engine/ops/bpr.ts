import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { runKernel } from './kernels.ts';

/**
 * Mean over rows of −log(ε + σ(Δ)), Δ = u·i − u·j (models.md 0.4: bpr for ε = 0, computed as softplus(−Δ); bprε for 1e-10).
 * All [b, w] → scalar; products and sum accumulate in double.
 */
export function bprLoss(users: Tensor2D, positives: Tensor2D, negatives: Tensor2D, epsilon: number): Scalar {
  const shape = users.shape.join(', ');
  if (positives.shape.join(', ') !== shape || negatives.shape.join(', ') !== shape) {
    throw new RangeError(`bprLoss: [${shape}], [${positives.shape.join(', ')}], [${negatives.shape.join(', ')}]`);
  }
  const [loss, slope] = runKernel('BprLoss', { users, positives, negatives }, { epsilon });
  slope!.dispose();
  return loss as Scalar;
}
