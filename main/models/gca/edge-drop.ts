import { centrality } from '#data/centrality.ts';
import type { Centrality } from '#data/centrality.ts';
import { csrFromEntries } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import type { TrainEdges } from '#data/graph.ts';
import type { Random } from '#data/random.ts';

export interface DropRule {
  /** `uniform`: every edge weighs 1. */
  readonly centrality: Centrality | 'uniform';
  /** How the two ends of an edge make its centrality. */
  readonly ends: 'mean' | 'item' | 'user';
  /** No edge is dropped with a larger probability. */
  readonly most: number;
}

/**
 * w = (s_max − s)/(s_max − s̄) of every train edge, s the mean log centrality of its ends: 1 on average, 0 for the most central edge
 * (models.md 3.4). Where all edges are equally central, 1.
 */
export function edgeDropWeights(edges: TrainEdges, rule: DropRule): Float64Array {
  const count = edges.users.length;
  if (rule.centrality === 'uniform' || count === 0) return new Float64Array(count).fill(1);
  const logs = centrality(edges, rule.centrality).map(Math.log);
  const share = { mean: 0.5, item: 0, user: 1 }[rule.ends];
  const own = Float64Array.from(edges.users, (user, e) => {
    const item = edges.userCount + edges.items[e]!;
    // Not 0 · log: an end that does not count may have any centrality.
    return (share > 0 ? share * logs[user]! : 0) + (share < 1 ? (1 - share) * logs[item]! : 0);
  });
  const most = own.reduce((largest, s) => Math.max(largest, s), -Infinity);
  const span = most - own.reduce((sum, s) => sum + s, 0) / count;
  return span > 1e-12 ? own.map((s) => (most - s) / span) : own.fill(1);
}

/** min(p·w/w̄, most) of every edge. */
export function dropProbabilities(weights: Float64Array, p: number, most: number): Float64Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => Math.min((p * weight) / mean, most));
}

/**
 * A view: every edge is dropped by a draw of its own, both directions with it, and degrees are counted anew. Dropped edges stay as
 * zeros, so that all views have one shape.
 */
export function droppedView(edges: TrainEdges, probabilities: Float64Array, random: Random): CsrMatrix {
  const { users, items, userCount, itemCount } = edges;
  const kept = Float64Array.from(probabilities, (probability) => (random.uniform() >= probability ? 1 : 0));
  const degrees = new Float64Array(userCount + itemCount);
  const nodes = items.map((item) => item + userCount);
  kept.forEach((one, e) => {
    degrees[users[e]!] = degrees[users[e]!]! + one;
    degrees[nodes[e]!] = degrees[nodes[e]!]! + one;
  });
  const values = kept.map((one, e) => (one === 0 ? 0 : 1 / Math.sqrt(degrees[users[e]!]! * degrees[nodes[e]!]!)));
  const joined = (first: ArrayLike<number>, second: ArrayLike<number>) => {
    const both = new Float64Array(first.length + second.length);
    both.set(first);
    both.set(second, first.length);
    return both;
  };
  const size = { rows: degrees.length, columns: degrees.length };
  return csrFromEntries(size, { rows: joined(users, nodes), columns: joined(nodes, users), values: joined(values, values) });
}
