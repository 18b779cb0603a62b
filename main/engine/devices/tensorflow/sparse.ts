import type { Csr } from '../../device.ts';
import { TwoSided } from '../two-sided.ts';
import type { Pointer } from './c-api.ts';
import { types } from './session.ts';
import type { Session } from './session.ts';
import type { Workspace } from './workspace.ts';

/** A tensor of a matrix; −1 in its shape stands for the count of entries. */
export interface Part {
  readonly handle: Pointer;
  readonly type: number;
  readonly shape: readonly number[];
}

/** One side of a matrix on the device. */
export interface Side {
  /** Rows and columns. */
  readonly size: readonly [number, number];
  /**
   * One CSR variant; or, in a deterministic session, rows, columns and values of the entries, sorted by row: a GPU adds up the CSR
   * product in any order.
   */
  readonly parts: readonly Part[];
}

/**
 * A matrix and its transpose as TensorFlow's CSR variants. A handle of its own for the transpose: the product's transpose_a is several
 * times slower.
 */
export class TensorflowMatrix extends TwoSided<Side> {
  constructor(session: Session, csr: Csr, symmetric: boolean) {
    const release = ({ parts }: Side): void => {
      for (const { handle } of parts) {
        session.matrixShapes.delete(handle);
        session.free(handle);
      }
    };
    super(csr, symmetric, (side) => upload(session, side), release);
  }
}

function upload(session: Session, csr: Csr): Side {
  const size = [csr.rows, csr.columns] as const;
  if (session.isDeterministic) return { size, parts: entries(session, csr) };
  return { size, parts: [{ handle: variant(session, csr), type: types.variant, shape: [] }] };
}

function variant(session: Session, { rows, columns, offsets, indices, values }: Csr): Pointer {
  // Indices as int64: int32 tensors stay on the host of a GPU. Written as low and high halves, which is far faster than BigInts.
  const places = new Int32Array(indices.length * 4);
  for (let r = 0; r < rows; r++) {
    for (let e = offsets[r]!; e < offsets[r + 1]!; e++) {
      places[4 * e] = r;
      places[4 * e + 2] = indices[e]!;
    }
  }
  const inputs = [
    session.create(places, [indices.length, 2], types.int64),
    session.floats(values),
    session.create(BigInt64Array.of(BigInt(rows), BigInt(columns)), [2], types.int64),
  ];
  const [handle] = session.run('SparseTensorToCSRSparseMatrix', inputs, { T: { type: types.float } }, 1);
  for (const input of inputs) session.free(input);
  session.matrixShapes.set(handle!, [rows, columns]);
  return handle!;
}

function entries(session: Session, { rows, offsets, indices, values }: Csr): Part[] {
  const rowOf = new Int32Array(indices.length);
  for (let r = 0; r < rows; r++) rowOf.fill(r, offsets[r]!, offsets[r + 1]!);
  return [
    { handle: session.ints(rowOf), type: types.int32, shape: [-1] },
    { handle: session.ints(indices), type: types.int32, shape: [-1] },
    { handle: session.floats(values, [values.length, 1]), type: types.float, shape: [-1, 1] },
  ];
}

const product = {
  T: { type: types.float },
  ...Object.fromEntries(
    ['transpose_a', 'transpose_b', 'adjoint_a', 'adjoint_b', 'transpose_output', 'conjugate_output'].map((name) => [name, { bool: false }]),
  ),
};

/** One side of a matrix · dense. */
export function multiply(on: Workspace, { size, parts }: Side, dense: Pointer): Pointer {
  const [first, columnOf, values] = parts.map(({ handle }) => handle) as [Pointer, Pointer?, Pointer?];
  if (columnOf === undefined || values === undefined) return on.run('SparseMatrixMatMul', [first, dense], product);
  return on.segmentSum(on.each('Mul', on.gather(dense, columnOf), values), first, size[0]);
}
