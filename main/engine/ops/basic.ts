/**
 * The allow-list: the only stock tfjs ops a model may use. Each has a gradient and a kernel on every device; what is missing here is
 * missing on purpose (engine.md §1): gather by `gatherRows`, products with a graph by `spmm`, rankings by `topKMasked`.
 */
import { engine, variable as makeVariable, tensor, tidy as scope, sum as total, mul as times } from '@tensorflow/tfjs-core';
import type { Rank, Scalar, ShapeMap, Tensor, Variable } from '@tensorflow/tfjs-core';

export {
  add,
  addN,
  abs,
  clone,
  concat,
  dispose,
  div,
  exp,
  expandDims,
  keep,
  leakyRelu,
  log,
  matMul,
  maximum,
  minimum,
  mul,
  neg,
  ones,
  onesLike,
  relu,
  reshape,
  scalar,
  sigmoid,
  slice,
  softmax,
  softplus,
  split,
  sqrt,
  square,
  step,
  sub,
  sum,
  tanh,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
export type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core';

/**
 * A trainable table. The name serves people and checkpoints; where a live variable has it already, tfjs gets a numbered one, so
 * that two models (a stage and its successor) can live in one process.
 */
export function variable<R extends Rank = Rank.R2>(values: Float32Array, shape: ShapeMap[R], name: string): Variable<R> {
  const taken = engine().registeredVariables;
  let unique = name;
  for (let n = 2; unique in taken; n++) unique = `${name}#${n}`;
  // A copy: the cpu backend keeps the array it is given, and Adam writes in place, into a dataset's features for instance.
  return scope(() => makeVariable(tensor(values.slice(), shape, 'float32'), true, unique)) as Variable<R>;
}

/** Mean of all values, or along one axis. The stock kernel sums in float32 and has its own rounding; this is sum over count. */
export function mean(x: Tensor, axis?: number): Tensor {
  const count = axis === undefined ? x.size : x.shape[axis]!;
  return scope(() => times(total(x, axis), 1 / count));
}

/** The values, without a gradient: models' stop-gradient. Shares the data of `x`. */
export function stopGradient<T extends Tensor>(x: T): T {
  // The tape knows tensors by their ids: one with an id of its own has no way back.
  engine().backend.incRef(x.dataId);
  return engine().makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
}

/** A number that changes from step to step, given as an array of one: a plain number would be frozen in a compiled step. */
export function changing(value: Float32Array): Scalar {
  return tensor(value, [], 'float32') as unknown as Scalar;
}

/** Every value of a tensor in row-major order, as a copy. */
export function values(x: Tensor): Float32Array {
  return x.dataSync().slice() as Float32Array;
}
