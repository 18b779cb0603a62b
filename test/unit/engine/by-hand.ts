/** The kernels once more, in float64 and as plainly as possible, to hold every device against. Matrices are row-major. */
export type Numbers = Float64Array;

export function dotRows(a: Numbers, rowA: number, b: Numbers, rowB: number, width: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += a[rowA * width + c]! * b[rowB * width + c]!;
  return sum;
}

export function matMul(
  a: Numbers,
  b: Numbers,
  { m, n, k, transposeA, transposeB }: { m: number; n: number; k: number; transposeA: boolean; transposeB: boolean },
): Numbers {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[transposeA ? p * m + i : i * k + p]! * b[transposeB ? j * k + p : p * n + j]!;
      out[i * n + j] = sum;
    }
  }
  return out;
}

export interface Triplet {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

export function sparseProduct(entries: readonly Triplet[], rows: number, dense: Numbers, width: number): Numbers {
  const out = new Float64Array(rows * width);
  for (const { row, column, value } of entries) {
    for (let c = 0; c < width; c++) out[row * width + c]! += value * dense[column * width + c]!;
  }
  return out;
}

/** (1/(L+1)) Σ Gˡ x, summed layer by layer (the kernels use Horner's rule). */
export function layerMean(entries: readonly Triplet[], x: Numbers, width: number, layers: number): Numbers {
  const sum = Float64Array.from(x);
  let layer = x;
  for (let l = 0; l < layers; l++) {
    layer = sparseProduct(entries, x.length / width, layer, width);
    layer.forEach((value, i) => (sum[i]! += value));
  }
  return sum.map((value) => value / (layers + 1));
}

export function infoNce(
  q: Numbers,
  k: Numbers,
  width: number,
  pairs: { queryOf: Int32Array; keyOf: Int32Array; keyCounts: Float32Array },
  temperature: number,
): Numbers {
  return Float64Array.from(pairs.queryOf, (query, r) => {
    let sum = 0;
    pairs.keyCounts.forEach((count, key) => (sum += count * Math.exp(dotRows(q, query, k, key, width) / temperature)));
    return Math.log(sum) - dotRows(q, query, k, pairs.keyOf[r]!, width) / temperature;
  });
}

export function normalise(x: Numbers, width: number, epsilon: number): Numbers {
  return x.map((value, i) => {
    const row = Math.floor(i / width);
    return value / Math.max(Math.sqrt(dotRows(x, row, x, row, width)), epsilon);
  });
}

export function bpr(u: Numbers, i: Numbers, j: Numbers, width: number, epsilon: number): number {
  const rows = u.length / width;
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    const delta = dotRows(u, r, i, r, width) - dotRows(u, r, j, r, width);
    sum -= Math.log(epsilon + 1 / (1 + Math.exp(-delta)));
  }
  return sum / rows;
}

export function squares(x: Numbers): number {
  return x.reduce((sum, value) => sum + value * value, 0);
}
