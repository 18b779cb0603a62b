import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userRows, holds } from '#data/user-rows.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { values } from '#engine/ops/basic.ts';
import { createModel, drawnBatch } from '#test/fixtures/model-context.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 15, items: 20 });
const batch = drawnBatch(dataset, 30);
const train = userRows(dataset.train, dataset.users);

interface DrawnPairs {
  readonly pairs: { readonly user: Int32Array; readonly item: Int32Array };
}

describe('DMICF', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  /** Users and items of a batch's candidates; the positive comes first in each row. */
  function drawn(negatives: 'released' | 'corrected'): { positives: number[]; ownNegatives: number; distinct: number } {
    const model = createModel('dmicf', { dataset, hyper: { negatives, neg_num: 40 } });
    const { pairs } = model.inputs(batch, 0) as DrawnPairs;
    model.dispose();
    expect(pairs.item).toHaveLength(30 * 41);
    const isPositive = (_: number, pair: number) => pair % 41 === 0;
    const negative = [...pairs.item].filter((item, pair) => !isPositive(item, pair));
    const owner = [...pairs.user].filter((user, pair) => !isPositive(user, pair));
    return {
      positives: [...pairs.item].filter(isPositive),
      ownNegatives: negative.filter((item, place) => holds(train, owner[place]!, item)).length,
      distinct: new Set(negative).size,
    };
  }

  it('draws negatives from all items as released, or from those that the user does not have', () => {
    const released = drawn('released');
    const corrected = drawn('corrected');
    for (const { positives } of [released, corrected]) expect(positives).toEqual([...batch.positives]);
    expect(released.distinct).toBe(dataset.items);
    expect(released.ownNegatives).toBeGreaterThan(0);
    expect(corrected.ownNegatives).toBe(0);
  });

  it('scores pairs alike in whatever blocks they are asked for, and lets everything go', () => {
    const model = createModel('dmicf', { dataset });
    const before = device.memory().tensors;
    const scorer = model.scorer!();
    const read = (users: Int32Array) => {
      const scores = scorer.scores(users);
      const numbers = values(scores);
      scores.dispose();
      return numbers;
    };
    // More pairs than go through the networks at once.
    const many = read(Int32Array.from({ length: 4000 }, (_, place) => place % dataset.users));
    const once = read(Int32Array.from({ length: dataset.users }, (_, user) => user));
    for (const turn of [0, 120, 265]) {
      expect(many.subarray(turn * once.length, (turn + 1) * once.length)).toEqual(once);
    }
    expect(new Set(once).size).toBeGreaterThan(dataset.items);
    expect(device.memory().tensors).toBe(before);
    expect(() => model.represent()).toThrow('no vectors');
    model.dispose();
  });
});
