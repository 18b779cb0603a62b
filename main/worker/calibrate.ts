import { resolveHyper } from '#contract/model-card.ts';
import type { Calibration } from '#contract/task.ts';
import type { Dataset, Modality, Part } from '#data/dataset.ts';
import { randomStream, randomStreams } from '#data/random.ts';
import type { Random } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { DeviceId } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { Model, ModelDefinition } from '#models/define-model.ts';
import { lightgcn } from '#models/lightgcn/model.ts';
import { mgcn } from '#models/mgcn/model.ts';
import { median } from '#stats/median.ts';
import { breathe } from '#training/control.ts';
import { Evaluator } from '#training/evaluator.ts';

// Said in words in contract/speed.ts.
const size = { users: 2000, items: 1000, rowsPerUser: 20, features: 128 };
const work = { width: 64, batchSize: 2048, layers: 3 };
/** A slow device leaves each part of the steps after so long, with one step at least. */
const steps = { warm: 3, measured: 15, mostSeconds: 1.5 };

export interface CalibrateOptions {
  readonly device: DeviceId;
  readonly threads: number;
  readonly libraryFolder?: string | undefined;
}

/**
 * Measures a device on a drawn graph of 40,000 interactions: steps of LightGCN, one full ranking, steps of MGCN. About two seconds on
 * wasm. Throws where the device cannot be opened, and when `signal` aborts. Tells progress from 0 to 1.
 */
export async function calibrate(
  { device: id, threads, libraryFolder }: CalibrateOptions,
  onProgress: (fraction: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Calibration> {
  const device = await openDevice(id, { threads, ...(libraryFolder === undefined ? {} : { libraryFolder }) });
  const dataset = drawn(randomStream(1, 'calibrate'));
  const startSeconds = process.uptime();
  onProgress(0.2);
  const plain = await measure(lightgcn, { n_layers: work.layers }, dataset, signal);
  onProgress(0.5);
  const evaluator = new Evaluator(dataset);
  const started = performance.now();
  await evaluator.rank(plain.model.represent(), evaluator.everyone(), breathe);
  const rankSeconds = (performance.now() - started) / 1000;
  onProgress(0.6);
  const multimodal = await measure(mgcn, {}, dataset, signal);
  onProgress(1);
  return {
    device: device.id,
    threads: device.threads,
    name: device.name,
    version: device.version,
    compile: multimodal.mode,
    layers: work.layers,
    edges: 2 * dataset.train.users.length,
    width: work.width,
    batchSize: work.batchSize,
    parameters: [...plain.model.parameters.values()].reduce((sum, parameter) => sum + parameter.size, 0),
    secondsPerStep: plain.secondsPerStep,
    secondsPerMultimodalStep: multimodal.secondsPerStep,
    secondsPerMillionScores: rankSeconds / ((size.users * size.items) / 1e6),
    startSeconds,
  };
}

interface Measured {
  readonly model: Model;
  readonly secondsPerStep: number;
  readonly mode: string;
}

/** Steps of a model as a run takes them. */
async function measure(
  definition: ModelDefinition,
  changes: Readonly<Record<string, number>>,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<Measured> {
  const random = randomStreams(1);
  const hyper = resolveHyper(definition.card, undefined, changes);
  const { width, batchSize } = work;
  const model = definition.create({ dataset, hyper, random, width, batchSize, itemGraph: 'computed', stages: {} });
  const step = new TrainStep({
    parameters: model.parameters,
    adam: new Adam(model.parameters),
    loss: (inputs) => model.loss(inputs),
  });
  const sampler = new Sampler(dataset, { batchSize, random });
  const take = async (count: number): Promise<number[]> => {
    const seconds: number[] = [];
    let sum = 0;
    while (seconds.length < count) {
      model.beforeEpoch?.(0);
      for (const batch of sampler.epoch()) {
        await breathe();
        signal?.throwIfAborted();
        const started = performance.now();
        step.run(model.inputs(batch, 0), 1e-3);
        const took = (performance.now() - started) / 1000;
        seconds.push(took);
        sum += took;
        if (seconds.length === count || sum > steps.mostSeconds) return seconds;
      }
    }
    return seconds;
  };
  await take(steps.warm);
  const secondsPerStep = median(await take(steps.measured));
  return { model, secondsPerStep, mode: step.mode };
}

function drawn(random: Random): Dataset {
  const pairs: [number, number][] = [];
  for (let user = 0; user < size.users; user++) {
    const chosen = new Set<number>();
    // Squaring makes a few items popular, as in real data.
    while (chosen.size < size.rowsPerUser) chosen.add(Math.floor(random.uniform() ** 2 * size.items));
    for (const item of chosen) pairs.push([user, item]);
  }
  const part = (rows: readonly [number, number][]): Part => ({
    users: Int32Array.from(rows, ([user]) => user),
    items: Int32Array.from(rows, ([, item]) => item),
  });
  const heldOut = part(pairs.filter((_, row) => row % size.rowsPerUser === 0));
  const hash = 'calibration';
  const modality = (name: string): Modality => ({
    name,
    width: size.features,
    values: Float32Array.from({ length: size.items * size.features }, () => random.uniform() - 0.5),
    sourceType: 'float32',
    hash: `${hash} ${name}`,
    missing: new Uint8Array(size.items),
  });
  return {
    id: hash,
    name: hash,
    users: size.users,
    items: size.items,
    train: part(pairs),
    validation: heldOut,
    test: heldOut,
    modalities: [modality('image'), modality('text')],
    graphs: [],
    fingerprint: { splitHash: hash, splitShape: hash, graphShape: hash },
  };
}
