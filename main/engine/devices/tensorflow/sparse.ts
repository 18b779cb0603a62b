import type { Csr } from '../../device.ts';
import type { SparseMatrix } from '../../engine.ts';
import { transposeCsr } from '../reference.ts';
import type { Pointer } from './c-api.ts';
import { types } from './session.ts';
import type { Session } from './session.ts';
import type { Workspace } from './workspace.ts';

/**
 * A matrix and its transpose as TensorFlow's CSR variants. A handle of its own for the transpose: the product's transpose_a is several
 * times slower.
 */
export class TensorflowMatrix implements SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly nonZeros: number;
  readonly #session: Session;
  #sides: readonly [Pointer, Pointer] | undefined;

  constructor(session: Session, csr: Csr, symmetric: boolean) {
    this.rows = csr.rows;
    this.columns = csr.columns;
    this.nonZeros = csr.values.length;
    this.#session = session;
    const forward = this.#upload(csr);
    this.#sides = [forward, symmetric ? forward : this.#upload(transposeCsr(csr))];
  }

  #upload({ rows, columns, offsets, indices, values }: Csr): Pointer {
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

  side(transposed: boolean): Pointer {
    if (this.#sides === undefined) throw new Error('A sparse matrix was used after dispose().');
    return this.#sides[transposed ? 1 : 0];
  }

  dispose(): void {
    for (const side of new Set(this.#sides ?? [])) {
      this.#session.matrixShapes.delete(side);
      this.#session.free(side);
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
export function multiply(on: Workspace, side: Pointer, dense: Pointer): Pointer {
  return on.run('SparseMatrixMatMul', [side, dense], product);
}
