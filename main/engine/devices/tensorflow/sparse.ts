import type { Csr } from '../../device.ts';
import type { SparseMatrix } from '../../engine.ts';
import { transposeCsr } from '../reference.ts';
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
export class TensorflowMatrix implements SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly nonZeros: number;
  readonly #session: Session;
  #sides: readonly [Side, Side] | undefined;

  constructor(session: Session, csr: Csr, symmetric: boolean) {
    this.rows = csr.rows;
    this.columns = csr.columns;
    this.nonZeros = csr.values.length;
    this.#session = session;
    const forward = this.#upload(csr);
    this.#sides = [forward, symmetric ? forward : this.#upload(transposeCsr(csr))];
  }

  #upload(csr: Csr): Side {
    const size = [csr.rows, csr.columns] as const;
    if (this.#session.isDeterministic) return { size, parts: this.#entries(csr) };
    return { size, parts: [{ handle: this.#variant(csr), type: types.variant, shape: [] }] };
  }

  #variant({ rows, columns, offsets, indices, values }: Csr): Pointer {
    // Indices as int64: int32 tensors stay on the host of a GPU. Written as low and high halves, which is far faster than BigInts.
    const places = new Int32Array(indices.length * 4);
    for (let r = 0; r < rows; r++) {
      for (let e = offsets[r]!; e < offsets[r + 1]!; e++) {
        places[4 * e] = r;
        places[4 * e + 2] = indices[e]!;
      }
    }
    const inputs = [
      this.#session.create(places, [indices.length, 2], types.int64),
      this.#session.floats(values),
      this.#session.create(BigInt64Array.of(BigInt(rows), BigInt(columns)), [2], types.int64),
    ];
    const [variant] = this.#session.run('SparseTensorToCSRSparseMatrix', inputs, { T: { type: types.float } }, 1);
    for (const input of inputs) this.#session.free(input);
    this.#session.matrixShapes.set(variant!, [rows, columns]);
    return variant!;
  }

  #entries({ rows, offsets, indices, values }: Csr): Part[] {
    const rowOf = new Int32Array(indices.length);
    for (let r = 0; r < rows; r++) rowOf.fill(r, offsets[r]!, offsets[r + 1]!);
    return [
      { handle: this.#session.ints(rowOf), type: types.int32, shape: [-1] },
      { handle: this.#session.ints(indices), type: types.int32, shape: [-1] },
      { handle: this.#session.floats(values, [values.length, 1]), type: types.float, shape: [-1, 1] },
    ];
  }

  side(transposed: boolean): Side {
    if (this.#sides === undefined) throw new Error('A sparse matrix was used after dispose().');
    return this.#sides[transposed ? 1 : 0];
  }

  dispose(): void {
    for (const handle of new Set((this.#sides ?? []).flatMap(({ parts }) => parts.map(({ handle: own }) => own)))) {
      this.#session.matrixShapes.delete(handle);
      this.#session.free(handle);
    }
    this.#sides = undefined;
  }
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
