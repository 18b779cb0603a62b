/**
 * Rows added up by ids of the host. TensorFlow's segment sums take 100 ns a row on a CPU, whatever its width; as the product with a matrix
 * of ones at (id, place) they take a quarter, the making of the matrix included, and one matrix serves all sums over the same ids.
 */
import type { Pointer } from './c-api.ts';
import { types } from './session.ts';
import type { Session } from './session.ts';
import { multiplyVariant, variantOf } from './sparse.ts';
import type { TensorflowMatrix } from './sparse.ts';
import type { Workspace } from './workspace.ts';

function countOf(parts: readonly Int32Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** The matrix [height, places] with a one in row `id` for each place, as a CSR variant; the caller deletes it. */
export function scatterMatrix(session: Session, parts: readonly Int32Array[], height: number): Pointer {
  const count = countOf(parts);
  const next = new Int32Array(height + 1);
  for (const part of parts) for (let i = 0; i < part.length; i++) next[part[i]! + 1]! += 1;
  for (let r = 0; r < height; r++) next[r + 1]! += next[r]!;
  // Rows and columns as int64, written as low and high halves.
  const entries = new Int32Array(count * 4);
  let place = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      const at = next[part[i]!]!++;
      entries[4 * at] = part[i]!;
      entries[4 * at + 2] = place++;
    }
  }
  const { recorder } = session;
  // A recorded step gets the matrix as an input, made anew for each batch; how it is made is no part of the step.
  session.recorder = undefined;
  try {
    const handle = variantOf(session, entries, new Float32Array(count).fill(1), [height, count]);
    recorder?.scattered(handle, parts, height);
    return handle;
  } finally {
    session.recorder = recorder;
  }
}

/** [height, w]: rows of `values` [places, w] added up by the ids of the parts, in their order. */
export function scatterSum(on: Workspace, values: Pointer, parts: readonly Int32Array[], height: number): Pointer {
  const { session } = on;
  // A GPU adds up a sparse product in any order; and arrays that are no inputs of a recorded step stay part of it.
  const isPlain = !session.hasGpu && !session.isDeterministic && (session.recorder?.knows(parts) ?? true);
  if (isPlain && height > 0 && countOf(parts) > 0) return multiplyVariant(on, on.hold(scatterMatrix(session, parts, height)), values);
  const ids = parts.map((part) => on.ints(part));
  return on.segmentSum(values, on.concat(ids, 0, types.int32), height);
}

/** Rows before the split that a batch needs of a matrix (sparse.ts); undefined where all rows are computed instead. */
export function chosenRows(on: Workspace, matrix: TensorflowMatrix, rows: Int32Array): Pointer | undefined {
  const { session } = on;
  const { recorder } = session;
  if (!matrix.canChoose || rows.length === 0 || recorder?.knows([rows]) === false) return undefined;
  session.recorder = undefined;
  try {
    const handle = on.hold(matrix.chosen(rows));
    recorder?.chose(handle, matrix, rows);
    return handle;
  } finally {
    session.recorder = recorder;
  }
}
