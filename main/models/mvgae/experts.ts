import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { add, addN, div, exp, log, minimum, mul, square, sub, sum, tensor2d } from '#engine/ops/basic.ts';
import type { Gaussian } from './encoder.ts';

/** Added to every variance. */
const smallestVariance = 1e-8;

/** Log-variances are cut here before they scale noise. */
const largestLogVariance = 10;

/** Product of Gaussian experts: precisions add, means are weighed by them. */
export function product(experts: readonly Gaussian[]): Gaussian {
  const precisions = experts.map(({ logVariance }) => div(1, add(exp(logVariance), smallestVariance)) as Tensor2D);
  const total = addN(precisions);
  const weighted = addN<Tensor2D>(experts.map(({ mean }, e) => mul(mean, precisions[e]!)));
  return { mean: div(weighted, total), logVariance: log(div(1, total)) };
}

/** z = μ + 0.1 · n · exp(½ min(log v, 10)), n as given. */
export function sampled({ mean, logVariance }: Gaussian, noise: Float32Array): Tensor2D {
  const deviation = exp(mul(minimum(logVariance, largestLogVariance), 0.5)) as Tensor2D;
  return add(mean, mul(mul(tensor2d(noise, mean.shape), 0.1), deviation));
}

/** −½ · mean over nodes of Σ_d (1 + log v − μ² − v). */
export function divergence({ mean, logVariance }: Gaussian): Scalar {
  const each = sub(sub(add(logVariance, 1), square(mean)), exp(logVariance));
  return mul(sum(each), -0.5 / mean.shape[0]) as Scalar;
}
