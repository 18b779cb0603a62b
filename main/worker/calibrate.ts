import { resolveHyper } from '#contract/model-card.ts';
import type { Calibration } from '#contract/task.ts';
import type { Dataset, Part } from '#data/dataset.ts';
import { randomStream, randomStreams } from '#data/random.ts';
import type { Random } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { DeviceId } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import { lightgcn } from '#models/lightgcn/model.ts';
import { median } from '#stats/median.ts';
import { breathe } from '#training/control.ts';
import { Evaluator } from '#training/evaluator.ts';

const size = { users: 2000, items: 1000, rowsPerUser: 20 };
const work = { width: 64, batchSize: 2048, layers: 3 };
const steps = { warm: 3, measured: 15 };

export interface CalibrateOptions {
  readonly device: DeviceId;
  readonly threads: number;
  readonly libraryFolder?: string | undefined;
}

/** Measures a device on a drawn graph of 40,000 interactions: LightGCN steps and one full ranking. About two seconds on wasm. */
export async function calibrate({ device: id, threads, libraryFolder }: CalibrateOptions): Promise<Calibration> {
  const device = await openDevice(id, { threads, ...(libraryFolder === undefined ? {} : { libraryFolder }) });
  const dataset = drawn(randomStream(1, 'calibrate'));
  const random = randomStreams(1);
  const hyper = resolveHyper(lightgcn.card, undefined, { n_layers: work.layers });
  const model = lightgcn.create({
    dataset,
    hyper,
    random,
    width: work.width,
    batchSize: work.batchSize,
    itemGraph: 'computed',
    stages: {},
  });
  const adam = new Adam(model.parameters);
  const step = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
  const sampler = new Sampler(dataset, { batchSize: work.batchSize, random });
  const startSeconds = process.uptime();
  const seconds: number[] = [];
  while (seconds.length < steps.warm + steps.measured) {
    for (const batch of sampler.epoch()) {
      const started = performance.now();
      step.run(model.inputs(batch, 0), 1e-3);
      seconds.push((performance.now() - started) / 1000);
      await breathe();
    }
  }
  const evaluator = new Evaluator(dataset);
  const started = performance.now();
  const representation = model.represent();
  await evaluator.rank(representation, evaluator.everyone(), breathe);
  const rankSeconds = (performance.now() - started) / 1000;
  const parameters = [...model.parameters.values()].reduce((sum, parameter) => sum + parameter.size, 0);
  return {
    device: device.id,
    threads: device.threads,
    layers: work.layers,
    edges: 2 * dataset.train.users.length,
    width: work.width,
    batchSize: work.batchSize,
    parameters,
    secondsPerStep: median(seconds.slice(steps.warm)),
    secondsPerMillionScores: rankSeconds / ((size.users * size.items) / 1e6),
    startSeconds,
  };
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
  return {
    id: hash,
    name: hash,
    users: size.users,
    items: size.items,
    train: part(pairs),
    validation: heldOut,
    test: heldOut,
    modalities: [],
    graphs: [],
    fingerprint: { splitHash: hash, splitShape: hash, graphShape: hash },
  };
}
