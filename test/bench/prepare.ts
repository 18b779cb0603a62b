/*
 * Writes what the peer needs to compute the same as we do: node prepare.ts WORK (JSON) FOLDER. Starting parameters, batches of one epoch,
 * graphs, features, held-out rows. Runs in a process of its own, so that the memory of a measured one is its own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { CsrMatrix } from '#data/dataset.ts';
import { edgeWeights, prunedGraph, releasedEpsilon, trainEdges, userItemBlock, userItemGraph } from '#data/graph.ts';
import { randomStreams } from '#data/random.ts';
import { userRows } from '#data/user-rows.ts';
import { openDevice } from '#engine/devices/open.ts';
import { behaviorGraphs, stageVectors } from '#models/egra/graphs.ts';
import { mixedItemGraph } from '#models/parts/modal-graphs.ts';
import { infusedGraphs } from '#models/siger/item-graphs.ts';
import { infusionOptions } from '#models/siger/model.ts';
import { putArray, putMatrix } from './arrays.ts';
import { learningRate, neighbours, traineeOf, width } from './trainee.ts';
import type { Trainee } from './trainee.ts';
import type { Work } from './works.ts';

const [workText, folder] = process.argv.slice(2) as [string, string];
const work = JSON.parse(workText) as Work;

await openDevice('wasm', {});
const trainee = traineeOf(work, undefined);
const { dataset, context, model } = trainee;

const parameters: Record<string, readonly number[]> = {};
for (const [name, parameter] of model.parameters) {
  parameters[name] = parameter.shape;
  putArray(folder, `parameter.${name}`, (await parameter.data()) as Float32Array, parameter.shape);
}
const pretrain = context.stages['pretrain'];
if (pretrain !== undefined) putArray(folder, 'pretrained.items', pretrain.items);
for (const modality of dataset.modalities) putArray(folder, `features.${modality.name}`, modality.values, [dataset.items, modality.width]);
for (const graph of dataset.graphs) putMatrix(folder, `graph.${graph.modality}`, graph.matrix);
for (const [name, matrix] of Object.entries(graphsOf(trainee))) putMatrix(folder, `graph.${name}`, matrix);
putArray(folder, 'train.users', dataset.train.users);
putArray(folder, 'train.items', dataset.train.items);
for (const part of ['train', 'validation'] as const) {
  const rows = userRows(dataset[part], dataset.users);
  putArray(folder, `${part}.offsets`, rows.offsets);
  putArray(folder, `${part}.indices`, rows.indices);
}
const lengths: number[] = [];
const columns: Int32Array[] = [];
for (const { users, positives, negatives } of trainee.sampler.epoch()) {
  lengths.push(users.length);
  columns.push(users, positives, negatives);
}
putArray(folder, 'batches', Int32Array.from(columns.flatMap((column) => [...column])));
const shape = { users: dataset.users, items: dataset.items, width, batchSize: context.batchSize, learningRate, neighbours };
const modalities = dataset.modalities.map(({ name }) => name);
writeFileSync(
  join(folder, 'row.json'),
  JSON.stringify({ model: work.model, ...shape, hyper: context.hyper, modalities, parameters, batches: lengths }),
);
process.exit(0);

/** The graphs that this row's model trains on beside those of single modalities. */
function graphsOf({ dataset: data, context: of }: Trainee): Record<string, CsrMatrix> {
  const edges = trainEdges(data);
  switch (work.model) {
    case 'lightgcn':
      return { 'user-item': userItemGraph(edges, releasedEpsilon) };
    case 'freedom': {
      // What the model draws before its first epoch: nothing else takes from this stream.
      const rate = of.hyper['dropout'] as number;
      const pruned = prunedGraph(edges, edgeWeights(edges), rate, randomStreams(1).graph);
      const items = mixedItemGraph({ dataset: data, source: 'imported', k: neighbours }, of.hyper['mm_image_weight'] as number);
      return { 'user-item': userItemGraph(edges, releasedEpsilon), pruned, items: items.matrix };
    }
    case 'siger': {
      const plain = userItemGraph(edges);
      const { modal } = infusedGraphs(data, edges, infusionOptions(of));
      const infused = data.modalities.map(({ name }, m) => [`infused.${name}`, modal[m]!.matrix] as const);
      return { behavior: plain, 'user-items': userItemBlock(plain, data.users), ...Object.fromEntries(infused) };
    }
    default: {
      const plain = userItemGraph(edges);
      const behavior = work.model === 'egra' ? behaviorGraphs(of, stageVectors(of)).behavior : plain;
      return { behavior, 'user-items': userItemBlock(plain, data.users) };
    }
  }
}
