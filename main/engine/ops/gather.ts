import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { runKernel } from './kernels.ts';

function checked(rows: Int32Array, height: number): Int32Array {
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!;
    if (row < 0 || row >= height) throw new RangeError(`gatherRows: row ${row} of ${height} at place ${r}`);
  }
  return rows;
}

/** Rows of table [n, w] → [rows, w]. Repeated rows add in the gradient, a dense table. Throws RangeError outside 0 … n−1. */
export function gatherRows(table: Tensor2D, rows: Tensor1D | Int32Array): Tensor2D {
  const ids = rows instanceof Int32Array ? rows : (rows.dataSync() as Int32Array);
  return gatherParts(table, [ids])[0]!;
}

/**
 * Several gathers from one table as one op, e.g. users, positives and negatives of a batch: one dense gradient table in place of
 * one for each, which is most of a gather's cost. Output p is [parts[p].length, w].
 */
export function gatherParts(table: Tensor2D, parts: readonly Int32Array[]): Tensor2D[] {
  const [height] = table.shape;
  for (const part of parts) checked(part, height);
  return runKernel('RowGather', { table }, { parts, height }) as Tensor2D[];
}

/**
 * Sums rows by segment: row r of the result [height, w] is the sum of all rows of values[p] whose parts[p] entry is r, 0 where there is
 * none. The opposite of {@link gatherParts}, which is its gradient. Throws RangeError for segments outside 0 … height−1.
 */
export function segmentSum(values: readonly Tensor2D[], parts: readonly Int32Array[], height: number): Tensor2D {
  for (const [p, part] of parts.entries()) {
    if (values[p]?.shape[0] !== part.length)
      throw new RangeError(`segmentSum: ${part.length} segments for [${values[p]?.shape.join(', ')}]`);
    checked(part, height);
  }
  const inputs = Object.fromEntries(values.map((tensor, p) => [`x${p}`, tensor]));
  return runKernel('SegmentSum', inputs, { parts, height })[0] as Tensor2D;
}
