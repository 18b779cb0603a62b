import { createHash } from 'node:crypto';

/**
 * A knowledge graph beside the interactions (models.md 3.5): triples (head, relation, tail) over items and further entities. Node ids are
 * items 0 … items−1, then entities in order of first appearance. No form of file is published with the model, so ours is the plainest:
 * see formats/triples.ts.
 */
export interface Knowledge {
  readonly entities: number;
  readonly relations: readonly string[];
  readonly heads: Int32Array;
  /** Index into `relations` of each triple. */
  readonly kinds: Int32Array;
  readonly tails: Int32Array;
  /** A graph file of the dataset, or brand and category of its item table. */
  readonly origin: 'file' | 'item-table';
  readonly hash: string;
}

/** A node as a source names it: an item by its dense id, anything else by its name. */
export type NodeName = number | string;

export interface NamedTriple {
  readonly head: NodeName;
  readonly relation: string;
  readonly tail: NodeName;
}

/** Numbers the entities and relations of named triples; a repeated triple counts once. Undefined where there is none. */
export function knowledgeOf(triples: Iterable<NamedTriple>, items: number, origin: Knowledge['origin']): Knowledge | undefined {
  const entities = new Map<string, number>();
  const relations = new Map<string, number>();
  const seen = new Set<string>();
  const rows: [number, number, number][] = [];
  const place = (known: Map<string, number>, name: string): number => {
    const found = known.get(name) ?? known.size;
    known.set(name, found);
    return found;
  };
  const node = (name: NodeName): number => (typeof name === 'number' ? name : items + place(entities, name));
  for (const { head, relation, tail } of triples) {
    const row: [number, number, number] = [node(head), place(relations, relation), node(tail)];
    const key = row.join(' ');
    if (seen.has(key)) continue;
    seen.add(key);
    rows.push(row);
  }
  if (rows.length === 0) return undefined;
  const column = (at: 0 | 1 | 2) => Int32Array.from(rows, (row) => row[at]);
  const [heads, kinds, tails] = [column(0), column(1), column(2)];
  const hash = createHash('sha256');
  for (const array of [heads, kinds, tails]) hash.update(new Uint8Array(array.buffer));
  hash.update(JSON.stringify([...relations.keys()]));
  return { entities: entities.size, relations: [...relations.keys()], heads, kinds, tails, origin, hash: hash.digest('hex') };
}
