/** The k best items of each user: scores in blocks that never leave the GPU, then k picks a row. */
import type { Mask, Ranked } from '../../device.ts';
import type { GpuBuffer } from './dawn.ts';
import { multiply } from './products.ts';
import type { Program, Runner } from './runner.ts';

/** Scores of a block, at most: 32 MiB. */
const mostScores = 1 << 23;

const hide: Program = {
  name: 'hide',
  buffers: { offsets: { of: 'u32' }, hidden: { of: 'u32' }, scores: { of: 'u32', writes: true } },
  numbers: { rows: 'u32', items: 'u32' },
  lanes: 64,
  body: `
  if (group >= n.rows) { return; }
  // Minus infinity by its bits: the language has no literal for it.
  for (var e = offsets[group] + lane; e < offsets[group + 1u]; e += 64u) { scores[group * n.items + hidden[e]] = 0xff800000u; }`,
};

/**
 * Each lane keeps the best of its own items; the best of the lanes is picked, and its lane alone looks for its next. Scores are
 * compared as unsigned numbers in the same order; 0 stands for what is never ranked: −∞ and what is no number.
 */
const pick: Program = {
  name: 'pick',
  buffers: { scores: { of: 'u32' }, ids: { of: 'i32', writes: true }, best: { of: 'u32', writes: true } },
  numbers: { rows: 'u32', items: 'u32', k: 'u32', first: 'u32' },
  lanes: 64,
  before: `
var<workgroup> keys: array<u32, 64>;
var<workgroup> owners: array<u32, 64>;
fn keyOf(bits: u32) -> u32 {
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u || bits == 0xff800000u) { return 0u; }
  if (size == 0u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}
fn bitsOf(key: u32) -> u32 { return select(~key, key & 0x7fffffffu, (key & 0x80000000u) != 0u); }`,
  body: `
  if (group >= n.rows) { return; }
  let start = group * n.items;
  var key = 0u;
  var item = 0xffffffffu;
  for (var i = lane; i < n.items; i += 64u) {
    let next = keyOf(scores[start + i]);
    if (next > key) { key = next; item = i; }
  }
  for (var place = 0u; place < n.k; place++) {
    keys[lane] = key;
    owners[lane] = item;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half >>= 1u) {
      if (lane < half) {
        let other = lane + half;
        if (keys[other] > keys[lane] || (keys[other] == keys[lane] && owners[other] < owners[lane])) {
          keys[lane] = keys[other];
          owners[lane] = owners[other];
        }
      }
      workgroupBarrier();
    }
    let won = keys[0];
    let winner = owners[0];
    workgroupBarrier();
    if (lane == 0u) {
      let to = (n.first + group) * n.k + place;
      ids[to] = select(-1, i32(winner), won > 0u);
      best[to] = select(0xff800000u, bitsOf(won), won > 0u);
    }
    if (won > 0u && winner == item) {
      key = 0u;
      item = 0xffffffffu;
      for (var i = lane; i < n.items; i += 64u) {
        let next = keyOf(scores[start + i]);
        let isLeft = next < won || (next == won && i > winner);
        if (isLeft && next > key) { key = next; item = i; }
      }
    }
  }`,
};

export interface Ranking {
  readonly rows: number;
  readonly count: number;
  readonly width: number;
  readonly mask: Mask;
  readonly k: number;
}

/** users [rows, width] against items [count, width]; see ops/top-k.ts. */
export function rank(gpu: Runner, users: GpuBuffer, items: GpuBuffer, { rows, count, width, mask, k }: Ranking): Ranked {
  if (rows === 0) return { items: new Int32Array(0), scores: new Float32Array(0) };
  const [ids, best] = [gpu.hold(rows * k), gpu.hold(rows * k)];
  const most = Math.max(1, Math.floor(mostScores / Math.max(count, 1)));
  for (let from = 0; from < rows; from += most) {
    const height = Math.min(most, rows - from);
    const scores = gpu.scratch(height * count * 4);
    const shape = { rows: height, inner: width, columns: count, transposeB: true };
    multiply(gpu, { buffer: users, from: from * width }, { buffer: items }, { buffer: scores }, shape);
    const start = mask.offsets[from]!;
    const offsets = mask.offsets.slice(from, from + height + 1).map((offset) => offset - start);
    const hidden = mask.indices.slice(start, mask.offsets[from + height]!);
    if (hidden.length > 0) gpu.run(hide, [gpu.put(offsets), gpu.put(hidden), scores], [height, count], height);
    gpu.run(pick, [scores, ids, best], [height, count, k, from], height);
  }
  const found = { items: new Int32Array(gpu.read(ids, rows * k * 4)), scores: new Float32Array(gpu.read(best, rows * k * 4)) };
  gpu.drop([ids, best]);
  return found;
}
