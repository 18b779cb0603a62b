import { collaborativeLinks } from '#data/co-occurrence.ts';
import { csrFromEntries, degreeNormalised, entryRows } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { trainEdges } from '#data/graph.ts';
import type { TrainEdges } from '#data/graph.ts';
import { mixedGraph } from '#data/item-graph.ts';
import { modalityWeights, neighbourSets } from '../parts/modal-graphs.ts';
import type { GraphChoice } from '../parts/modal-graphs.ts';

/** x₀: the mix of the modalities' neighbours with weight 1 each, not normalised. */
export function binaryMix(choice: GraphChoice, imageWeight: number): CsrMatrix {
  const { modalities } = choice.dataset;
  const weights = modalityWeights(
    modalities.map(({ name }) => name),
    imageWeight,
  );
  return mixedGraph(modalities.map((modality, m) => ({ weight: weights[m]!, matrix: neighbourSets(choice, modality) })));
}

/** Conditions: an item's neighbours by shared users, and itself, weight 1. */
export function behaviourRows(dataset: Parameters<typeof trainEdges>[0], shared: { atLeast: number; k: number }): CsrMatrix {
  const edges: TrainEdges = trainEdges(dataset);
  const links = collaborativeLinks(edges, { score: 'count', isolated: 'zero', ...shared });
  const own = Int32Array.from({ length: dataset.items }, (_, item) => item);
  const joined = { rows: [...entryRows(links), ...own], columns: [...links.indices, ...own] };
  return csrFromEntries({ rows: dataset.items, columns: dataset.items }, joined);
}

/** Places of the `count` largest values, the largest first, ties to the lower place. */
export function largest(values: Float32Array, count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    let at = count;
    while (at > 0 && (places[at - 1]! < 0 || value > values[places[at - 1]!]!)) at--;
    if (at === count) continue;
    places.copyWithin(at + 1, at, count - 1);
    places[at] = place;
  }
  return places;
}

/** The neighbours to begin with, [rows, count]: the largest entries of each row, −1 where there are fewer. */
export function largestOfRows({ rows, offsets, indices, values }: CsrMatrix, count: number): Float32Array {
  const found = new Float32Array(rows * count).fill(-1);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [offsets[row]!, offsets[row + 1]!];
    const places = largest(values.subarray(from, to), Math.min(count, to - from));
    places.forEach((place, at) => (found[row * count + at] = indices[from + place]!));
  }
  return found;
}

/** G [N, N] of neighbours [N, count], weight 1 before degrees are divided out. */
export function neighbourGraph(neighbours: Float32Array, items: number): CsrMatrix {
  const count = neighbours.length / items;
  const rows: number[] = [];
  const columns: number[] = [];
  neighbours.forEach((item, place) => {
    if (item < 0) return;
    rows.push(Math.floor(place / count));
    columns.push(item);
  });
  return degreeNormalised(csrFromEntries({ rows: items, columns: items }, { rows, columns }));
}
