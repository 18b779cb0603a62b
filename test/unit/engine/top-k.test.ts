import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dispose, matMul, tensor2d } from '#engine/ops/basic.ts';
import type { Tensor2D } from '#engine/ops/basic.ts';
import { topKMasked, topKOfScores } from '#engine/ops/top-k.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { randomStream } from '#data/random.ts';
import { orSkipped, probedDevices } from './check.ts';

/** Small whole numbers: every dot product is exact in float32, ties are frequent, so the lists must agree exactly. */
function whole(count: number, seed: number): Float32Array {
  const random = randomStream(seed, 'init');
  return Float32Array.from({ length: count }, () => random.integer(7) - 3);
}

function byHand(
  users: Float32Array,
  items: Float32Array,
  width: number,
  masked: readonly (readonly number[])[],
  k: number,
): { items: number[]; scores: number[] } {
  const out: { items: number[]; scores: number[] } = { items: [], scores: [] };
  masked.forEach((hidden, r) => {
    const all = Array.from({ length: items.length / width }, (_, item) => {
      let score = 0;
      for (let c = 0; c < width; c++) score += users[r * width + c]! * items[item * width + c]!;
      return { item, score };
    }).filter(({ item }) => !hidden.includes(item));
    all.sort((a, b) => b.score - a.score || a.item - b.item);
    for (let place = 0; place < k; place++) {
      out.items.push(all[place]?.item ?? -1);
      out.scores.push(all[place]?.score ?? -Infinity);
    }
  });
  return out;
}

function pack(masked: readonly (readonly number[])[]): { offsets: Int32Array; indices: Int32Array } {
  const offsets = new Int32Array(masked.length + 1);
  masked.forEach((hidden, r) => (offsets[r + 1] = offsets[r]! + hidden.length));
  return { offsets, indices: Int32Array.from(masked.flat()) };
}

for (const probe of await probedDevices()) {
  describe.skipIf(!probe.available)(`device ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice(probe.id);
    });
    afterAll(() => device.close());

    it.each([
      { rows: 1, count: 1, width: 1, k: 1 },
      { rows: 3, count: 7, width: 3, k: 10 },
      { rows: 9, count: 50, width: 5, k: 4 },
      // Over the borders of the blocks of users (256) and items (1,024).
      { rows: 259, count: 1030, width: 6, k: 20 },
      { rows: 2, count: 3001, width: 64, k: 50 },
    ])('ranks $rows users over $count items, width $width, k $k', ({ rows, count, width, k }) => {
      const random = randomStream(5, 'negatives');
      const masked = Array.from({ length: rows }, (_, r) => {
        // The first user hides nothing, the second everything but the last item.
        if (r === 0) return [];
        return Array.from({ length: count }, (_, i) => i).filter((i) => (r === 1 ? i < count - 1 : random.uniform() < 0.2));
      });
      const [u, i] = [whole(rows * width, 1), whole(count * width, 2)];
      const before = device.memory().tensors;
      const users = tensor2d(u, [rows, width]);
      const items = tensor2d(i, [count, width]);
      const found = topKMasked(users, items, pack(masked), k);
      const wanted = byHand(u, i, width, masked, k);
      expect([...found.items]).toEqual(wanted.items);
      expect([...found.scores].map((score) => score + 0)).toEqual(wanted.scores.map((score) => score + 0));
      const scores = matMul(users, items, false, true) as Tensor2D;
      const selected = topKOfScores(scores, pack(masked), k);
      expect([...selected.items]).toEqual(wanted.items);
      expect([...selected.scores].map((score) => score + 0)).toEqual(wanted.scores.map((score) => score + 0));
      dispose([users, items, scores]);
      expect(device.memory().tensors).toBe(before);
    });

    it('leaves rows with no candidate empty and never ranks a score that is not a number', () => {
      const users = tensor2d([1, NaN], [2, 1]);
      const items = tensor2d([3, 4], [2, 1]);
      const found = topKMasked(users, items, pack([[0, 1], []]), 2);
      expect([...found.items]).toEqual([-1, -1, -1, -1]);
      expect([...found.scores]).toEqual([-Infinity, -Infinity, -Infinity, -Infinity]);
      const scores = tensor2d([3, 4, NaN, NaN], [2, 2]);
      expect([...topKOfScores(scores, pack([[0, 1], []]), 2).items]).toEqual([-1, -1, -1, -1]);
      expect(() => topKOfScores(scores, pack([[]]), 2)).toThrow('2 mask offsets');
      expect(() => topKOfScores(scores, pack([[], []]), 0)).toThrow('k is 0');
      expect(() => topKMasked(users, items, pack([[]]), 2)).toThrow('2 mask offsets');
      expect(() => topKMasked(users, items, pack([[], []]), 0)).toThrow('k is 0');
      dispose([users, items, scores]);
    });
  });
}
