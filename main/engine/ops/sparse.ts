import type { Tensor2D } from '@tensorflow/tfjs-core';
import { currentRuntime } from '../current.ts';
import type { Csr } from '../device.ts';
import type { SparseMatrix } from '../engine.ts';
import { runKernel } from './kernels.ts';

/**
 * Puts a matrix in compressed rows and its transpose on the device; the caller disposes it. `symmetric: true` promises that the
 * matrix equals its transpose and shares one copy. Throws RangeError where offsets or column indices do not fit the shape.
 */
export function sparse(csr: Csr, options: { symmetric?: boolean } = {}): SparseMatrix {
  const { rows, columns, offsets, indices, values } = csr;
  if (offsets.length !== rows + 1 || offsets[0] !== 0) {
    throw new RangeError(`sparse: ${rows} rows need ${rows + 1} offsets from 0, found ${offsets.length}`);
  }
  for (let r = 0; r < rows; r++) {
    if (offsets[r + 1]! < offsets[r]!) throw new RangeError(`sparse: offsets fall at row ${r}`);
  }
  const nonZeros = offsets[rows]!;
  if (indices.length !== nonZeros || values.length !== nonZeros) {
    throw new RangeError(`sparse: ${nonZeros} entries expected, found ${indices.length} indices and ${values.length} values`);
  }
  for (let e = 0; e < nonZeros; e++) {
    const column = indices[e]!;
    if (column < 0 || column >= columns) throw new RangeError(`sparse: column ${column} of ${columns} at entry ${e}`);
  }
  if (options.symmetric === true && rows !== columns) {
    throw new RangeError(`sparse: a symmetric matrix is square, not ${rows}×${columns}`);
  }
  return currentRuntime().sparse(csr, options.symmetric === true);
}

/** matrix [r, c] · dense [c, w] → [r, w]. Gradient to `dense` by the transpose; the matrix is a constant. */
export function spmm(matrix: SparseMatrix, dense: Tensor2D): Tensor2D {
  if (dense.shape[0] !== matrix.columns) {
    throw new RangeError(`spmm: [${matrix.rows}, ${matrix.columns}] times [${dense.shape.join(', ')}]`);
  }
  return runKernel('CsrSpMM', { dense }, { matrix, transposed: false })[0] as Tensor2D;
}

/**
 * LightGCN's readout LG(G, E, L) = (1/(L+1)) Σ_{l=0..L} Gˡ E in one kernel: faster than L products and a mean, same gradient.
 * G square [n, n], dense [n, w] → [n, w]; layers ≥ 0.
 */
export function propagate(matrix: SparseMatrix, dense: Tensor2D, layers: number): Tensor2D {
  if (matrix.rows !== matrix.columns || dense.shape[0] !== matrix.columns || layers < 0 || !Number.isInteger(layers)) {
    throw new RangeError(`propagate: ${layers} layers of [${matrix.rows}, ${matrix.columns}] over [${dense.shape.join(', ')}]`);
  }
  return runKernel('CsrPropagate', { dense }, { matrix, layers, transposed: false })[0] as Tensor2D;
}
