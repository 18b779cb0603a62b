import type { TrainEdges } from './graph.ts';

/** How central a node of the user-item graph is, users first, then items; 0 for nodes without an edge. Computed in double. */
export type Centrality = 'degree' | 'pagerank' | 'eigen';

const damping = 0.85;
/** Power iterations end at this change of the largest entry, or after so many. */
const [settled, mostRounds] = [1e-12, 500];
/** Added to eigenvector entries, which vanish outside the largest component and have to have a logarithm. */
const floor = 1e-8;

export function centrality(edges: TrainEdges, kind: Centrality): Float64Array {
  const degrees = degreesOf(edges);
  switch (kind) {
    case 'degree':
      return degrees;
    case 'pagerank':
      // Each node hands its rank on in equal parts; the ranks of all nodes add up to their number.
      return settle(new Float64Array(degrees.length).fill(1), (ranks) => {
        const shares = ranks.map((rank, node) => (degrees[node]! > 0 ? rank / degrees[node]! : 0));
        return neighbourSums(edges, shares).map((sum, node) => (degrees[node]! > 0 ? 1 - damping + damping * sum : 0));
      });
    case 'eigen': {
      // With the identity added: alone, a bipartite graph has −λ beside λ, and rounds would swing between the two.
      const vector = settle(unit(degrees), (entries) => unit(neighbourSums(edges, entries).map((sum, node) => sum + entries[node]!)));
      return vector.map((entry, node) => (degrees[node]! > 0 ? entry + floor : 0));
    }
  }
}

function degreesOf({ users, items, userCount, itemCount }: TrainEdges): Float64Array {
  const degrees = new Float64Array(userCount + itemCount);
  for (const user of users) degrees[user] = degrees[user]! + 1;
  for (const item of items) degrees[userCount + item] = degrees[userCount + item]! + 1;
  return degrees;
}

function neighbourSums({ users, items, userCount }: TrainEdges, of: Float64Array): Float64Array {
  const sums = new Float64Array(of.length);
  for (let e = 0; e < users.length; e++) {
    const [user, item] = [users[e]!, userCount + items[e]!];
    sums[user] = sums[user]! + of[item]!;
    sums[item] = sums[item]! + of[user]!;
  }
  return sums;
}

function unit(entries: Float64Array): Float64Array {
  const norm = Math.sqrt(entries.reduce((sum, entry) => sum + entry * entry, 0));
  return norm > 0 ? entries.map((entry) => entry / norm) : entries;
}

function settle(start: Float64Array, round: (entries: Float64Array) => Float64Array): Float64Array {
  let entries = start;
  for (let rounds = 0; rounds < mostRounds; rounds++) {
    const next = round(entries);
    const change = next.reduce((most, entry, node) => Math.max(most, Math.abs(entry - entries[node]!)), 0);
    entries = next;
    if (change < settled) break;
  }
  return entries;
}
