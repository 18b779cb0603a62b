import type { CsrMatrix, Dataset } from './dataset.ts';
import type { Random } from './random.ts';

/**
 * Graphs over users and items, from train interactions alone (models.md 0.3). In stacked node tables users come first, then
 * items. Values are computed in double and rounded once.
 */

/** Distinct train pairs sorted by item, then by user: the order that edge-wise draws refer to. */
export interface TrainEdges {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly userCount: number;
  readonly itemCount: number;
}

/** ε added to every degree before the power −½: 1e-7 in released LightGCN and FREEDOM, 0 in MGCN. */
export const releasedEpsilon = 1e-7;

export function trainEdges(dataset: Pick<Dataset, 'users' | 'items' | 'train'>): TrainEdges {
  const { users, items } = dataset.train;
  const byUser = stableOrder(users, dataset.users, sequence(users.length));
  const order = stableOrder(items, dataset.items, byUser);
  const kept = order.filter((edge, place) => {
    const before = order[place - 1];
    return before === undefined || users[before] !== users[edge] || items[before] !== items[edge];
  });
  return {
    users: kept.map((edge) => users[edge]!),
    items: kept.map((edge) => items[edge]!),
    userCount: dataset.users,
    itemCount: dataset.items,
  };
}

/** Â = D^-½ [[0, R], [Rᵀ, 0]] D^-½, [M+N, M+N]; nodes without an edge have empty rows. */
export function userItemGraph(edges: TrainEdges, epsilon = 0): CsrMatrix {
  const { userCount, itemCount } = edges;
  const values = symmetricValues(edges, epsilon);
  const size = userCount + itemCount;
  const count = edges.users.length;
  const offsets = new Int32Array(size + 1);
  for (let e = 0; e < count; e++) {
    const user = edges.users[e]! + 1;
    const item = userCount + edges.items[e]! + 1;
    offsets[user] = offsets[user]! + 1;
    offsets[item] = offsets[item]! + 1;
  }
  for (let n = 0; n < size; n++) offsets[n + 1] = offsets[n + 1]! + offsets[n]!;
  const next = offsets.slice(0, size);
  const indices = new Int32Array(2 * count);
  const entries = new Float32Array(2 * count);
  // Edges come by item, then user, so both halves fill with rising columns.
  for (let e = 0; e < count; e++) {
    const user = edges.users[e]!;
    const item = userCount + edges.items[e]!;
    const userPlace = next[user]!;
    const itemPlace = next[item]!;
    next[user] = userPlace + 1;
    next[item] = itemPlace + 1;
    indices[userPlace] = item;
    indices[itemPlace] = user;
    entries[userPlace] = values[e]!;
    entries[itemPlace] = values[e]!;
  }
  return { rows: size, columns: size, offsets, indices, values: entries };
}

/** R̂, the user-item block [M, N] of a matrix over users and items. */
export function userItemBlock(graph: CsrMatrix, userCount: number): CsrMatrix {
  const offsets = graph.offsets.slice(0, userCount + 1);
  const end = offsets[userCount]!;
  const indices = graph.indices.slice(0, end).map((column) => column - userCount);
  return { rows: userCount, columns: graph.columns - userCount, offsets, indices, values: graph.values.slice(0, end) };
}

/** 1/√(n_u n_i) of every edge: the weights by which FREEDOM keeps edges. */
export function edgeWeights(edges: TrainEdges): Float32Array {
  return symmetricValues(edges, releasedEpsilon);
}

/**
 * FREEDOM's graph of one epoch: ⌊(1−ρ)|R|⌋ edges drawn without replacement by {@link edgeWeights}, degrees counted anew on
 * the kept edges. `weights` is passed in because it is the same every epoch.
 */
export function prunedGraph(edges: TrainEdges, weights: Float32Array, dropRate: number, random: Random): CsrMatrix {
  const count = Math.floor(edges.users.length * (1 - dropRate));
  const kept = random.sampleWithoutReplacement(weights, count).slice().sort();
  const users = kept.map((edge) => edges.users[edge]!);
  const items = kept.map((edge) => edges.items[edge]!);
  return userItemGraph({ ...edges, users, items }, releasedEpsilon);
}

/** Ā = D⁻¹(A + I): LATTICE's row-normalised graph with self-loops, not symmetric. */
export function rowNormalisedGraph(edges: TrainEdges): CsrMatrix {
  const plain = userItemGraph(edges);
  const size = plain.rows;
  const offsets = new Int32Array(size + 1);
  const indices = new Int32Array(plain.indices.length + size);
  const values = new Float32Array(indices.length);
  let filled = 0;
  for (let r = 0; r < size; r++) {
    const neighbours = plain.indices.subarray(plain.offsets[r]!, plain.offsets[r + 1]!);
    const row = Int32Array.from([...neighbours, r]).sort();
    indices.set(row, filled);
    values.fill(1 / row.length, filled, filled + row.length);
    filled += row.length;
    offsets[r + 1] = filled;
  }
  return { rows: size, columns: size, offsets, indices, values };
}

/** D⁻¹A: each row is the mean over the node's neighbours; nodes without one have empty rows. */
export function neighbourMeans(edges: TrainEdges): CsrMatrix {
  const plain = userItemGraph(edges);
  const values = new Float32Array(plain.values.length);
  for (let r = 0; r < plain.rows; r++) {
    const [from, to] = [plain.offsets[r]!, plain.offsets[r + 1]!];
    values.fill(1 / (to - from), from, to);
  }
  return { ...plain, values };
}

function symmetricValues(edges: TrainEdges, epsilon: number): Float32Array {
  const userDegrees = new Float64Array(edges.userCount).fill(epsilon);
  const itemDegrees = new Float64Array(edges.itemCount).fill(epsilon);
  for (const user of edges.users) userDegrees[user] = userDegrees[user]! + 1;
  for (const item of edges.items) itemDegrees[item] = itemDegrees[item]! + 1;
  const values = new Float32Array(edges.users.length);
  for (let e = 0; e < values.length; e++) values[e] = 1 / Math.sqrt(userDegrees[edges.users[e]!]! * itemDegrees[edges.items[e]!]!);
  return values;
}

function sequence(length: number): Int32Array {
  return new Int32Array(length).map((_, place) => place);
}

/** Counting sort of `order` by `keys`, stable; keys lie in [0, limit). */
function stableOrder(keys: Int32Array, limit: number, order: Int32Array): Int32Array {
  const starts = new Int32Array(limit + 1);
  for (const key of keys) starts[key + 1] = starts[key + 1]! + 1;
  for (let k = 0; k < limit; k++) starts[k + 1] = starts[k + 1]! + starts[k]!;
  const sorted = new Int32Array(order.length);
  for (const entry of order) {
    const key = keys[entry]!;
    sorted[starts[key]!] = entry;
    starts[key] = starts[key]! + 1;
  }
  return sorted;
}
