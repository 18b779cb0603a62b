import { degreeNormalised } from './csr.ts';
import type { CsrMatrix } from './dataset.ts';
import type { TrainEdges } from './graph.ts';

/**
 * Items that share train users: c_ij = common users of i and j, the diagonal left out (models.md 0.3, C = RᵀR). Rows are made one at
 * a time by walking an item's users, so nothing larger than what is kept is ever held.
 */

/** How shared users become a weight: c_ij | c_ij/√(n_i n_j) | c_ij/(n_i + n_j − c_ij). */
export type SharedUsersScore = 'count' | 'cosine' | 'jaccard';

export interface CollaborativeOptions {
  readonly score: SharedUsersScore;
  /** Pairs with fewer common users are no neighbours. */
  readonly atLeast: number;
  /** Neighbours of an item: the largest scores, ties to the lower item. */
  readonly k: number;
  /** What an item without neighbours gets: an empty row, or itself with weight 1. */
  readonly isolated: 'zero' | 'self';
}

/** S_c [N, N] (models.md G2): for each item its `k` neighbours of largest score. Directed. */
export function collaborativeLinks(edges: TrainEdges, { score, atLeast, k, isolated }: CollaborativeOptions): CsrMatrix {
  const degrees = new Int32Array(edges.itemCount);
  for (const item of edges.items) degrees[item] = degrees[item]! + 1;
  const scoreOf = scores[score];
  const rows = new Rows(edges.itemCount);
  eachItem(edges, (items, counts, item) => {
    const found: { item: number; score: number }[] = [];
    for (const other of items) {
      const count = counts[other]!;
      if (count >= atLeast) found.push({ item: other, score: scoreOf(count, degrees[item]!, degrees[other]!) });
    }
    found.sort((a, b) => b.score - a.score || a.item - b.item);
    const kept = found.slice(0, k).sort((a, b) => a.item - b.item);
    for (const neighbour of kept) rows.put(neighbour.item, neighbour.score);
    if (kept.length === 0 && isolated === 'self') rows.put(item, 1);
    rows.end();
  });
  return rows.matrix();
}

/** S̃_c = D^-½ S_c D^-½ with D the row sums of S_c (models.md G2). */
export function collaborativeGraph(edges: TrainEdges, options: CollaborativeOptions): CsrMatrix {
  return degreeNormalised(collaborativeLinks(edges, options));
}

const scores: Readonly<Record<SharedUsersScore, (count: number, n: number, m: number) => number>> = {
  count: (count) => count,
  cosine: (count, n, m) => count / Math.sqrt(n * m),
  jaccard: (count, n, m) => count / (n + m - count),
};

/** Visits each item with the items that share a user with it, rising and without itself, and the counts by item. */
function eachItem(edges: TrainEdges, visit: (items: Int32Array, counts: Int32Array, item: number) => void): void {
  const usersOf = listsOf(edges.items, edges.users, edges.itemCount);
  const itemsOf = listsOf(edges.users, edges.items, edges.userCount);
  const counts = new Int32Array(edges.itemCount);
  const touched = new Int32Array(edges.itemCount);
  for (let item = 0; item < edges.itemCount; item++) {
    let found = 0;
    for (const user of usersOf(item)) {
      for (const other of itemsOf(user)) {
        if (other === item) continue;
        if (counts[other] === 0) touched[found++] = other;
        counts[other] = counts[other]! + 1;
      }
    }
    const items = touched.subarray(0, found).sort();
    visit(items, counts, item);
    for (const other of items) counts[other] = 0;
  }
}

/** The `values` of each key, as views of one array. */
function listsOf(keys: Int32Array, values: Int32Array, limit: number): (key: number) => Int32Array {
  const offsets = new Int32Array(limit + 1);
  for (const key of keys) offsets[key + 1] = offsets[key + 1]! + 1;
  for (let k = 0; k < limit; k++) offsets[k + 1] = offsets[k + 1]! + offsets[k]!;
  const next = offsets.slice(0, limit);
  const listed = new Int32Array(keys.length);
  for (let e = 0; e < keys.length; e++) {
    const key = keys[e]!;
    listed[next[key]!] = values[e]!;
    next[key] = next[key]! + 1;
  }
  return (key) => listed.subarray(offsets[key]!, offsets[key + 1]!);
}

/** A square matrix written row by row. */
class Rows {
  readonly #offsets: Int32Array;
  readonly #columns: number[] = [];
  readonly #values: number[] = [];
  #row = 0;

  constructor(count: number) {
    this.#offsets = new Int32Array(count + 1);
  }

  put(column: number, value: number): void {
    this.#columns.push(column);
    this.#values.push(value);
  }

  end(): void {
    this.#row += 1;
    this.#offsets[this.#row] = this.#columns.length;
  }

  matrix(): CsrMatrix {
    const rows = this.#offsets.length - 1;
    const [indices, values] = [Int32Array.from(this.#columns), Float32Array.from(this.#values)];
    return { rows, columns: rows, offsets: this.#offsets, indices, values };
  }
}
