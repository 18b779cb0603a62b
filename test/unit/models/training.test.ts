import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { models } from '#models/registry.ts';
import { createModel, drawnBatch, drawnStage } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 24, items: 30 });
const stages = drawnStage(dataset);
const batch = drawnBatch(dataset, 48);

describe('training', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  it.each(models.map(({ card }) => card.id))('%s learns a batch by heart, leaves no tensors, and repeats itself bit for bit', (id) => {
    const before = device.memory().tensors;
    const train = () => {
      // No pruning and little regularisation: the question is whether the loss can be learnt.
      const hyper = id === 'freedom' ? { dropout: 0 } : { reg_weight: 1e-6 };
      const model = createModel(id, { dataset, stages, hyper, width: 8, batchSize: 48 });
      const adam = new Adam(model.parameters);
      const losses: number[] = [];
      for (let step = 0; step < 120; step++) {
        const { terms, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
        losses.push(terms['bpr']!);
        adam.step(gradients, 0.05);
        for (const gradient of gradients.values()) gradient?.dispose();
      }
      const { users, items } = model.represent();
      const vectors = [values(users), values(items)] as const;
      users.dispose();
      items.dispose();
      adam.dispose();
      model.dispose();
      return { losses, vectors };
    };
    const first = train();
    expect(first.losses[0]!).toBeGreaterThan(0.4);
    expect(first.losses.at(-1)!).toBeLessThan(0.15);
    expect(rankedAbove(first.vectors)).toBeGreaterThan(0.9);
    expect(train()).toEqual(first);
    expect(device.memory().tensors).toBe(before);
    expect(device.fallbacks()).toEqual([]);
  });
});

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

/** Share of batch rows whose positive outranks its negative. */
function rankedAbove([users, items]: readonly [Float32Array, Float32Array]): number {
  const width = users.length / dataset.users;
  const score = (user: number, item: number) => {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += users[user * width + c]! * items[item * width + c]!;
    return sum;
  };
  const apart = [...batch.users.keys()].filter((row) => batch.positives[row] !== batch.negatives[row]);
  return (
    apart.filter((row) => score(batch.users[row]!, batch.positives[row]!) > score(batch.users[row]!, batch.negatives[row]!)).length /
    apart.length
  );
}
