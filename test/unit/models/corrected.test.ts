import { tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HyperValues } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import { randomStream, randomStreams } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { Model } from '#models/define-model.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

/** The corrected side of switches whose released side the recorded vectors prove: each against what it should then be equal to. */

const dataset = drawnDataset({ users: 12, items: 15 });
const batch = drawnBatch(dataset, 20);

function outcome(model: Model, rows: Batch = batch) {
  model.beforeEpoch?.(0);
  const { total, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(rows, 0)));
  const moved = [...gradients].filter(([, gradient]) => gradient !== null).map(([name]) => name);
  for (const gradient of gradients.values()) gradient?.dispose();
  return { total, moved };
}

function once<T>(model: Model, use: (model: Model) => T): T {
  try {
    return use(model);
  } finally {
    model.dispose();
  }
}

function vectors(model: Model): { users: Float32Array; items: Float32Array } {
  const { users, items } = model.represent();
  const read = { users: values(users), items: values(items) };
  users.dispose();
  items.dispose();
  return read;
}

describe('corrected', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('cpu');
  });
  afterAll(() => device.close());

  const made = (id: string, hyper: HyperValues, given: Dataset = dataset) => createModel(id, { dataset: given, hyper, width: 4 });

  it('MVGAE reads the items’ rows: as released with ids shifted behind the users', () => {
    const shift = (ids: Int32Array) => ids.map((item) => item + dataset.users);
    const shifted = { ...batch, positives: shift(batch.positives), negatives: shift(batch.negatives) };
    const corrected = once(made('mvgae', { item_rows: 'corrected' }), (model) => outcome(model).total);
    expect(once(made('mvgae', { item_rows: 'released' }), (model) => outcome(model, shifted).total)).toBe(corrected);
    expect(once(made('mvgae', { item_rows: 'released' }), (model) => outcome(model).total)).not.toBe(corrected);
  });

  it('SelfCF keeps all edges: its loss then depends on the dropped elements alone', () => {
    const total = (edge_dropout: string, seed: number) => {
      const random = { ...randomStreams(7), dropout: randomStream(seed, 'dropout') };
      const hyper = { edge_dropout, dropout: 0 };
      return once(createModel('selfcf', { dataset, hyper, width: 4, random }), (model) => outcome(model).total);
    };
    expect(total('corrected', 1)).toBe(total('corrected', 2));
    expect(total('released', 1)).not.toBe(total('released', 2));
  });

  it('MMGCN trains ids and preferences, from the same start', () => {
    const [released, corrected] = ['released', 'corrected'].map((untrained_tables) =>
      once(made('mmgcn', { untrained_tables, dim_latent: 5 }), (model) => outcome(model)),
    );
    expect(corrected!.total).toBe(released!.total);
    const tables = ['nodes', 'preference.image', 'preference.text'];
    expect(released!.moved.filter((name) => tables.includes(name))).toEqual([]);
    expect(corrected!.moved.filter((name) => tables.includes(name))).toEqual(tables);
  });

  it('DualGNN shows a user who weighs the image alone nothing but the image', () => {
    const hyper = { user_graph_k: 3, stale_eval: 'corrected' };
    const imageOnly = { ...dataset, modalities: dataset.modalities.filter(({ name }) => name === 'image') };
    const users = (given: Dataset, user_views: string) =>
      once(made('dualgnn', { ...hyper, user_views }, given), (model) => {
        for (const [name, table] of model.parameters) {
          // The same image tower in all of them, whatever was drawn in between.
          const random = randomStream(3, name);
          const isShare = name === 'shares';
          const drawn = Float32Array.from({ length: table.size }, (_, at) =>
            isShare ? (at % given.modalities.length === 0 ? 1 : 0) : random.normal(),
          );
          const start = tensor(drawn, table.shape, 'float32');
          table.assign(start);
          start.dispose();
        }
        return vectors(model).users;
      });
    const alone = users(imageOnly, 'corrected');
    users(dataset, 'corrected').forEach((value, at) => expect(value).toBeCloseTo(alone[at]!, 5));
    expect(users(dataset, 'released')).not.toEqual(alone);
  });

  it('GRCN draws a user’s preference to the items attended to: with one item, to that one', () => {
    const count = 8;
    const own = drawnDataset({ users: count, items: count, rowsPerUser: 3 });
    const ids = Int32Array.from({ length: count }, (_, id) => id);
    const pairs: Dataset = { ...own, train: { users: ids, items: ids }, modalities: [own.modalities[0]!] };
    const [latent, columns] = [3, pairs.modalities[0]!.width];
    const hyper = { routing: 'corrected', n_layers: 2, latent_embedding: latent, stale_eval: 'corrected' };
    once(made('grcn', hyper, pairs), (model) => {
      const table = (name: string) => values(model.parameters.get(name)!);
      const [preference, weight, bias] = [table('preference.image'), table('project.image.weight'), table('project.image.bias')];
      const unit = (row: number[]) => row.map((value) => value / Math.hypot(...row));
      const { users } = vectors(model);
      for (let user = 0; user < count; user++) {
        const features = pairs.modalities[0]!.values.subarray(user * columns, (user + 1) * columns);
        const projected = Array.from({ length: latent }, (_, c) =>
          features.reduce((sum, x, d) => sum + x * weight[d * latent + c]!, bias[c]!),
        );
        const item = unit(projected.map((value) => (value > 0 ? value : 0.01 * value)));
        let own = unit([...preference.subarray(user * latent, (user + 1) * latent)]);
        for (let round = 0; round < 2; round++) own = unit(own.map((value, c) => value + item[c]!));
        // e = [q | s], s = x + Σ a y.
        const found = users.subarray(user * (4 + latent) + 4, (user + 1) * (4 + latent));
        own.forEach((value, c) => expect(found[c]).toBeCloseTo(value + item[c]!, 5));
      }
    });
  });

  it('LATTICE leaves what a batch does not reach where it is', () => {
    const reached = (idle_parameters: string) =>
      once(made('lattice', { idle_parameters }), (model) => {
        model.beforeEpoch?.(0);
        model.inputs(batch, 0);
        const { gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
        const found = [...gradients].map(([name, gradient]) => [
          name,
          gradient === null ? null : values(gradient).some((value) => value !== 0),
        ]);
        for (const gradient of gradients.values()) gradient?.dispose();
        return Object.fromEntries(found) as Record<string, boolean | null>;
      });
    expect(reached('released')).toMatchObject({ nodes: true, omega: false, 'features.image': false, 'project.text.weight': false });
    expect(reached('corrected')).toMatchObject({ nodes: true, omega: null, 'features.image': null, 'project.text.weight': null });
  });
});
