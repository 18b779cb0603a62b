/**
 * The kernels in plain TypeScript over typed arrays, with double accumulation: what the other devices are tested against. Written
 * to be read, not to be fast.
 */
import type { Csr, Mask, Pairs, Ranked, RowsView } from '../device.ts';

/** The transpose in compressed rows; entries of a row keep the order of their source rows. */
export function transposeCsr(csr: Csr): Csr {
  const { rows, columns, offsets, indices, values } = csr;
  const counts = new Int32Array(columns + 1);
  const nonZeros = offsets[rows]!;
  for (let e = 0; e < nonZeros; e++) counts[indices[e]! + 1]! += 1;
  for (let c = 0; c < columns; c++) counts[c + 1]! += counts[c]!;
  const next = counts.slice();
  const turned = { indices: new Int32Array(nonZeros), values: new Float32Array(nonZeros) };
  for (let r = 0; r < rows; r++) {
    for (let e = offsets[r]!; e < offsets[r + 1]!; e++) {
      const place = next[indices[e]!]!++;
      turned.indices[place] = r;
      turned.values[place] = values[e]!;
    }
  }
  return { rows: columns, columns: rows, offsets: counts, ...turned };
}

/** a [rows, inner] · b [inner, columns], either stored transposed. */
export function matMul(
  a: Float32Array,
  b: Float32Array,
  by: { rows: number; inner: number; columns: number; transposeA: boolean; transposeB: boolean },
): Float32Array {
  const { rows, inner, columns, transposeA, transposeB } = by;
  const out = new Float32Array(rows * columns);
  const sum = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    sum.fill(0);
    for (let p = 0; p < inner; p++) {
      const value = transposeA ? a[p * rows + r]! : a[r * inner + p]!;
      for (let c = 0; c < columns; c++) sum[c]! += value * (transposeB ? b[c * inner + p]! : b[p * columns + c]!);
    }
    out.set(sum, r * columns);
  }
  return out;
}

/** csr [r, c] · dense [c, w] → [r, w]. */
export function spmm(csr: Csr, dense: Float32Array, width: number): Float32Array {
  const out = new Float32Array(csr.rows * width);
  const sum = new Float64Array(width);
  for (let r = 0; r < csr.rows; r++) {
    sum.fill(0);
    for (let e = csr.offsets[r]!; e < csr.offsets[r + 1]!; e++) {
      const value = csr.values[e]!;
      const from = csr.indices[e]! * width;
      for (let c = 0; c < width; c++) sum[c]! += value * dense[from + c]!;
    }
    out.set(sum, r * width);
  }
  return out;
}

/** (1/(layers+1)) Σ Gˡ dense, by Horner's rule: h ← dense + G h. */
export function propagate(csr: Csr, dense: Float32Array, width: number, layers: number): Float32Array {
  let held = dense;
  for (let l = 0; l < layers; l++) {
    const product = spmm(csr, held, width);
    held = product.map((value, i) => value + dense[i]!);
  }
  const scale = 1 / (layers + 1);
  return held.map((value) => value * scale);
}

/** Rows of {@link propagate}, of the table and the table's lower rows, as the view asks; see device.ts. */
export function propagateRows(csr: Csr, split: number, table: Float32Array, width: number, view: RowsView): Float32Array[] {
  const rows = stackedRows(view, split);
  const found = [gather(propagate(csr, table, width, view.layers), width, rows)];
  if (view.withStart) found.push(gather(table, width, rows));
  if (view.withLower) found.push(table.slice(split * width));
  return found;
}

/** `transposed` is the matrix's transpose; upstream in the order of {@link propagateRows}. */
export function propagateRowsGradient(
  transposed: Csr,
  split: number,
  upstream: readonly Float32Array[],
  width: number,
  view: RowsView,
): Float32Array {
  const rows = stackedRows(view, split);
  const height = transposed.rows;
  const out = propagate(transposed, segmentSum([upstream[0]!], [rows], width, height), width, view.layers);
  const add = (values: Float32Array, from: number): void => values.forEach((value, i) => (out[from + i]! += value));
  if (view.withStart) add(segmentSum([upstream[1]!], [rows], width, height), 0);
  if (view.withLower) add(upstream[upstream.length - 1]!, split * width);
  return out;
}

