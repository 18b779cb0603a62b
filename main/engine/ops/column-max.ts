import type { Tensor2D } from '@tensorflow/tfjs-core';
import { add, clone, exp, log, maximum, mul, slice, stopGradient, sub, sum } from './basic.ts';

/** The largest value of each column, [n, w] → [1, w], by halves; where values tie, one of them gets the gradient. */
export function columnMax(x: Tensor2D): Tensor2D {
  let most = clone(x);
  for (let rows = x.shape[0]; rows > 1; rows = most.shape[0]) {
    const half = Math.ceil(rows / 2);
    const width = x.shape[1];
    // With an odd number of rows the middle one stands in both halves.
    most = maximum(slice(most, [0, 0], [half, width]), slice(most, [rows - half, 0], [half, width]));
  }
  return most;
}

/** log Σ_r weights_r exp(x_rc) of each column, [n, w] → [1, w]; weights [n, 1] are not negative. Stable: shifted by the column's largest value. */
export function columnLogSumExp(x: Tensor2D, weights: Tensor2D): Tensor2D {
  const shift = columnMax(stopGradient(x));
  return add(log(sum(mul(exp(sub(x, shift)), weights), 0, true)), shift);
}
