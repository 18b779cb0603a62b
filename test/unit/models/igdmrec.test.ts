import { tensor2d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStreams, restoreStreams } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { Model } from '#models/define-model.ts';
import { behaviourRows, largest, neighbourGraph } from '#models/igdmrec/graphs.ts';
import { linearVariance } from '#models/igdmrec/schedule.ts';
import { gelu } from '#models/parts/gelu.ts';
import { loadParameters } from '#training/train-stage.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 25, items: 30 });
const batch = drawnBatch(dataset, 40);

describe('IGDMRec', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  const held = (model: Model) => new Map([...model.parameters, ...model.kept!].map(([name, table]) => [name, values(table)]));
  const scored = (model: Model) => {
    const { users, items } = model.represent();
    const read = [...values(users), ...values(items)];
    users.dispose();
    items.dispose();
    return read;
  };
  const lossOf = (model: Model) => {
    const { total, gradients } = lossAndGradients(model.parameters, () => model.loss(model.inputs(batch, 0)));
    for (const gradient of gradients.values()) gradient?.dispose();
    return total;
  };

  it('goes on after a reload as if there had been none: the diffusion model, its optimiser, its graph', () => {
    const random = randomStreams(4);
    const whole = createModel('igdmrec', { dataset, random });
    whole.beforeEpoch!(0);
    const checkpoint = held(whole);
    const streams = Object.fromEntries(Object.entries(random).map(([name, stream]) => [name, stream.save()]));
    const before = scored(whole);
    whole.beforeEpoch!(1);

    const others = randomStreams(5);
    const resumed = createModel('igdmrec', { dataset, random: others });
    loadParameters(resumed, checkpoint);
    restoreStreams(others, streams);
    expect(scored(resumed)).toEqual(before);
    resumed.beforeEpoch!(1);
    expect(held(resumed)).toEqual(held(whole));
    expect(lossOf(resumed)).toBe(lossOf(whole));
    expect([...checkpoint.keys()].filter((name) => /^(denoiser|first|second)\./.test(name))).toHaveLength(31);
    for (const [name, now] of held(whole)) if (name.startsWith('denoiser.')) expect(now, name).not.toEqual(checkpoint.get(name));
    whole.dispose();
    resumed.dispose();
  });

  it('does its work before an epoch in pieces: a step of each block and pass, then a sample of each block', () => {
    const before = device.memory().tensors;
    const model = createModel('igdmrec', { dataset });
    let pieces = 0;
    for (const _ of model.epochWork!(0)) pieces += 1;
    // 30 rows are two blocks of 16, passed twice and sampled.
    expect(pieces).toBe(2 * 2 + 2);
    model.dispose();
    expect(device.memory().tensors).toBe(before);
  });

  it('sums the squares of unused tables as released, or leaves them out: nothing else differs', () => {
    const [released, corrected] = (['released', 'corrected'] as const).map((reg_features) =>
      createModel('igdmrec', { dataset, hyper: { reg_features } }),
    );
    for (const [name, table] of [...corrected!.parameters, ...corrected!.kept!]) {
      const twin = released!.parameters.get(name) ?? released!.kept!.get(name)!;
      twin.assign(table);
    }
    const unused = [...released!.parameters].filter(([name]) => !corrected!.parameters.has(name));
    expect(unused.map(([name]) => name)).toContain('features.image');
    const squares = unused.reduce((sum, [, table]) => sum + values(table).reduce((part, value) => part + value * value, 0), 0);
    expect(scored(released!)).toEqual(scored(corrected!));
    expect(lossOf(released!) - lossOf(corrected!)).toBeCloseTo(1e-7 * squares, 6);
    released!.dispose();
    corrected!.dispose();
  });

  it('reads conditions from shared users', () => {
    // Items 0 and 1 share users 0, 1, 2; items 1 and 2 share user 2 alone.
    const train = { users: Int32Array.of(0, 0, 1, 1, 2, 2, 2), items: Int32Array.of(0, 1, 0, 1, 0, 1, 2) };
    const rows = behaviourRows({ users: 3, items: 4, train }, { atLeast: 3, k: 10 });
    expect([...rows.offsets]).toEqual([0, 2, 4, 5, 6]);
    expect([...rows.indices]).toEqual([0, 1, 0, 1, 2, 3]);
    expect(new Set(rows.values)).toEqual(new Set([1]));
  });

  it('keeps the largest of each row, ties to the lower item', () => {
    expect([...largest(Float32Array.of(0.5, 2, 0.5, -1, 2), 3)]).toEqual([1, 4, 0]);
    const graph = neighbourGraph(Float32Array.of(1, 2, 0, -1, 2, 0), 3);
    expect([...graph.indices]).toEqual([1, 2, 0, 0, 2]);
    // Degrees 2, 1, 2.
    [1 / Math.SQRT2, 0.5, 1 / Math.SQRT2, 0.5, 0.5].forEach((value, entry) => expect(graph.values[entry]).toBeCloseTo(value, 6));
  });

  it('weighs early steps by what their noise hides', () => {
    const { kept, weight, ofEstimate, ofPresent } = linearVariance({ steps: 5, scale: 0.01, min: 1e-4, max: 0.02 });
    expect(kept[4]).toBeCloseTo(1 - 2e-4, 12);
    expect(weight[0]).toBe(1);
    expect(weight[1]! / 9.8e5).toBeCloseTo(1, 2);
    expect(ofEstimate[0]).toBeCloseTo(1, 9);
    expect(ofPresent[0]).toBe(0);
  });

  it('has GELU with the normal distribution', () => {
    const x = Float32Array.from({ length: 81 }, (_, place) => (place - 40) / 10);
    const ours = tidy(() => values(gelu(tensor2d(x, [1, 81]))));
    ours.forEach((value, place) => expect(value).toBeCloseTo(x[place]! * normal(x[place]!), 6));
  });
});

/** Φ(x) as an integral, by Simpson's rule. */
function normal(x: number): number {
  const density = (at: number) => Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI);
  const [pieces, width] = [400, x / 400];
  let sum = density(0) + density(x);
  for (let piece = 1; piece < pieces; piece++) sum += density(piece * width) * (piece % 2 === 1 ? 4 : 2);
  return 0.5 + (sum * width) / 3;
}
