import { entryRows } from '#data/csr.ts';
import type { CsrMatrix, Dataset, Modality } from '#data/dataset.ts';
import { edgeWeights, releasedEpsilon, rowNormalisedGraph, trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import { binaryGraph, cosineGraph, mixedGraph } from '#data/item-graph.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { cosineBlock, nearestNeighbours } from '#data/knn.ts';
import type { Neighbours } from '#data/knn.ts';
import { bounds, compare, fault, same } from './compare.ts';
import type { Part } from './compare.ts';
import { datasetOf } from './vectors.ts';
import type { GraphVectors, ReferenceDataset, ReferenceGraph } from './vectors.ts';

/** Compares every graph of graphs.json with the one our models would use; a name we do not build fails. */
export function checkGraphs(vectors: GraphVectors, reference: ReferenceDataset): Part[] {
  const dataset = datasetOf(reference);
  return vectors.graphs.map((graph) => checkGraph(graph, dataset, vectors.k));
}

function checkGraph(graph: ReferenceGraph, dataset: Dataset, k: number): Part {
  const { name } = graph;
  const edges = trainEdges(dataset);
  switch (name) {
    case 'ui_norm_eps':
      return compareMatrix(graph, userItemGraph(edges, releasedEpsilon));
    case 'ui_norm_exact':
      return compareMatrix(graph, userItemGraph(edges));
    case 'ui_norm_exact_user_item_block':
      return compareMatrix(graph, userItemBlock(userItemGraph(edges), dataset.users));
    case 'ui_row_normalised_with_self_loops':
      return compareMatrix(graph, rowNormalisedGraph(edges));
    case 'ui_edge_values':
      return compare(name, edgeWeights(edges), graph.dense ?? [], bounds.graph);
  }
  const mix = /^(\w+?)_mix_(.+)$/.exec(name);
  if (mix !== null) return checkMix(graph, dataset, k, mix[2]!);
  const modality = dataset.modalities.find((candidate) => name.startsWith(`${candidate.name}_`));
  return modality === undefined ? fault(name, 'not compared') : checkModal(graph, dataset, k, modality);
}

function checkModal(graph: ReferenceGraph, dataset: Dataset, k: number, modality: Modality): Part {
  const { name } = graph;
  const features = { rows: dataset.items, width: modality.width, values: modality.values };
  switch (name.slice(modality.name.length + 1)) {
    case 'cosine':
      return compare(name, cosineBlock(features, 0, dataset.items), graph.dense ?? [], bounds.graph);
    case 'topk': {
      const found = neighbours(dataset, modality, k);
      const places = same(name, found.ids, graph.neighbours ?? []);
      return places.passed ? compare(name, found.cosines, graph.cosines ?? [], bounds.graph) : places;
    }
    case 'knn_weighted_sym':
    case 'knn_weighted_sym_dense_code':
      return compareMatrix(graph, cosineGraph(neighbours(dataset, modality, k)));
    case 'knn_binary_sym':
      return compareMatrix(graph, binaryGraph(neighbours(dataset, modality, k)));
    default:
      return fault(name, 'not compared');
  }
}

/** "0.1_image_0.9_text": a weight before each modality. */
function checkMix(graph: ReferenceGraph, dataset: Dataset, k: number, words: string): Part {
  const parts: { weight: number; matrix: CsrMatrix }[] = [];
  for (const [, weight, modalityName] of words.matchAll(/([\d.e-]+)_([a-z]+)/g)) {
    const modality = dataset.modalities.find((candidate) => candidate.name === modalityName);
    if (modality === undefined) return fault(graph.name, 'not compared');
    parts.push({ weight: Number(weight), matrix: binaryGraph(neighbours(dataset, modality, k)) });
  }
  return parts.length === 0 ? fault(graph.name, 'not compared') : compareMatrix(graph, mixedGraph(parts));
}

function neighbours(dataset: Dataset, modality: Modality, k: number): Neighbours {
  const features = { rows: dataset.items, width: modality.width, values: modality.values };
  return nearestNeighbours(features, { k, self: true, search: deviceSearch });
}

function compareMatrix(graph: ReferenceGraph, ours: CsrMatrix): Part {
  const { name, rows = [], cols = [], values = [] } = graph;
  if (graph.shape[0] !== ours.rows || graph.shape[1] !== ours.columns) return fault(name, `${ours.rows}×${ours.columns}`);
  const places = [same(name, entryRows(ours), rows), same(name, ours.indices, cols)];
  return places.find((part) => !part.passed) ?? compare(name, ours.values, values, bounds.graph);
}
