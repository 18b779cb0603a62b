import { ProblemError } from '#contract/problem.ts';
import { graphHash } from '#data/csr.ts';
import type { CsrMatrix, Dataset, Modality } from '#data/dataset.ts';
import { binaryGraph, cosineGraph, linkGraph, mixedGraph } from '#data/item-graph.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { nearestNeighbours } from '#data/knn.ts';
import type { Neighbours } from '#data/knn.ts';

/**
 * Item graphs from raw features, computed or taken from the dataset's files (`item_graph`, models.md 0.3). A model asks for a
 * form and gets the matrix with the line the run record keeps about it.
 */
export interface ItemGraph {
  readonly matrix: CsrMatrix;
  /** "computed k=10, 70500 entries, sha256 …" or "imported image_adj_10_True, …". */
  readonly record: string;
}

export interface GraphChoice {
  readonly dataset: Dataset;
  readonly source: 'computed' | 'imported';
  readonly k: number;
}

/** S̃_m of one modality (MGCN form). */
export function cosineItemGraph(choice: GraphChoice, modality: Modality): ItemGraph {
  if (choice.source === 'imported') return importedCosine(choice, modality.name);
  return described(cosineGraph(rawNeighbours(choice, modality)), `computed k=${choice.k}`);
}

/** F_m of one modality (FREEDOM form, 1/k for each neighbour). From an imported graph its neighbours are taken, not its cosines. */
export function binaryItemGraph(choice: GraphChoice, modality: Modality): ItemGraph {
  if (choice.source === 'imported') {
    const { matrix, record } = importedCosine(choice, modality.name);
    return { matrix: equalWeights(matrix), record };
  }
  return described(binaryGraph(rawNeighbours(choice, modality)), `computed k=${choice.k}`);
}

/**
 * F = Σ w_m F_m (FREEDOM). With an image modality the image weighs `imageWeight` and the others share the rest evenly; without
 * one, or alone, all weigh the same. An imported mix must have been made with this k and weight.
 */
export function mixedItemGraph(choice: GraphChoice, imageWeight: number): ItemGraph {
  const { dataset, source, k } = choice;
  const ready = dataset.graphs.find((graph) => graph.form === 'freedom-mix' && graph.k === k && graph.imageWeight === imageWeight);
  if (source === 'imported' && ready !== undefined) return described(ready.matrix, `imported ${ready.name}`);
  const weights = modalityWeights(
    dataset.modalities.map((modality) => modality.name),
    imageWeight,
  );
  const parts = dataset.modalities.map((modality, m) => ({ weight: weights[m]!, graph: binaryItemGraph(choice, modality) }));
  const mixed = mixedGraph(parts.map(({ weight, graph }) => ({ weight, matrix: graph.matrix })));
  const names = dataset.modalities.map((modality, m) => `${String(weights[m])} ${modality.name}`).join(' + ');
  return described(mixed, `${source} k=${k}, ${names}`);
}

export function modalityWeights(names: readonly string[], imageWeight: number): number[] {
  if (!names.includes('image') || names.length === 1) return names.map(() => 1 / names.length);
  return names.map((name) => (name === 'image' ? imageWeight : (1 - imageWeight) / (names.length - 1)));
}

/** The neighbours of one modality as a matrix of ones, the item itself included. */
export function neighbourSets(choice: GraphChoice, modality: Modality): CsrMatrix {
  if (choice.source === 'computed') return linkGraph(rawNeighbours(choice, modality), 'binary');
  const { matrix } = importedCosine(choice, modality.name);
  return { ...matrix, values: new Float32Array(matrix.values.length).fill(1) };
}

/** Neighbours by raw features, the item itself included. */
export function rawNeighbours(choice: GraphChoice, modality: Modality): Neighbours {
  const known = modality.neighbours?.find(choice.k);
  if (known !== undefined) return known;
  const features = { rows: choice.dataset.items, width: modality.width, values: modality.values };
  const found = nearestNeighbours(features, { k: choice.k, self: true, search: deviceSearch });
  modality.neighbours?.keep(found);
  return found;
}

export function described(matrix: CsrMatrix, origin: string): ItemGraph {
  return { matrix, record: `${origin}, ${matrix.indices.length} entries, sha256 ${graphHash(matrix)}` };
}

function importedCosine({ dataset, k }: GraphChoice, modality: string): ItemGraph {
  const graph = dataset.graphs.find((candidate) => candidate.form === 'knn-cosine' && candidate.modality === modality && candidate.k === k);
  if (graph !== undefined) return described(graph.matrix, `imported ${graph.name}`);
  const found = dataset.graphs.map((candidate) => `${candidate.name} (k=${candidate.k})`).join(', ') || 'none';
  throw new ProblemError({
    kind: 'config',
    code: 'graph.not-imported',
    message: `dataset ${dataset.name} has no imported ${modality} neighbour graph with k=${k} (its graphs: ${found})`,
    values: { dataset: dataset.name, modality, k },
    fix: 'Set item_graph to computed, choose the k of an imported graph, or import the dataset with its graph files.',
  });
}

function equalWeights(matrix: CsrMatrix): CsrMatrix {
  const values = new Float32Array(matrix.values.length);
  const count = (row: number) => matrix.offsets[row + 1]! - matrix.offsets[row]!;
  for (let r = 0; r < matrix.rows; r++) {
    for (let e = matrix.offsets[r]!; e < matrix.offsets[r + 1]!; e++) {
      const neighbours = count(matrix.indices[e]!);
      values[e] = neighbours > 0 ? 1 / Math.sqrt(count(r) * neighbours) : 0;
    }
  }
  return { ...matrix, values };
}
