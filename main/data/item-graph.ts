import { csrFromEntries, entryRows, transpose } from './csr.ts';
import type { CsrMatrix } from './dataset.ts';
import type { Neighbours } from './knn.ts';

/** Item-item graphs from neighbour lists (models.md 0.3 and E1). None is ever dense. */

/** S̃ (LATTICE, MGCN): cosine as weight, s_ij / √(r_i r_j) with r the row sums for both indices. Directed. */
export function cosineGraph(neighbours: Neighbours): CsrMatrix {
  const sums = new Float64Array(neighbours.rows);
  eachNeighbour(neighbours, (row, _, cosine) => {
    sums[row] = sums[row]! + cosine;
  });
  const scale = sums.map((sum) => (sum > 0 ? 1 / Math.sqrt(sum) : 0));
  return graphOf(neighbours, (row, id, cosine) => cosine * scale[row]! * scale[id]!);
}

/** F_m (FREEDOM): every neighbour weighs 1, divided by √(n_i n_j) with n the neighbours kept, so 1/k in full rows. */
export function binaryGraph(neighbours: Neighbours): CsrMatrix {
  const counts = new Int32Array(neighbours.rows);
  eachNeighbour(neighbours, (row) => {
    counts[row] = counts[row]! + 1;
  });
  return graphOf(neighbours, (row, id) => 1 / Math.sqrt(counts[row]! * counts[id]!));
}

/** Σ weight·matrix over matrices of one shape; equal places add. */
export function mixedGraph(parts: readonly { readonly weight: number; readonly matrix: CsrMatrix }[]): CsrMatrix {
  const first = parts[0]!.matrix;
  const total = parts.reduce((sum, { matrix }) => sum + matrix.indices.length, 0);
  const rows = new Int32Array(total);
  const columns = new Int32Array(total);
  const values = new Float64Array(total);
  let filled = 0;
  for (const { weight, matrix } of parts) {
    rows.set(entryRows(matrix), filled);
    columns.set(matrix.indices, filled);
    for (const value of matrix.values) values[filled++] = weight * value;
  }
  return csrFromEntries({ rows: first.rows, columns: first.columns }, { rows, columns, values });
}

/** The largest value of each entry that any of the matrices has (SMORE's fused graph). */
export function largestGraph(matrices: readonly CsrMatrix[]): CsrMatrix {
  const first = matrices[0]!;
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (let r = 0; r < first.rows; r++) {
    const row = new Map<number, number>();
    for (const { offsets, indices, values: weights } of matrices) {
      for (let entry = offsets[r]!; entry < offsets[r + 1]!; entry++) {
        const column = indices[entry]!;
        row.set(column, Math.max(row.get(column) ?? -Infinity, weights[entry]!));
      }
    }
    for (const [column, value] of row) {
      rows.push(r);
      columns.push(column);
      values.push(value);
    }
  }
  return csrFromEntries({ rows: first.rows, columns: first.columns }, { rows, columns, values });
}

/** i → j with weight 1 where j is an entry of row i in every matrix and j ≠ i (GUME's rule for two modalities). */
export function intersectionGraph(matrices: readonly CsrMatrix[]): CsrMatrix {
  const first = matrices[0]!;
  const rows: number[] = [];
  const columns: number[] = [];
  for (let r = 0; r < first.rows; r++) {
    const others = matrices.slice(1).map((matrix) => new Set(matrix.indices.subarray(matrix.offsets[r], matrix.offsets[r + 1])));
    for (const column of first.indices.subarray(first.offsets[r], first.offsets[r + 1])) {
      if (column === r || !others.every((row) => row.has(column))) continue;
      rows.push(r);
      columns.push(column);
    }
  }
  return csrFromEntries({ rows: first.rows, columns: first.columns }, { rows, columns });
}

/** S_ij = 1, or the cosine with negatives cut to 0 (such links vanish), for the neighbours listed. */
export function linkGraph(neighbours: Neighbours, weight: 'binary' | 'cosine'): CsrMatrix {
  return graphOf(neighbours, (_row, _id, cosine) => (weight === 'binary' ? 1 : Math.max(cosine, 0)));
}

/** The matrix without its diagonal. */
export function withoutSelf(matrix: CsrMatrix): CsrMatrix {
  const rows = entryRows(matrix);
  const kept = Int32Array.from(rows.keys()).filter((entry) => rows[entry] !== matrix.indices[entry]);
  return csrFromEntries(
    { rows: matrix.rows, columns: matrix.columns },
    {
      rows: kept.map((e) => rows[e]!),
      columns: kept.map((e) => matrix.indices[e]!),
      values: Float32Array.from(kept, (e) => matrix.values[e]!),
    },
  );
}

/** max: S ← max(S, Sᵀ); mutual: min(S, Sᵀ), links of both directions only; none: unchanged. Weights are not negative. */
export function symmetrised(matrix: CsrMatrix, rule: 'max' | 'none' | 'mutual'): CsrMatrix {
  if (rule === 'none') return matrix;
  const other = transpose(matrix);
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (let r = 0; r < matrix.rows; r++) {
    let a = matrix.offsets[r]!;
    let b = other.offsets[r]!;
    const endA = matrix.offsets[r + 1]!;
    const endB = other.offsets[r + 1]!;
    while (a < endA || b < endB) {
      const columnA = a < endA ? matrix.indices[a]! : Infinity;
      const columnB = b < endB ? other.indices[b]! : Infinity;
      const column = Math.min(columnA, columnB);
      const valueA = columnA === column ? matrix.values[a++]! : 0;
      const valueB = columnB === column ? other.values[b++]! : 0;
      const value = rule === 'max' ? Math.max(valueA, valueB) : Math.min(valueA, valueB);
      if (value === 0) continue;
      rows.push(r);
      columns.push(column);
      values.push(value);
    }
  }
  return csrFromEntries({ rows: matrix.rows, columns: matrix.columns }, { rows, columns, values });
}

function graphOf(neighbours: Neighbours, weigh: (row: number, id: number, cosine: number) => number): CsrMatrix {
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  eachNeighbour(neighbours, (row, id, cosine) => {
    const value = weigh(row, id, cosine);
    if (value === 0) return;
    rows.push(row);
    columns.push(id);
    values.push(value);
  });
  return csrFromEntries({ rows: neighbours.rows, columns: neighbours.rows }, { rows, columns, values });
}

function eachNeighbour(neighbours: Neighbours, visit: (row: number, id: number, cosine: number) => void): void {
  for (let place = 0; place < neighbours.ids.length; place++) {
    const id = neighbours.ids[place]!;
    if (id >= 0) visit(Math.floor(place / neighbours.k), id, neighbours.cosines[place]!);
  }
}
