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
  /** Rows and columns of a CSR variant. */
  readonly size?: readonly [number, number];
}

/** Blocks of a matrix G that joins rows before its split with columns from it on, as CSR variants. */
export interface Blocks {
  /** G's rows before the split over its columns from there on. */
  readonly upper: Pointer;
  /** G's rows from the split on over its columns before it. */
  readonly lower: Pointer;
  /** G's rows from the split on over its columns from there on; absent where empty. */
  readonly corner: Pointer | undefined;
  /** 1 + G: its rows before the split, and those from it on, over all columns. A first hop then needs no addition. */
  readonly upperWithOwn: Pointer;
  readonly lowerWithOwn: Pointer;
}

/** One side of a matrix on the device. */
export interface Side {
  /** Rows and columns. */
  readonly size: readonly [number, number];
  readonly split: number;
  /**
   * One CSR variant, or those of the blocks; or, in a deterministic session, rows, columns and values of the entries, sorted by row: a
   * GPU adds up the CSR product in any order.
   */
  readonly parts: readonly Part[];
  /**
   * Where the matrix has a split and the session need not be deterministic. TensorFlow deals a product's rows out evenly, whatever they
   * hold, and long item rows make one thread wait; by blocks each share is even, and what is read fits the caches better: half the time.
   */
  readonly blocks: Blocks | undefined;
}

/**
 * A matrix and its transpose as TensorFlow's CSR variants. A handle of its own for the transpose: the product's transpose_a is several
 * times slower.
 */
export class TensorflowMatrix extends TwoSided<Side> {
  /** Differs from every other matrix's. */
  readonly id: number;
  readonly #session: Session;
  /** The rows before the split over the columns from there on, here: rows of them are chosen for each batch. */
  readonly #upper: Csr | undefined;

  constructor(session: Session, csr: Csr, symmetric: boolean, split?: number) {
    const release = ({ parts }: Side): void => {
      for (const { handle } of parts) {
        session.matrixShapes.delete(handle);
        session.free(handle);
      }
    };
    super(csr, symmetric, (side) => upload(session, side, split ?? 0), release, split);
    this.id = ++made;
    this.#session = session;
    // A GPU takes all rows in less time than the host takes to choose some.
    const isChosenFrom = this.split > 0 && !session.isDeterministic && !session.hasGpu;
    this.#upper = isChosenFrom ? block(csr, [0, this.split], [this.split, csr.columns]) : undefined;
  }

  get canChoose(): boolean {
    return this.#upper !== undefined;
  }

