import { describe, expect, it } from 'vitest';
import type { Dataset } from '#data/dataset.ts';
import { randomStreams, restoreStreams } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import { holds, rowLength, userRows } from '#data/user-rows.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';

const dataset = drawnDataset({ users: 40, items: 30 });

function epochOf(sampler: Sampler): { users: number[]; positives: number[]; negatives: number[]; sizes: number[] } {
  const batches = [...sampler.epoch()];
  return {
    users: batches.flatMap((batch) => [...batch.users]),
    positives: batches.flatMap((batch) => [...batch.positives]),
    negatives: batches.flatMap((batch) => [...batch.negatives]),
    sizes: batches.map((batch) => batch.users.length),
  };
}

describe('userRows', () => {
  it('sorts each row and drops repeats', () => {
    const rows = userRows({ users: Int32Array.of(2, 0, 2, 2, 0), items: Int32Array.of(5, 1, 3, 5, 0) }, 4);
    expect([...rows.offsets]).toEqual([0, 2, 2, 4, 4]);
    expect([...rows.indices]).toEqual([0, 1, 3, 5]);
    expect(rowLength(rows, 1)).toBe(0);
    expect([0, 1, 2, 3, 4, 5].map((item) => holds(rows, 2, item))).toEqual([false, false, false, true, false, true]);
  });
});

describe('Sampler', () => {
  it('gives every train pair once per epoch, in a new order each epoch, and keeps the short last batch', () => {
    const sampler = new Sampler(dataset, { batchSize: 64, random: randomStreams(1) });
    const first = epochOf(sampler);
    const second = epochOf(sampler);
    const pairs = (epoch: { users: number[]; positives: number[] }): string[] =>
      epoch.users.map((user, r) => `${user} ${epoch.positives[r]!}`);
    const train = Array.from(dataset.train.users, (user, r) => `${user} ${dataset.train.items[r]!}`);
    expect(pairs(first).sort()).toEqual(train.sort());
    expect(pairs(second)).not.toEqual(pairs(first));
    expect(pairs(second).sort()).toEqual(pairs(first).sort());
    const rows = dataset.train.users.length;
    expect(first.sizes).toEqual([...Array.from({ length: Math.floor(rows / 64) }, () => 64), rows % 64]);
    expect(sampler.batches).toBe(first.sizes.length);
  });

  it('draws negatives uniformly over train items that the user does not have in train', () => {
    const seen = userRows(dataset.train, dataset.users);
    const inTrain = new Set(dataset.train.items);
    const sampler = new Sampler(dataset, { batchSize: 1000, random: randomStreams(3) });
    const counts = new Map<number, number>();
    let draws = 0;
    for (let epoch = 0; epoch < 150; epoch++) {
      const { users, negatives } = epochOf(sampler);
      negatives.forEach((item, r) => {
        expect(inTrain.has(item)).toBe(true);
        expect(holds(seen, users[r]!, item)).toBe(false);
        if (users[r] === 1) {
          counts.set(item, (counts.get(item) ?? 0) + 1);
          draws += 1;
        }
      });
    }
    const possible = [...inTrain].filter((item) => !holds(seen, 1, item));
    expect([...counts.keys()].sort()).toEqual(possible.sort());
    // 5 standard deviations of a uniform count: fails once in about a hundred thousand seeds.
    const mean = draws / possible.length;
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });

  it('goes on bit-identically from saved streams, with a new sampler', () => {
    const whole = new Sampler(dataset, { batchSize: 64, random: randomStreams(5) });
    epochOf(whole);
    const streams = randomStreams(5);
    const early = new Sampler(dataset, { batchSize: 64, random: streams });
    epochOf(early);
    const saved = { shuffle: streams.shuffle.save(), negatives: streams.negatives.save() };
    const later = randomStreams(999);
    restoreStreams(later, saved);
    expect(epochOf(new Sampler(dataset, { batchSize: 64, random: later }))).toEqual(epochOf(whole));
  });

  it('does not let the shuffle stream shift the negatives', () => {
    const streams = randomStreams(5);
    streams.shuffle.uniform();
    const shifted = epochOf(new Sampler(dataset, { batchSize: 64, random: streams }));
    const plain = epochOf(new Sampler(dataset, { batchSize: 64, random: randomStreams(5) }));
    expect(shifted.users).not.toEqual(plain.users);
  });

  it('names a user for whom no negative exists', () => {
    const full: Dataset = { ...dataset, train: { users: Int32Array.of(0, 0, 1), items: Int32Array.of(0, 1, 0) } };
    expect(() => new Sampler(full, { batchSize: 2, random: randomStreams(1) })).toThrow(/user 0 has all 2 items/);
  });
});
