import type { Random } from '../random.ts';

/** A row-major matrix. */
export interface Table {
  readonly rows: number;
  readonly width: number;
  readonly values: Float64Array;
}

/**
 * Rows of `table` in the `width` directions that hold most of their variance about the origin, scaled by the singular values
 * (truncated SVD by subspace iteration from a random start). This is latent semantic analysis when rows are texts.
 */
export function principalRows(table: Table, width: number, random: Random, rounds = 4): Float32Array {
  const { rows, width: inner, values } = table;
  let basis: Float64Array = new Float64Array(inner * width);
  for (let i = 0; i < basis.length; i++) basis[i] = random.normal();
  orthonormalise(basis, inner, width);
  for (let round = 0; round < rounds; round++) {
    const projected = multiply(values, basis, rows, inner, width);
    basis = multiplyTransposed(values, projected, rows, inner, width);
    orthonormalise(basis, inner, width);
  }
  return Float32Array.from(multiply(values, basis, rows, inner, width));
}

/** [rows, inner] · [inner, width]; zeros of the left matrix cost nothing. */
function multiply(left: Float64Array, right: Float64Array, rows: number, inner: number, width: number): Float64Array {
  const result = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const out = result.subarray(r * width, (r + 1) * width);
    for (let k = 0; k < inner; k++) {
      const factor = left[r * inner + k]!;
      if (factor === 0) continue;
      const from = k * width;
      for (let c = 0; c < width; c++) out[c]! += factor * right[from + c]!;
    }
  }
  return result;
}

/** [rows, inner]ᵀ · [rows, width]. */
function multiplyTransposed(left: Float64Array, right: Float64Array, rows: number, inner: number, width: number): Float64Array {
  const result = new Float64Array(inner * width);
  for (let r = 0; r < rows; r++) {
    const from = r * width;
    for (let k = 0; k < inner; k++) {
      const factor = left[r * inner + k]!;
      if (factor === 0) continue;
      const to = k * width;
      for (let c = 0; c < width; c++) result[to + c]! += factor * right[from + c]!;
    }
  }
  return result;
}

/** Gram–Schmidt over the columns of a [rows, width] matrix, in place. */
function orthonormalise(matrix: Float64Array, rows: number, width: number): void {
  // Column-major copies keep the inner loops on neighbouring numbers.
  const columns = Array.from({ length: width }, (_, c) => Float64Array.from({ length: rows }, (_, r) => matrix[r * width + c]!));
  for (let c = 0; c < width; c++) {
    const own = columns[c]!;
    for (let p = 0; p < c; p++) {
      const other = columns[p]!;
      let dot = 0;
      for (let r = 0; r < rows; r++) dot += own[r]! * other[r]!;
      for (let r = 0; r < rows; r++) own[r]! -= dot * other[r]!;
    }
    let squares = 0;
    for (let r = 0; r < rows; r++) squares += own[r]! * own[r]!;
    const scale = squares > 1e-24 ? 1 / Math.sqrt(squares) : 0;
    for (let r = 0; r < rows; r++) matrix[r * width + c] = own[r]! *= scale;
  }
}
