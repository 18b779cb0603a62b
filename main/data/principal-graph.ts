import { csrFromEntries } from './csr.ts';
import type { CsrMatrix } from './dataset.ts';
import type { Random } from './random.ts';
import { leadingTriplets } from './singular-vectors.ts';
import type { Triplets } from './singular-vectors.ts';

/** Smaller entries are dropped; fixed in released PGL. */
const smallest = 1e-3;

/**
 * PGL's global graph [M+N, M+N] (models.md 2.19): Σ_k s_k s_{K−K/4+k} u_k v_kᵀ over the leading quarter of a rank-K decomposition of Â, entries
 * below 1e-3 dropped. Every singular value σ of R̂ [M, N] is one of Â twice, and its two triplets add up to [[0, pqᵀ], [qpᵀ, 0]] whatever
 * basis a solver picks; where a quarter ends between the two, each is taken as half of that. Never dense: rows are cut by the norms of
 * their factors.
 */
export function principalGraph(userItems: CsrMatrix, rank: number, random: Random): CsrMatrix {
  const triplets = leadingTriplets(userItems, Math.ceil(rank / 2), random);
  const weights = pairWeights(triplets.values, rank);
  const { rows: users, columns: items } = userItems;
  const found: { rows: number[]; columns: number[]; values: number[] } = { rows: [], columns: [], values: [] };
  eachLargeEntry(triplets, weights, (user, item, value) => {
    found.rows.push(user, users + item);
    found.columns.push(users + item, user);
    found.values.push(value, value);
  });
  return csrFromEntries({ rows: users + items, columns: users + items }, found);
}

/** Weight of each pair of triplets of Â, from the singular values of R̂. */
function pairWeights(values: Float64Array, rank: number): Float64Array {
  const quarter = Math.floor(rank / 4);
  const value = (k: number) => values[Math.floor(k / 2)] ?? 0;
  const weights = new Float64Array(Math.ceil(quarter / 2));
  for (let k = 0; k < quarter; k++) {
    const pair = Math.floor(k / 2);
    weights[pair] = weights[pair]! + (value(k) * value(rank - quarter + k)) / 2;
  }
  return weights;
}

function eachLargeEntry(
  { left, right, count }: Triplets,
  weights: Float64Array,
  visit: (user: number, item: number, value: number) => void,
): void {
  const used = weights.length;
  const users = left.length / count;
  const items = right.length / count;
  const norm = (table: Float64Array, row: number) => Math.sqrt(weights.reduce((sum, _, j) => sum + table[row * count + j]! ** 2, 0));
  const norms = Float64Array.from({ length: items }, (_, item) => norm(right, item));
  const order = Int32Array.from(norms.keys()).sort((a, b) => norms[b]! - norms[a]! || a - b);
  const scaled = new Float64Array(used);
  for (let user = 0; user < users; user++) {
    for (let j = 0; j < used; j++) scaled[j] = weights[j]! * left[user * count + j]!;
    const reach = Math.sqrt(scaled.reduce((sum, x) => sum + x * x, 0));
    for (const item of order) {
      if (reach * norms[item]! < smallest) break;
      let value = 0;
      for (let j = 0; j < used; j++) value += scaled[j]! * right[item * count + j]!;
      if (Math.abs(value) >= smallest) visit(user, item, value);
    }
  }
}
