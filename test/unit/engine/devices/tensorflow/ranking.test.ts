import { describe, expect, it } from 'vitest';
import { openDevice } from '#engine/devices/open.ts';
import type { DeviceId } from '#engine/engine.ts';
import { dispose, tensor2d } from '#engine/ops/basic.ts';
import { rankingOver, topKMasked } from '#engine/ops/top-k.ts';
import { draw, orSkipped, probedDevices } from '../../check.ts';

const probe = (await probedDevices()).find(({ id }) => id === 'tensorflow')!;
const [rows, count, width, k] = [150, 2003, 64, 50];
const mask = {
  offsets: Int32Array.from({ length: rows + 1 }, (_, r) => r * 4),
  indices: Int32Array.from({ length: rows * 4 }, (_, e) => (e % 4) * 500 + (e % 97)),
};

/** Lists and the bits of scores of the same vectors, ranked at once, and in two blocks over items that are prepared once. */
async function ranked(id: DeviceId, threads: number) {
  const device = await openDevice(id, { threads });
  const before = device.memory().tensors;
  const [users, items] = [tensor2d(draw(rows * width, 1), [rows, width]), tensor2d(draw(count * width, 2), [count, width])];
  const whole = topKMasked(users, items, mask, k);
  const ranking = rankingOver(items);
  const half = rows / 2;
  const parts = [0, half].map((start) => {
    const block = tensor2d(draw(rows * width, 1).subarray(start * width, (start + half) * width), [half, width]);
    const offsets = mask.offsets.slice(start, start + half + 1).map((offset) => offset - start * 4);
    const found = ranking.topK(block, { offsets, indices: mask.indices.subarray(start * 4, (start + half) * 4) }, k);
    block.dispose();
    return found;
  });
  ranking.dispose();
  dispose([users, items]);
  expect(device.memory().tensors).toBe(before);
  device.close();
  expect(parts.flatMap(({ items: ids }) => [...ids])).toEqual([...whole.items]);
  expect(parts.flatMap(({ scores }) => [...scores])).toEqual([...whole.scores]);
  return { items: whole.items, scores: new Int32Array(whole.scores.buffer) };
}

describe.skipIf(!probe.available)(`rankings of tensorflow${orSkipped(probe)}`, () => {
  it('are those of wasm for the same vectors, bit for bit, on any number of threads', async (context) => {
    const wasm = await ranked('wasm', 2);
    if (probe.name.includes('GPU')) context.skip('on a GPU the products are those of TensorFlow');
    for (const threads of [1, 2]) expect(await ranked('tensorflow', threads)).toEqual(wasm);
  });
});
