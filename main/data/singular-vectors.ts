import { entryRows } from './csr.ts';
import type { CsrMatrix } from './dataset.ts';
import type { Random } from './random.ts';

/** Leading singular triplets: `values` falling; `left` [rows, count] and `right` [columns, count], row-major, unit columns. */
export interface Triplets {
  readonly count: number;
  readonly values: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** Vectors beyond those wanted, so that the last of those converge too. */
const spare = 8;
/** Products between two orthonormalisations: few enough that nothing is lost in double. */
const stride = 4;
const mostRounds = 100;
const tolerance = 1e-10;

/**
 * The `count` largest singular triplets of a sparse matrix by subspace iteration in double; fewer where the matrix is smaller. The
 * start is random, the result depends on it by rounding alone (and in sign, or basis where values are equal).
 */
export function leadingTriplets(matrix: CsrMatrix, count: number, random: Random): Triplets {
  const size = Math.min(count + spare, matrix.columns);
  const wanted = Math.min(count, size);
  const products = new Products(matrix, size);
  let basis = Float64Array.from({ length: matrix.columns * size }, () => random.normal());
  orthonormalise(basis, size);
  let values = new Float64Array(size);
  let rotation = new Float64Array(size * size);
  for (let round = 0; round < mostRounds; round++) {
    for (let power = 0; power < stride; power++) basis = products.back(products.there(basis));
    orthonormalise(basis, size);
    const found = symmetricEigen(gram(products.there(basis), size), size);
    const change = found.values.reduce((most, value, j) => (j < wanted ? Math.max(most, Math.abs(value - values[j]!)) : most), 0);
    ({ values, vectors: rotation } = found);
    if (change <= tolerance * values[0]!) break;
  }
  const right = rotated(basis, rotation, size, wanted);
  const singular = Float64Array.from(values.subarray(0, wanted), (value) => Math.sqrt(Math.max(value, 0)));
  const left = new Products(matrix, wanted).there(right);
  for (let place = 0; place < left.length; place++) {
    const value = singular[place % wanted]!;
    left[place] = value > 0 ? left[place]! / value : 0;
  }
  return { count: wanted, values: singular, left, right };
}

/** A·X and Aᵀ·X of row-major tables with `width` columns. */
class Products {
  readonly #matrix: CsrMatrix;
  readonly #rows: Int32Array;
  readonly #width: number;

  constructor(matrix: CsrMatrix, width: number) {
    this.#matrix = matrix;
    this.#rows = entryRows(matrix);
    this.#width = width;
  }

  there(x: Float64Array): Float64Array<ArrayBuffer> {
    return this.#product(x, this.#matrix.rows, this.#rows, this.#matrix.indices);
  }

  back(x: Float64Array): Float64Array<ArrayBuffer> {
    return this.#product(x, this.#matrix.columns, this.#matrix.indices, this.#rows);
  }

  #product(x: Float64Array, height: number, to: Int32Array, from: Int32Array): Float64Array<ArrayBuffer> {
    const width = this.#width;
    const { values } = this.#matrix;
    const result = new Float64Array(height * width);
    for (let e = 0; e < values.length; e++) {
      const value = values[e]!;
      const target = to[e]! * width;
      const source = from[e]! * width;
      for (let c = 0; c < width; c++) result[target + c] = result[target + c]! + value * x[source + c]!;
    }
    return result;
  }
}

/** Columns of a row-major table made orthonormal in place (Gram–Schmidt, twice); a column without a direction of its own becomes 0. */
function orthonormalise(table: Float64Array, width: number): void {
  const rows = table.length / width;
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += table[r * width + a]! * table[r * width + b]!;
    return sum;
  };
  for (let c = 0; c < width; c++) {
    const before = Math.sqrt(dot(c, c));
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < c; other++) {
        const share = dot(c, other);
        for (let r = 0; r < rows; r++) table[r * width + c] = table[r * width + c]! - share * table[r * width + other]!;
      }
    }
    const length = Math.sqrt(dot(c, c));
    const scale = length > 1e-12 * before ? 1 / length : 0;
    for (let r = 0; r < rows; r++) table[r * width + c] = table[r * width + c]! * scale;
  }
}

/** XᵀX [width, width]. */
function gram(x: Float64Array, width: number): Float64Array {
  const result = new Float64Array(width * width);
  for (let row = 0; row < x.length; row += width) {
    for (let a = 0; a < width; a++)
      for (let b = a; b < width; b++) result[a * width + b] = result[a * width + b]! + x[row + a]! * x[row + b]!;
  }
  for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) result[a * width + b] = result[b * width + a]!;
  return result;
}

/** Eigenvalues, falling, and eigenvectors as columns, of a small symmetric matrix: Jacobi rotations. */
function symmetricEigen(given: Float64Array, size: number): { values: Float64Array<ArrayBuffer>; vectors: Float64Array<ArrayBuffer> } {
  const a = given.slice();
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  const rotate = (table: Float64Array, p: number, q: number, { c, s }: { c: number; s: number }) => {
    const [x, y] = [table[p]!, table[q]!];
    table[p] = c * x - s * y;
    table[q] = s * x + c * y;
  };
  for (let sweep = 0; sweep < 60; sweep++) {
    let rest = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rest += a[p * size + q]! ** 2;
    if (rest < 1e-30) break;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = a[p * size + q]!;
        if (off === 0) continue;
        const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * off);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const turn = { c, s: t * c };
        for (let k = 0; k < size; k++) rotate(a, k * size + p, k * size + q, turn);
        for (let k = 0; k < size; k++) rotate(a, p * size + k, q * size + k, turn);
        for (let k = 0; k < size; k++) rotate(vectors, k * size + p, k * size + q, turn);
      }
    }
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j]! - a[i * size + i]!);
  const values = Float64Array.from(order, (i) => a[i * size + i]!);
  const sorted = new Float64Array(size * size);
  for (let k = 0; k < size; k++) order.forEach((from, to) => (sorted[k * size + to] = vectors[k * size + from]!));
  return { values, vectors: sorted };
}

/** table [rows, size] times the first `count` columns of rotation [size, size]. */
function rotated(table: Float64Array, rotation: Float64Array, size: number, count: number): Float64Array {
  const result = new Float64Array((table.length / size) * count);
  for (let row = 0; row < table.length / size; row++) {
    for (let c = 0; c < count; c++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += table[row * size + k]! * rotation[k * size + c]!;
      result[row * count + c] = sum;
    }
  }
  return result;
}