/** Rows of a view as rows of the whole table. */
export function stackedRows({ parts: [upper, lower] }: RowsView, split: number): Int32Array {
  return Int32Array.from([...upper, ...lower.map((row) => row + split)]);
}

export function gather(table: Float32Array, width: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, place) => out.set(table.subarray(row * width, (row + 1) * width), place * width));
  return out;
}

export function segmentSum(values: readonly Float32Array[], parts: readonly Int32Array[], width: number, height: number): Float32Array {
  const sum = new Float64Array(height * width);
  parts.forEach((rows, p) => {
    const source = values[p]!;
    rows.forEach((row, place) => {
      for (let c = 0; c < width; c++) sum[row * width + c]! += source[place * width + c]!;
    });
  });
  return Float32Array.from(sum);
}

function dot(a: Float32Array, rowA: number, b: Float32Array, rowB: number, width: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += a[rowA * width + c]! * b[rowB * width + c]!;
  return sum;
}

/** Loss by pair and log-sum-exp by query; see ops/info-nce.ts for the formula. */
export function infoNce(
  queries: Float32Array,
  keys: Float32Array,
  width: number,
  pairs: Pairs,
  temperature: number,
): { loss: Float32Array; logSumExp: Float32Array } {
  const rows = queries.length / width;
  const logSumExp = new Float32Array(rows);
  const exact = new Float64Array(rows);
  for (let q = 0; q < rows; q++) {
    let largest = -Infinity;
    for (let k = 0; k < pairs.keyCounts.length; k++) {
      if (pairs.keyCounts[k]! > 0) largest = Math.max(largest, dot(queries, q, keys, k, width) / temperature);
    }
    let sum = 0;
    for (let k = 0; k < pairs.keyCounts.length; k++) {
      if (pairs.keyCounts[k]! > 0) {
        sum += pairs.keyCounts[k]! * Math.exp(dot(queries, q, keys, k, width) / temperature - largest);
      }
    }
    exact[q] = largest + Math.log(sum);
    logSumExp[q] = exact[q]!;
  }
  const loss = new Float32Array(pairs.queryOf.length);
  for (let r = 0; r < loss.length; r++) {
    const query = pairs.queryOf[r]!;
    loss[r] = exact[query]! - dot(queries, query, keys, pairs.keyOf[r]!, width) / temperature;
  }
  return { loss, logSumExp };
}

/** With g_q = Σ of upstream over the pairs of q: dS[q,k] = (g_q p_qk − Σ upstream of pairs (q,k))/τ; dQ = dS·K, dK = dSᵀ·Q. */
export function infoNceGradient(
  upstream: Float32Array,
  queries: Float32Array,
  keys: Float32Array,
  logSumExp: Float32Array,
  width: number,
  pairs: Pairs,
  temperature: number,
): { queries: Float32Array; keys: Float32Array } {
  const perQuery = new Float64Array(logSumExp.length);
  upstream.forEach((value, r) => (perQuery[pairs.queryOf[r]!]! += value));
  const toQueries = new Float64Array(queries.length);
  const toKeys = new Float64Array(keys.length);
  const spread = (q: number, k: number, slope: number): void => {
    for (let c = 0; c < width; c++) {
      toQueries[q * width + c]! += slope * keys[k * width + c]!;
      toKeys[k * width + c]! += slope * queries[q * width + c]!;
    }
  };
  for (let q = 0; q < perQuery.length; q++) {
    if (perQuery[q] === 0) continue;
    for (let k = 0; k < pairs.keyCounts.length; k++) {
      const share = pairs.keyCounts[k]! * Math.exp(dot(queries, q, keys, k, width) / temperature - logSumExp[q]!);
      spread(q, k, (perQuery[q]! * share) / temperature);
    }
  }
  upstream.forEach((value, r) => spread(pairs.queryOf[r]!, pairs.keyOf[r]!, -value / temperature));
  return { queries: Float32Array.from(toQueries), keys: Float32Array.from(toKeys) };
}

export function normaliseRows(x: Float32Array, width: number, epsilon: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let r = 0; r * width < x.length; r++) {
    const length = Math.max(Math.sqrt(dot(x, r, x, r, width)), epsilon);
    for (let c = 0; c < width; c++) out[r * width + c] = x[r * width + c]! / length;
  }
  return out;
}

