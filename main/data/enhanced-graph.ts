import { csrFromEntries, degreeNormalised, entryRows } from './csr.ts';
import type { CsrMatrix } from './dataset.ts';
import type { TrainEdges } from './graph.ts';
import { userItemGraph } from './graph.ts';

/**
 * EGRA's enhanced behaviour graph Â⁺ [M+N, M+N] (models.md E2): the user-item graph with the item links S in its item block.
 * joint: D^-½ [[0, R], [Rᵀ, λ_S S]] D^-½ over row sums of the whole. block: Â + [[0, 0], [0, λ_S D_S^-½ S D_S^-½]].
 * `coefficient` 0 gives Â itself.
 */
export function enhancedGraph(edges: TrainEdges, links: CsrMatrix, options: { coefficient: number; norm: 'block' | 'joint' }): CsrMatrix {
  const plain = userItemGraph(edges);
  if (options.coefficient === 0 || links.indices.length === 0) return plain;
  const shape = { rows: plain.rows, columns: plain.columns };
  const block = options.norm === 'block' ? degreeNormalised(links) : links;
  const entries = {
    rows: Int32Array.from([...entryRows(plain), ...entryRows(block).map((row) => row + edges.userCount)]),
    columns: Int32Array.from([...plain.indices, ...block.indices.map((column) => column + edges.userCount)]),
    values: new Float32Array(plain.indices.length + block.indices.length),
  };
  if (options.norm === 'block') entries.values.set(plain.values);
  else entries.values.fill(1, 0, plain.values.length);
  block.values.forEach((value, entry) => {
    entries.values[plain.values.length + entry] = options.coefficient * value;
  });
  const joined = csrFromEntries(shape, entries);
  return options.norm === 'block' ? joined : degreeNormalised(joined);
}
