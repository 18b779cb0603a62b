import type { Dataset } from '#data/dataset.ts';
import { trainEdges } from '#data/graph.ts';

/** Edges of the joint graph in both directions: edge e goes out from `heads[e]` to its neighbour `tails[e]`. */
export interface JointGraph {
  /** Users, then items, then entities. */
  readonly nodes: number;
  /** A relation and its inverse are 2r and 2r+1; `interact` is the first. */
  readonly relations: number;
  readonly heads: Int32Array;
  readonly kinds: Int32Array;
  readonly tails: Int32Array;
  /** log(1+deg_h), log(1+deg_t), log(1+common neighbours) of each edge, [edges, 3]. */
  readonly structure: Float32Array;
}

/** The graph of train rows and, unless left out, of the dataset's triples. Validation and test rows are no part of it. */
export function jointGraph(dataset: Dataset, withKnowledge: boolean): JointGraph {
  const { users, items } = dataset;
  const rows = trainEdges(dataset);
  const knowledge = withKnowledge ? dataset.knowledge : undefined;
  const nodes = users + items + (knowledge?.entities ?? 0);
  const triples = knowledge?.heads.length ?? 0;
  const edges = 2 * (rows.users.length + triples);
  const [heads, kinds, tails] = [new Int32Array(edges), new Int32Array(edges), new Int32Array(edges)];
  let filled = 0;
  const join = (head: number, relation: number, tail: number) => {
    for (const [from, kind, to] of [
      [head, 2 * relation, tail],
      [tail, 2 * relation + 1, head],
    ] as const) {
      heads[filled] = from;
      kinds[filled] = kind;
      tails[filled] = to;
      filled++;
    }
  };
  for (let e = 0; e < rows.users.length; e++) join(rows.users[e]!, 0, users + rows.items[e]!);
  for (let e = 0; e < triples; e++) join(users + knowledge!.heads[e]!, 1 + knowledge!.kinds[e]!, users + knowledge!.tails[e]!);
  const relations = 2 * (1 + (knowledge?.relations.length ?? 0));
  return { nodes, relations, heads, kinds, tails, structure: structureOf(nodes, heads, tails) };
}

/** Degrees count distinct neighbours: two relations between the same nodes make one neighbour. */
function structureOf(nodes: number, heads: Int32Array, tails: Int32Array): Float32Array {
  const sets: Set<number>[] = Array.from({ length: nodes }, () => new Set());
  for (let e = 0; e < heads.length; e++) sets[heads[e]!]!.add(tails[e]!);
  const structure = new Float32Array(heads.length * 3);
  for (let e = 0; e < heads.length; e++) {
    const [head, tail] = [sets[heads[e]!]!, sets[tails[e]!]!];
    structure[3 * e] = Math.log1p(head.size);
    structure[3 * e + 1] = Math.log1p(tail.size);
    structure[3 * e + 2] = Math.log1p(common(head, tail));
  }
  return structure;
}

/** The smaller set is walked: an entity of thousands of items would make every walk over it long. */
function common(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let count = 0;
  for (const node of few) if (many.has(node)) count++;
  return count;
}
