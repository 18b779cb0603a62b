import type { Tensor2D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import type { Dataset } from '#data/dataset.ts';
import { randomStreams } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { topKMasked, topKOfScores } from '#engine/ops/top-k.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { Model } from '#models/define-model.ts';
import { models } from '#models/registry.ts';
import { createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 24, items: 30 });
const batch = drawnBatch(dataset, 48);

/** As many items as users, one train item each. */
const pairs = ownItems(16);

/** Settings under which a model can learn by heart, where those of its card and a high learning rate are not: no pruning, smaller steps. */
const byHeart: Readonly<Record<string, { readonly hyper?: HyperValues; readonly learningRate?: number; readonly ranks?: false }>> = {
  freedom: { hyper: { dropout: 0 } },
  // It compares each user with the best of all negatives of the batch through two logistic functions: its loss is at its floor, one bit a
  // row and view, long before ranks are right.
  mvgae: { hyper: { dim_latent: 16, item_rows: 'corrected' }, ranks: false },
  mmgcn: { hyper: { dim_latent: 16 }, learningRate: 0.005 },
  dmicf: { hyper: { dropout: 0, negatives: 'corrected' }, learningRate: 0.01 },
};

const mostSteps = 800;

describe('training', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  // One item a user has no order; models of next items learn histories by heart in a test of their own.
  const trained = models.filter(({ card }) => card.trained && card.task === 'top-n').map(({ card }) => card.id);

  it.each(trained)('%s learns one item a user by heart, leaves no tensors, and repeats itself bit for bit', (id) => {
    const before = device.memory().tensors;
    const ranks = byHeart[id]?.ranks ?? true;
    const first = learn(id, ranks ? mostSteps : 30);
    if (ranks) expect(first.recall).toBe(1);
    expect(first.losses.at(-1)!).toBeLessThan(first.losses[0]!);
    const again = learn(id, 10);
    expect(again.losses).toEqual(first.losses.slice(0, 10));
    expect(device.memory().tensors).toBe(before);
    expect(device.fallbacks()).toEqual([]);
  });
});

/** Pairs user u with item u, all in one batch with negatives drawn anew, until each user's item ranks first of all items. */
function learn(id: string, most: number): { losses: number[]; recall: number } {
  const random = randomStreams(7);
  const { hyper = {}, learningRate = 0.05 } = byHeart[id] ?? {};
  const model = createModel(id, {
    dataset: pairs,
    stages: drawnStage(pairs),
    hyper,
    width: 16,
    batchSize: pairs.users,
    random,
  });
  const adam = new Adam(model.parameters);
  const step = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
  const losses: number[] = [];
  let recall = 0;
  while (losses.length < most && recall < 1) {
    model.beforeEpoch?.(losses.length);
    const negatives = pairs.train.items.map((own) => (own + 1 + random.negatives.integer(pairs.users - 1)) % pairs.users);
    const batch = { users: pairs.train.users, positives: pairs.train.items, negatives, isLast: true };
    losses.push(step.run(model.inputs(batch, losses.length), learningRate).total);
    if (losses.length % 10 === 0) recall = firstRanked(model);
  }
  step.dispose();
  adam.dispose();
  model.dispose();
  return { losses, recall };
}

/** Share of users whose own item ranks first. */
function firstRanked(model: Model): number {
  const mask = { offsets: new Int32Array(pairs.users + 1), indices: new Int32Array(0) };
  return ranked(model, mask).filter((item, user) => item === user).length / pairs.users;
}

function ranked(model: Model, mask: Parameters<typeof topKOfScores>[1]): Int32Array {
  const tensors = model.scorer === undefined ? Object.values(model.represent()) : [model.scorer().scores(pairs.train.users)];
  const [users, items] = tensors as [Tensor2D, Tensor2D | undefined];
  const top = items === undefined ? topKOfScores(users, mask, 1) : topKMasked(users, items, mask, 1);
  for (const tensor of tensors) tensor.dispose();
  return top.items;
}

describe.each(['wasm', 'cpu'] as const)('a step on %s', (id) => {
  it('leaves the dataset’s features as they are, though they are trained', async () => {
    const device = await openDevice(id);
    const before = dataset.modalities.map(({ values: features }) => features.slice());
    const model = createModel('mgcn', { dataset });
    const adam = new Adam(model.parameters);
    const { gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
    adam.step(gradients, 0.05);
    for (const gradient of gradients.values()) gradient?.dispose();
    expect(values(model.parameters.get('features.image')!)).not.toEqual(before[0]);
    expect(dataset.modalities.map(({ values: features }) => features)).toEqual(before);
    adam.dispose();
    model.dispose();
    device.close();
  });
});

/** User u's only train item is u; features are those of a drawn dataset. */
function ownItems(count: number): Dataset {
  const drawn = drawnDataset({ users: count, items: count });
  const ids = Int32Array.from({ length: count }, (_, id) => id);
  return { ...drawn, train: { users: ids, items: ids } };
}
