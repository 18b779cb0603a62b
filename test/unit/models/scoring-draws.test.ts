import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '#data/random.ts';
import { randomStreams } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import type { Model } from '#models/define-model.ts';
import { loadParameters } from '#training/train-stage.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 12, items: 15 });
const lastBatch = { ...drawnBatch(dataset, 8), isLast: true };

function scored(model: Model): number[] {
  const { users, items } = model.represent();
  const read = [...values(users), ...values(items)];
  users.dispose();
  items.dispose();
  return read;
}

/** LGMRec draws when it scores (models.md 2.16). */
describe('scores that are drawn', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  it('stay as they are until an epoch’s last batch has come, then are drawn anew', () => {
    const model = createModel('lgmrec', { dataset });
    const first = scored(model);
    expect(scored(model)).toEqual(first);
    model.inputs(drawnBatch(dataset, 8), 0);
    expect(scored(model)).toEqual(first);
    model.inputs(lastBatch, 0);
    expect(scored(model)).not.toEqual(first);
    model.dispose();
  });

  it('are the same after a reload, in a model that has drawn other numbers', () => {
    const model = createModel('lgmrec', { dataset });
    const first = scored(model);
    const checkpoint = new Map([...model.parameters, ...model.kept!].map(([name, table]) => [name, values(table)]));
    const other = createModel('lgmrec', { dataset, seed: 8 });
    other.inputs(lastBatch, 0);
    expect(scored(other)).not.toEqual(first);
    loadParameters(other, checkpoint);
    expect(scored(other)).toEqual(first);
    model.dispose();
    other.dispose();
  });

  it('corrected: nothing is drawn, and every epoch scores alike', () => {
    const streams = randomStreams(3);
    const never: Random = { ...streams.dropout, uniform: () => expect.fail('a number was drawn'), save: () => [] };
    const quiet = createModel('lgmrec', { dataset, hyper: { eval_noise: 'corrected' }, random: { ...streams, dropout: never } });
    const released = createModel('lgmrec', { dataset, random: streams });
    for (const [name, table] of quiet.parameters) table.assign(released.parameters.get(name)!);
    expect(scored(quiet)).toEqual(scored(quiet));
    expect(scored(quiet)).not.toEqual(scored(released));
    expect(quiet.kept!.size).toBe(0);
    quiet.dispose();
    released.dispose();
  });
});
