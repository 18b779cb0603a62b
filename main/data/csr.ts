import { createHash } from 'node:crypto';
import type { CsrMatrix } from './dataset.ts';

/** Entries of a sparse matrix in any order; `values` missing means all ones. */
export interface Entries {
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  readonly values?: ArrayLike<number>;
}

export interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** Compressed rows of `entries`, columns rising in each row; entries at the same place are added (in double). */
export function csrFromEntries(shape: Shape, entries: Entries): CsrMatrix {
  const count = entries.rows.length;
  const starts = new Int32Array(shape.rows + 1);
  for (let e = 0; e < count; e++) {
    const row = entries.rows[e]!;
    const column = entries.columns[e]!;
    if (row < 0 || row >= shape.rows || column < 0 || column >= shape.columns) {
      throw new RangeError(`entry ${e} at (${row}, ${column}) lies outside a matrix of ${shape.rows} × ${shape.columns}`);
    }
    starts[row + 1] = starts[row + 1]! + 1;
  }
  for (let r = 0; r < shape.rows; r++) starts[r + 1] = starts[r + 1]! + starts[r]!;
  const next = starts.slice(0, shape.rows);
  const order = new Int32Array(count);
  for (let e = 0; e < count; e++) {
    const row = entries.rows[e]!;
    order[next[row]!] = e;
    next[row] = next[row]! + 1;
  }
  const offsets = new Int32Array(shape.rows + 1);
  const indices = new Int32Array(count);
  const values = new Float32Array(count);
  let filled = 0;
  for (let r = 0; r < shape.rows; r++) {
    const slice = order.subarray(starts[r]!, starts[r + 1]!).sort((a, b) => entries.columns[a]! - entries.columns[b]! || a - b);
    for (let s = 0; s < slice.length;) {
      const column = entries.columns[slice[s]!]!;
      let sum = 0;
      for (; s < slice.length && entries.columns[slice[s]!] === column; s++) sum += entries.values?.[slice[s]!] ?? 1;
      indices[filled] = column;
      values[filled] = sum;
      filled += 1;
    }
    offsets[r + 1] = filled;
  }
  return { ...shape, offsets, indices: indices.slice(0, filled), values: values.slice(0, filled) };
}

/** Row of every entry, beside `matrix.indices` and `matrix.values`. */
export function entryRows(matrix: CsrMatrix): Int32Array {
  const rows = new Int32Array(matrix.indices.length);
  for (let r = 0; r < matrix.rows; r++) rows.fill(r, matrix.offsets[r]!, matrix.offsets[r + 1]!);
  return rows;
}

export function transpose(matrix: CsrMatrix): CsrMatrix {
  const offsets = new Int32Array(matrix.columns + 1);
  for (const column of matrix.indices) offsets[column + 1] = offsets[column + 1]! + 1;
  for (let c = 0; c < matrix.columns; c++) offsets[c + 1] = offsets[c + 1]! + offsets[c]!;
  const next = offsets.slice(0, matrix.columns);
  const indices = new Int32Array(matrix.indices.length);
  const values = new Float32Array(matrix.values.length);
  for (let r = 0; r < matrix.rows; r++) {
    for (let e = matrix.offsets[r]!; e < matrix.offsets[r + 1]!; e++) {
      const column = matrix.indices[e]!;
      const place = next[column]!;
      next[column] = place + 1;
      indices[place] = r;
      values[place] = matrix.values[e]!;
    }
  }
  return { rows: matrix.columns, columns: matrix.rows, offsets, indices, values };
}

/** Sum of each row's values, in double. */
export function rowSums(matrix: CsrMatrix): Float64Array {
  const sums = new Float64Array(matrix.rows);
  for (let r = 0; r < matrix.rows; r++) {
    let sum = 0;
    for (let e = matrix.offsets[r]!; e < matrix.offsets[r + 1]!; e++) sum += matrix.values[e]!;
    sums[r] = sum;
  }
  return sums;
}

/** D^-½ S D^-½ of a square matrix with D the row sums, for rows and columns alike; rows without weight stay zero. */
export function degreeNormalised(matrix: CsrMatrix): CsrMatrix {
  const scale = rowSums(matrix).map((sum) => (sum > 0 ? 1 / Math.sqrt(sum) : 0));
  const values = new Float32Array(matrix.values.length);
  for (let r = 0; r < matrix.rows; r++) {
    for (let e = matrix.offsets[r]!; e < matrix.offsets[r + 1]!; e++) {
      values[e] = matrix.values[e]! * scale[r]! * scale[matrix.indices[e]!]!;
    }
  }
  return { ...matrix, values };
}

/** Whether the matrix equals its transpose bit for bit. */
export function isSymmetric(matrix: CsrMatrix): boolean {
  if (matrix.rows !== matrix.columns) return false;
  const other = transpose(matrix);
  return (
    matrix.offsets.every((offset, r) => offset === other.offsets[r]) &&
    matrix.indices.every((column, e) => column === other.indices[e]) &&
    matrix.values.every((value, e) => value === other.values[e])
  );
}

/** The given rows of a matrix, in their order, as a smaller matrix over the same columns; empty rows follow up to `height`. */
export function selectRows(matrix: CsrMatrix, rows: Int32Array, height = rows.length): CsrMatrix {
  const offsets = new Int32Array(height + 1);
  for (let r = 0; r < rows.length; r++) offsets[r + 1] = offsets[r]! + matrix.offsets[rows[r]! + 1]! - matrix.offsets[rows[r]!]!;
  const indices = new Int32Array(offsets[rows.length]!);
  const values = new Float32Array(indices.length);
  for (let r = 0; r < rows.length; r++) {
    const from = matrix.offsets[rows[r]!]!;
    const to = matrix.offsets[rows[r]! + 1]!;
    indices.set(matrix.indices.subarray(from, to), offsets[r]!);
    values.set(matrix.values.subarray(from, to), offsets[r]!);
  }
  offsets.fill(indices.length, rows.length + 1);
  return { rows: height, columns: matrix.columns, offsets, indices, values };
}

/** SHA-256 over shape, offsets, indices and values: the name of a graph in a run record. */
export function graphHash(matrix: CsrMatrix): string {
  const hash = createHash('sha256').update(`${matrix.rows}x${matrix.columns}\n`);
  for (const array of [matrix.offsets, matrix.indices, matrix.values]) {
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}
