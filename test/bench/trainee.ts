import { resolveHyper } from '#contract/model-card.ts';
import { cosineGraph } from '#data/item-graph.ts';
import type { Dataset, ImportedGraph } from '#data/dataset.ts';
import { nearestNeighbours } from '#data/knn.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { graphHash } from '#data/csr.ts';
import { randomStream, randomStreams } from '#data/random.ts';
import type { Streams } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import type { Model, ModelContext, StageResult } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';
import { takeFloats, takeMatrix } from './arrays.ts';
import { drawnDataset, sizes } from './drawn-dataset.ts';
import type { Work } from './works.ts';

export const batchSize = 2048;
export const width = 64;
export const learningRate = 1e-3;
export const neighbours = 10;

/** The model of a row as a run would make it, on the opened device, with the streams and batches of seed 1. */
export interface Trainee {
  readonly dataset: Dataset;
  readonly context: ModelContext;
  readonly model: Model;
  readonly sampler: Sampler;
  readonly streams: Streams;
  /** Milliseconds that item graphs took, computed or read. */
  readonly graphsMs: number;
}

/**
 * Item graphs are computed once for a row (`folder` undefined) and then read from its folder as graphs that came with the
 * dataset, so that both sides and every thread count train on the same ones.
 */
export function traineeOf(work: Work, folder: string | undefined): Trainee {
  const drawn = drawnDataset(sizes[work.size]);
  const needsGraphs = work.model !== 'lightgcn';
  const started = performance.now();
  const graphs = needsGraphs ? drawn.modalities.map(({ name }) => itemGraph(drawn, name, folder)) : [];
  const graphsMs = performance.now() - started;
  const dataset: Dataset = { ...drawn, graphs };
  const definition = modelById(work.model);
  const streams = randomStreams(1);
  const rows = work.batchSize ?? batchSize;
  const context: ModelContext = {
    dataset,
    hyper: resolveHyper(definition.card, undefined, { ...work.hyper }),
    random: streams,
    width,
    batchSize: rows,
    itemGraph: needsGraphs ? 'imported' : 'computed',
    stages: definition.stages === undefined ? {} : { pretrain: pretrained(dataset.items, folder) },
  };
  const sampler = new Sampler(dataset, { batchSize: rows, random: streams });
  return { dataset, context, model: definition.create(context), sampler, streams, graphsMs };
}

function itemGraph(dataset: Dataset, modality: string, folder: string | undefined): ImportedGraph {
  const matrix = folder === undefined ? computed(dataset, modality) : takeMatrix(folder, `graph.${modality}`);
  return { name: `${modality}-drawn`, form: 'knn-cosine', modality, k: neighbours, matrix, hash: graphHash(matrix) };
}

function computed(dataset: Dataset, name: string) {
  const { values, width: columns } = dataset.modalities.find((modality) => modality.name === name)!;
  return cosineGraph(
    nearestNeighbours({ rows: dataset.items, width: columns, values }, { k: neighbours, self: true, search: deviceSearch }),
  );
}

/** Vectors in place of a pretrained model's; only their number matters here. */
function pretrained(items: number, folder: string | undefined): StageResult {
  const random = randomStream(1, 'pretrained');
  const values =
    folder === undefined ? Float32Array.from({ length: items * width }, () => random.normal()) : takeFloats(folder, 'pretrained.items');
  return { width, users: new Float32Array(0), items: values, parts: {} };
}
