import { customGrad } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Pairs } from '../device.ts';
import { keptInputs, runKernel } from './kernels.ts';
import type { GradSaver, InfoNceAttributes } from './kernels.ts';

/**
 * InfoNCE of pairs over unique rows: the loss of pair r is
 * log Σ_k keyCounts[k]·exp(q_{queryOf[r]}·key_k/τ) − q_{queryOf[r]}·key_{keyOf[r]}/τ (models.md 0.4), [pairs].
 * queries [a, w] and keys [b, w] are already normalised (`normaliseRows`). Computed in blocks of queries, again in the gradient, with
 * log-sum-exp and double accumulation; a batch with repeated users or items costs only its distinct rows.
 */
export function infoNceRows(queries: Tensor2D, keys: Tensor2D, pairs: Pairs, temperature: number): Tensor1D {
  const { queryOf, keyOf, keyCounts } = pairs;
  if (queries.shape[1] !== keys.shape[1] || keyCounts.length !== keys.shape[0] || queryOf.length !== keyOf.length) {
    throw new RangeError(
      `infoNceRows: queries [${queries.shape.join(', ')}], keys [${keys.shape.join(', ')}], ${keyCounts.length} counts, ` +
        `${queryOf.length} and ${keyOf.length} pair ends`,
    );
  }
  if (!(temperature > 0)) throw new RangeError(`infoNceRows: temperature ${temperature}`);
  for (let r = 0; r < queryOf.length; r++) {
    const [query, key] = [queryOf[r]!, keyOf[r]!];
    if (query < 0 || query >= queries.shape[0] || key < 0 || key >= keys.shape[0]) {
      throw new RangeError(`infoNceRows: pair ${r} is (${query}, ${key}) of ${queries.shape[0]} queries and ${keys.shape[0]} keys`);
    }
  }
  return differentiable(queries, keys, { pairs, temperature });
}

/**
 * The kernel with its gradient. A custom gradient and not a registered one: what the forward kernel sets aside (for a batch,
 * megabytes) would be an output on the tape, and tfjs fills a table of zeros for the gradient of every unused output.
 */
function differentiable(queries: Tensor2D, keys: Tensor2D, attributes: InfoNceAttributes): Tensor1D {
  const run = customGrad((q: Tensor | GradSaver, k: Tensor | GradSaver, saver: Tensor | GradSaver) => {
    const [loss, ...kept] = runKernel('InfoNCE', { queries: q as Tensor, keys: k as Tensor }, attributes);
    (saver as GradSaver)([q as Tensor, k as Tensor, ...kept]);
    return {
      value: loss!,
      gradFunc: (upstream, saved) => {
        const [savedQueries, savedKeys, logSumExp, ...rest] = saved as [Tensor, Tensor, Tensor, ...Tensor[]];
        const inputs = { upstream, queries: savedQueries, keys: savedKeys, logSumExp, ...keptInputs(rest) };
        return runKernel('InfoNCEGrad', inputs, attributes);
      },
    };
  });
  return run(queries, keys) as Tensor1D;
}
