import type { Tensor2D } from '@tensorflow/tfjs-core';
import { add, div, mul, sqrt, square, sub, sum } from '#engine/ops/basic.ts';
import type { Belongings, Vector } from './parameters.ts';

/** As SASRec's released code has it. */
const floor = 1e-8;

export interface LayerNorm {
  readonly scale: Vector;
  readonly shift: Vector;
}

/** Parameters `name.scale`, ones, and `name.shift`, zeros. */
export function layerNorm(own: Belongings, name: string, width: number): LayerNorm {
  return {
    scale: own.vector(`${name}.scale`, new Float32Array(width).fill(1)),
    shift: own.vector(`${name}.shift`, new Float32Array(width)),
  };
}

/** Rows of x [n, w] with mean 0 and variance 1, then scaled and shifted by column. */
export function normalised({ scale, shift }: LayerNorm, x: Tensor2D): Tensor2D {
  const width = x.shape[1];
  const centred = sub(x, mul(sum(x, 1, true), 1 / width));
  const deviation = sqrt(add(mul(sum(square(centred), 1, true), 1 / width), floor));
  return add(mul(div(centred, deviation), scale), shift);
}