export function normaliseRowsGradient(upstream: Float32Array, x: Float32Array, width: number, epsilon: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let r = 0; r * width < x.length; r++) {
    const length = Math.sqrt(dot(x, r, x, r, width));
    const isScaledOnly = length <= epsilon;
    const along = isScaledOnly ? 0 : dot(x, r, upstream, r, width) / (length * length);
    const by = isScaledOnly ? epsilon : length;
    for (let c = 0; c < width; c++) out[r * width + c] = (upstream[r * width + c]! - along * x[r * width + c]!) / by;
  }
  return out;
}

/**
 * One BPR row from Δ: loss −log(ε + σ(Δ)) and its derivative. For ε = 0 the loss is softplus(−Δ), which no Δ overflows.
 */
export function bprRow(delta: number, epsilon: number): { loss: number; slope: number } {
  const small = Math.exp(-Math.abs(delta));
  // σ(Δ) and σ(−Δ) without overflow.
  const sigma = delta >= 0 ? 1 / (1 + small) : small / (1 + small);
  const rest = delta >= 0 ? small / (1 + small) : 1 / (1 + small);
  if (epsilon === 0) return { loss: Math.log1p(small) + Math.max(-delta, 0), slope: -rest };
  return { loss: -Math.log(epsilon + sigma), slope: (-sigma * rest) / (epsilon + sigma) };
}

/** Mean loss and, by row, ∂loss/∂Δ. */
export function bpr(
  users: Float32Array,
  positives: Float32Array,
  negatives: Float32Array,
  width: number,
  epsilon: number,
): { loss: number; slope: Float32Array } {
  const rows = users.length / width;
  const slope = new Float32Array(rows);
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    const row = bprRow(dot(users, r, positives, r, width) - dot(users, r, negatives, r, width), epsilon);
    sum += row.loss;
    slope[r] = row.slope / rows;
  }
  return { loss: sum / rows, slope };
}

export function bprGradient(
  upstream: number,
  slope: Float32Array,
  users: Float32Array,
  positives: Float32Array,
  negatives: Float32Array,
  width: number,
): [Float32Array, Float32Array, Float32Array] {
  const out = [users, positives, negatives].map((x) => new Float32Array(x.length)) as [Float32Array, Float32Array, Float32Array];
  for (let i = 0; i < users.length; i++) {
    const by = upstream * slope[Math.floor(i / width)]!;
    out[0][i] = by * (positives[i]! - negatives[i]!);
    out[1][i] = by * users[i]!;
    out[2][i] = -by * users[i]!;
  }
  return out;
}

export function sumOfSquares(x: Float32Array): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return sum;
}

/** Scores one row after another in float32-rounded double and keeps the k best; see ops/top-k.ts. */
export function topK(users: Float32Array, items: Float32Array, width: number, mask: Mask, k: number): Ranked {
  const rows = users.length / width;
  const count = items.length / width;
  const best: Ranked = { items: new Int32Array(rows * k).fill(-1), scores: new Float32Array(rows * k).fill(-Infinity) };
  const scores = new Float32Array(count);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < count; i++) scores[i] = dot(users, r, items, i, width);
    const hidden = new Set(mask.indices.subarray(mask.offsets[r]!, mask.offsets[r + 1]!));
    const order = Array.from(scores.keys()).filter((i) => !hidden.has(i) && scores[i]! > -Infinity);
    order.sort((a, b) => scores[b]! - scores[a]! || a - b);
    order.slice(0, k).forEach((item, place) => {
      best.items[r * k + place] = item;
      best.scores[r * k + place] = scores[item]!;
    });
  }
  return best;
}

/** One Adam step in place, every number in double before it is stored; see device.ts for the formula. */
export function adam(
  parameter: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  by: { beta1: number; beta2: number; epsilon: number; learningRate: number; step: number },
): void {
  const stepSize = by.learningRate / (1 - by.beta1 ** by.step);
  const correction = Math.sqrt(1 - by.beta2 ** by.step);
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]!;
    first[i] = by.beta1 * first[i]! + (1 - by.beta1) * g;
    second[i] = by.beta2 * second[i]! + (1 - by.beta2) * g * g;
    parameter[i]! -= (stepSize * first[i]!) / (Math.sqrt(second[i]!) / correction + by.epsilon);
  }
}
