import type { Tensor2D } from '@tensorflow/tfjs-core';
import { currentRuntime } from '../current.ts';
import type { Csr } from '../device.ts';
import type { SparseMatrix } from '../engine.ts';
import { runKernel } from './kernels.ts';

/**
 * Puts a matrix in compressed rows and its transpose on the device; the caller disposes it. `symmetric: true` promises that the
 * matrix equals its transpose and shares one copy. `split: s` says that rows and columns before s meet in no entry, as users among
 * users and items do; devices may hold such a matrix in blocks. Throws RangeError where offsets, column indices or the split do not fit.
 */
export function sparse(csr: Csr, options: { symmetric?: boolean; split?: number } = {}): SparseMatrix {
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
  const split = options.split ?? 0;
  if (split < 0 || split > rows || (split > 0 && rows !== columns)) {
    throw new RangeError(`sparse: [${rows}, ${columns}] cannot be split at ${split}`);
  }
  for (let e = 0; e < offsets[split]!; e++) {
    if (indices[e]! < split) throw new RangeError(`sparse: an entry before row ${split} is in column ${indices[e]!}, before the split`);
  }
  return currentRuntime().sparse(csr, options.symmetric === true, split);
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

export interface RowsOptions {
  readonly layers: number;
  /** Rows before the matrix's split (users), and rows from it on, counted from there (items). They may repeat. */
  readonly parts: readonly [Int32Array, Int32Array];
  /** Hands out the same rows of the table itself. */
  readonly withStart?: boolean;
  /** Hands out all rows of the table from the split on. */
  readonly withLower?: boolean;
}

export interface PropagatedRows {
  /** Rows of LG(G, E, L), stacked in the order of the parts. */
  readonly rows: Tensor2D;
  readonly start: Tensor2D | undefined;
  readonly lower: Tensor2D | undefined;
}

/**
 * Rows of {@link propagate} as one op: the last hop is computed for these rows alone, and the gradient begins with what reaches them.
 * What else a batch reads of the table comes from here too (`withStart`, `withLower`), for then its gradient is added in place instead of
 * making a table of its own. G [n, n], table [n, w] → rows [parts, w], start [parts, w], lower [n − split, w].
 */
export function propagateRows(matrix: SparseMatrix, table: Tensor2D, options: RowsOptions): PropagatedRows {
  const { layers, parts, withStart = false, withLower = false } = options;
  if (matrix.rows !== matrix.columns || table.shape[0] !== matrix.columns || layers < 0 || !Number.isInteger(layers)) {
    throw new RangeError(`propagateRows: ${layers} layers of [${matrix.rows}, ${matrix.columns}] over [${table.shape.join(', ')}]`);
  }
  checkRows('propagateRows', parts[0], matrix.split);
  checkRows('propagateRows', parts[1], matrix.rows - matrix.split);
  const found = runKernel('PropagateRows', { table }, { matrix, view: { layers, parts, withStart, withLower } }) as Tensor2D[];
  const [rows, ...others] = found;
  return { rows: rows!, start: withStart ? others[0] : undefined, lower: withLower ? others[others.length - 1] : undefined };
}

/** The given rows of {@link spmm}: [r, c] · [c, w] → [rows, w], nothing else computed. Rows may repeat. */
export function spmmRows(matrix: SparseMatrix, dense: Tensor2D, rows: Int32Array): Tensor2D {
  if (dense.shape[0] !== matrix.columns) {
    throw new RangeError(`spmmRows: [${matrix.rows}, ${matrix.columns}] times [${dense.shape.join(', ')}]`);
  }
  checkRows('spmmRows', rows, matrix.rows);
  return runKernel('SpmmRows', { dense }, { matrix, rows })[0] as Tensor2D;
}

function checkRows(op: string, rows: Int32Array, height: number): void {
  for (let r = 0; r < rows.length; r++) {
    if (rows[r]! < 0 || rows[r]! >= height) throw new RangeError(`${op}: row ${rows[r]!} of ${height} at place ${r}`);
  }
}
