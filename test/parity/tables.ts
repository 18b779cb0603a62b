import { tensor } from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import type { Model } from '#models/define-model.ts';
import type { Binding, Sizes } from './adapter.ts';
import type { ModelVectors } from './vectors.ts';

/** A recorded matrix, row-major. */
interface Recorded {
  readonly shape: readonly number[];
  readonly init: ArrayLike<number>;
}

/**
 * Puts the recorded starting values into the model; every value of every trained or fixed table must be recorded, and of every kept one
 * that a binding names.
 */
export function loadStart(model: Model, bindings: readonly Binding[], vectors: ModelVectors, sizes: Sizes): void {
  const named = [...(model.kept ?? [])].filter(([name]) => bindings.some(({ ours }) => ours === name));
  for (const [name, variable] of [...model.parameters, ...(model.fixed ?? []), ...named]) {
    const start = new Float32Array(variable.size);
    let filled = 0;
    for (const binding of bindings.filter((candidate) => candidate.ours === name)) {
      const recorded = recordedAs(vectors, binding.reference);
      const { from, values: placed } = toOurs(recorded, binding, sizes);
      start.set(placed, from);
      filled += placed.length;
    }
    if (filled !== start.length) throw new Error(`${filled} of ${start.length} starting values of ${name} are recorded`);
    assign(variable, start);
  }
}

export function assign(variable: Variable, values: Float32Array): void {
  const loaded = tensor(values, variable.shape, 'float32');
  variable.assign(loaded);
  loaded.dispose();
}

/** The part of our table that a binding names, in the reference's order. */
export function fromOurs({ shape }: Pick<Recorded, 'shape'>, ours: Float32Array, binding: Binding, sizes: Sizes): Float32Array {
  const { rows, columns, from } = place(shape, binding, sizes);
  const taken = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) taken[r * columns + c] = ours[from + (binding.transposed === true ? c * rows + r : r * columns + c)]!;
  }
  return taken;
}

function toOurs(recorded: Recorded, binding: Binding, sizes: Sizes): { from: number; values: Float32Array } {
  const { rows, columns, from } = place(recorded.shape, binding, sizes);
  const placed = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++)
      placed[binding.transposed === true ? c * rows + r : r * columns + c] = recorded.init[r * columns + c]!;
  }
  return { from, values: placed };
}

/** A recorded shape as rows and columns: a number is 1 × 1, and axes beyond the second count as columns. */
function place(shape: readonly number[], binding: Binding, sizes: Sizes): { rows: number; columns: number; from: number } {
  const [rows = 1, ...rest] = shape;
  const columns = rest.reduce((product, extent) => product * extent, 1);
  return { rows, columns, from: (binding.row?.(sizes) ?? 0) * columns };
}

function recordedAs(vectors: ModelVectors, name: string): Recorded {
  const buffer = vectors.buffers?.find((candidate) => candidate.name === name);
  if (buffer !== undefined) return { shape: buffer.shape, init: buffer.values };
  const found = [...vectors.params, ...(vectors.diffusion?.params ?? [])].find((parameter) => parameter.name === name);
  if (found === undefined) throw new Error(`the reference has no parameter ${name}`);
  return found;
}