  /** These rows before the split, over the columns from there on, as a CSR variant [rows, columns − split]; the caller deletes it. */
  chosen(rows: Int32Array): Pointer {
    const { offsets, indices, values, columns } = this.#upper!;
    let count = 0;
    for (let r = 0; r < rows.length; r++) count += offsets[rows[r]! + 1]! - offsets[rows[r]!]!;
    const places = new Int32Array(count * 4);
    const kept = new Float32Array(count);
    let filled = 0;
    for (let r = 0; r < rows.length; r++) {
      for (let e = offsets[rows[r]!]!; e < offsets[rows[r]! + 1]!; e++) {
        places[4 * filled] = r;
        places[4 * filled + 2] = indices[e]!;
        kept[filled++] = values[e]!;
      }
    }
    return variantOf(this.#session, places, kept, [rows.length, columns]);
  }
}

/** Matrices made in this process. */
let made = 0;

function upload(session: Session, csr: Csr, split: number): Side {
  const size = [csr.rows, csr.columns] as const;
  if (session.isDeterministic) return { size, split, parts: entries(session, csr), blocks: undefined };
  if (split === 0) return { size, split, parts: [variant(session, csr)], blocks: undefined };
  const n = csr.rows;
  const corner = block(csr, [split, n], [split, n]);
  const parts = [
    block(csr, [0, split], [split, n]),
    block(csr, [split, n], [0, split]),
    withOwn(block(csr, [0, split], [0, n]), 0),
    withOwn(block(csr, [split, n], [0, n]), split),
    ...(corner.values.length > 0 ? [corner] : []),
  ].map((part) => variant(session, part));
  const [upper, lower, upperWithOwn, lowerWithOwn, rest] = parts.map(({ handle }) => handle) as [
    Pointer,
    Pointer,
    Pointer,
    Pointer,
    Pointer?,
  ];
  return { size, split, parts, blocks: { upper, lower, upperWithOwn, lowerWithOwn, corner: rest } };
}

type Range = readonly [from: number, to: number];

/** The entries in ranges of rows and of columns, both counted from their beginnings. */
function block({ offsets, indices, values }: Csr, [fromRow, toRow]: Range, [fromColumn, toColumn]: Range): Csr {
  const starts = new Int32Array(toRow - fromRow + 1);
  const [first, last] = [offsets[fromRow]!, offsets[toRow]!];
  const columns = new Int32Array(last - first);
  const kept = new Float32Array(last - first);
  let filled = 0;
  for (let r = fromRow; r < toRow; r++) {
    for (let e = offsets[r]!; e < offsets[r + 1]!; e++) {
      const column = indices[e]!;
      if (column < fromColumn || column >= toColumn) continue;
      columns[filled] = column - fromColumn;
      kept[filled] = values[e]!;
      filled += 1;
    }
    starts[r - fromRow + 1] = filled;
  }
  const size = { rows: toRow - fromRow, columns: toColumn - fromColumn };
  return { ...size, offsets: starts, indices: columns.subarray(0, filled), values: kept.subarray(0, filled) };
}

/** Rows of 1 + G from rows of G that begin with row `from`: an entry of one more in each row. */
function withOwn({ rows, columns, offsets, indices, values }: Csr, from: number): Csr {
  const own = {
    offsets: new Int32Array(rows + 1),
    indices: new Int32Array(indices.length + rows),
    values: new Float32Array(indices.length + rows),
  };
  let filled = 0;
  const put = (column: number, value: number): void => {
    own.indices[filled] = column;
    own.values[filled] = value;
    filled += 1;
  };
  for (let r = 0; r < rows; r++) {
    let isOwnDue = true;
    for (let e = offsets[r]!; e < offsets[r + 1]!; e++) {
      const column = indices[e]!;
      if (isOwnDue && column >= from + r) {
        isOwnDue = false;
        if (column === from + r) {
          put(column, values[e]! + 1);
          continue;
        }
        put(from + r, 1);
      }
      put(column, values[e]!);
    }
    if (isOwnDue) put(from + r, 1);
    own.offsets[r + 1] = filled;
  }
  return { rows, columns, offsets: own.offsets, indices: own.indices.subarray(0, filled), values: own.values.subarray(0, filled) };
}

function variant(session: Session, { rows, columns, offsets, indices, values }: Csr): Part {
  // Indices as int64: int32 tensors stay on the host of a GPU. Written as low and high halves, which is far faster than BigInts.
  const places = new Int32Array(indices.length * 4);
  for (let r = 0; r < rows; r++) {
    for (let e = offsets[r]!; e < offsets[r + 1]!; e++) {
      places[4 * e] = r;
      places[4 * e + 2] = indices[e]!;
    }
  }
  const handle = variantOf(session, places, values, [rows, columns]);
  session.matrixShapes.set(handle, [rows, columns]);
  return { handle, type: types.variant, shape: [], size: [rows, columns] };
}

/** A CSR variant from rows and columns of the entries, int64 as low and high halves, sorted by row; the caller deletes it. */
export function variantOf(session: Session, places: Int32Array, values: Float32Array, [rows, columns]: readonly [number, number]): Pointer {
  const inputs = [
    session.create(places, [values.length, 2], types.int64),
    session.floats(values),
    session.create(BigInt64Array.of(BigInt(rows), BigInt(columns)), [2], types.int64),
  ];
  const [handle] = session.run('SparseTensorToCSRSparseMatrix', inputs, { T: { type: types.float } }, 1);
  for (const input of inputs) session.free(input);
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

/** A CSR variant · dense. */
export function multiplyVariant(on: Workspace, matrix: Pointer, dense: Pointer): Pointer {
  return on.run('SparseMatrixMatMul', [matrix, dense], product);
}

/** The transpose of a CSR variant · dense. */
export function multiplyTurned(on: Workspace, matrix: Pointer, dense: Pointer): Pointer {
  const turned = on.run('SparseMatrixTranspose', [matrix], { conjugate: { bool: false }, type: { type: types.float } });
  return multiplyVariant(on, turned, dense);
}

/** One side of a matrix · dense [columns, w]. */
export function multiply(on: Workspace, { size, split, parts, blocks }: Side, dense: Pointer, width: number): Pointer {
  if (blocks !== undefined) {
    const [above, below] = [on.rows(dense, 0, split, width), on.rows(dense, split, size[1] - split, width)];
    return on.concat([multiplyVariant(on, blocks.upper, below), lowerProduct(on, blocks, { above, below })], 0);
  }
  const [first, columnOf, values] = parts.map(({ handle }) => handle) as [Pointer, Pointer?, Pointer?];
  if (columnOf === undefined || values === undefined) return multiplyVariant(on, first, dense);
  return on.segmentSum(on.each('Mul', on.gather(dense, columnOf), values), first, size[0]);
}

/** G's rows from the split on, for what is above and below the split. */
export function lowerProduct(on: Workspace, { lower, corner }: Blocks, { above, below }: { above: Pointer; below: Pointer }): Pointer {
  const found = multiplyVariant(on, lower, above);
  return corner === undefined ? found : on.each('AddV2', found, multiplyVariant(on, corner, below));
}
