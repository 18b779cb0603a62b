import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import { add, matMul, reshape } from '#engine/ops/basic.ts';
import { linearDefault } from './initial.ts';
import type { Belongings, Table, Vector } from './parameters.ts';

/** lin(in→out): x W + b with W [in, out]; `bias` absent for lin°. */
export interface Linear {
  readonly weight: Table;
  readonly bias?: Vector;
}

export interface LinearShape {
  readonly in: number;
  readonly out: number;
  readonly bias?: boolean;
  /** Start of the weight [in, out] where it is not LD: XU or XN. The bias keeps LD. */
  readonly start?: (random: Random, rows: number, columns: number) => Float32Array;
  /**
   * The bias stays at its start: for layers whose bias cancels in every loss (added to all items alike) while scores still hold it. Its
   * gradient would be rounding, which Adam turns into steps.
   */
  readonly fixedBias?: boolean;
}

/** A linear layer as parameters `name.weight` and `name.bias`, with the default start LD. */
export function linear(own: Belongings, random: Random, name: string, shape: LinearShape): Linear {
  const start = shape.start?.(random, shape.in, shape.out) ?? linearDefault(random, shape.in, shape.in * shape.out);
  const weight = own.table(`${name}.weight`, start, shape.in, shape.out);
  if (shape.bias === false) return { weight };
  const bias = linearDefault(random, shape.in, shape.out);
  return { weight, bias: shape.fixedBias === true ? own.fixedVector(`${name}.bias`, bias) : own.vector(`${name}.bias`, bias) };
}

/** x [n, in] → [n, out]. */
export function apply(layer: Linear, x: Tensor2D): Tensor2D {
  const product = matMul(x, layer.weight) as Tensor2D;
  return layer.bias === undefined ? product : add(product, layer.bias);
}

/**
 * Two layers with nothing between them, second(first(x)), as one product: x (W₁W₂) + (b₁W₂ + b₂). For n rows that saves the
 * second product over all of them, forward and backward.
 */
export function applyBoth(first: Linear, second: Linear, x: Tensor2D): Tensor2D {
  const product = matMul(x, matMul(first.weight, second.weight)) as Tensor2D;
  const carried = first.bias === undefined ? undefined : matMul(reshape(first.bias, [1, first.bias.size]), second.weight);
  if (carried === undefined) return second.bias === undefined ? product : add(product, second.bias);
  return add(product, second.bias === undefined ? carried : add(carried, second.bias));
}
