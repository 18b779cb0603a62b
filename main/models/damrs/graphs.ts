import { ProblemError } from '#contract/problem.ts';
import { collaborativeLinks } from '#data/co-occurrence.ts';
import { csrFromEntries, degreeNormalised, entryRows } from '#data/csr.ts';
import type { Dataset } from '#data/dataset.ts';
import { denoisedNeighbours } from '#data/denoised-neighbours.ts';
import type { TrainEdges } from '#data/graph.ts';
import { binaryGraph } from '#data/item-graph.ts';
import { described, rawNeighbours } from '../parts/modal-graphs.ts';
import type { ItemGraph } from '../parts/modal-graphs.ts';
import { imageFirst } from '../parts/modal-order.ts';

/** Longer lists from which survivors are taken; rows they do not suffice for are compared with all. */
const searched = 8;

/** Item graphs of every modality, image first, from pairs that all modalities agree on. */
export function agreedGraphs(dataset: Dataset, source: 'computed' | 'imported', k: number): ItemGraph[] {
  if (source === 'imported') throw notImported(dataset);
  const modalities = imageFirst(dataset);
  const tables = modalities.map(({ width, values }) => ({ rows: dataset.items, width, values }));
  const near = (m: number) => rawNeighbours({ dataset, source, k: Math.min(searched * k, dataset.items) }, modalities[m]!);
  return denoisedNeighbours(tables, k, near).map((found) => described(binaryGraph(found), `computed k=${k}, agreed by all`));
}

/** Items that share most train users with an item, and the item itself, weight 1, normalised. */
export function sharedUsersGraph(edges: TrainEdges, { k, atLeast }: { k: number; atLeast: number }): ItemGraph {
  const links = collaborativeLinks(edges, { score: 'count', atLeast, k, isolated: 'zero' });
  const own = Int32Array.from({ length: links.rows }, (_, item) => item);
  const joined = csrFromEntries(
    { rows: links.rows, columns: links.columns },
    {
      rows: Int32Array.from([...entryRows(links), ...own]),
      columns: Int32Array.from([...links.indices, ...own]),
    },
  );
  return described(degreeNormalised(joined), `train, ${k} with at least ${atLeast} shared users`);
}

function notImported({ name }: Dataset): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'damrs.computed-only',
    message: `DA-MRS compares all pairs of items of ${name} in every modality, which imported neighbour graphs do not hold`,
    values: { dataset: name },
    fix: 'Set item_graph to computed.',
  });
}
