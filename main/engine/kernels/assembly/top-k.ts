/**
 * Keeps the k best of each row while blocks of scores pass by in rising item order. Lists are sorted, larger first; an equal score
 * that comes later goes behind, so ties fall to the lower id. The k-th score is the threshold: most scores only meet one comparison.
 */

import { gemmRows, packedFloats } from './gemm';

/** Sets masked places of a block of scores [rows, count] to −∞. `mask` ids are absolute and rising by row. */
export function hide(
  scores: usize,
  rows: i32,
  firstRow: i32,
  firstItem: i32,
  count: i32,
  offsets: usize,
  mask: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const to = load<i32>(offsets + ((<usize>(firstRow + r)) << 2), 4);
    for (let e = load<i32>(offsets + ((<usize>(firstRow + r)) << 2)); e < to; e++) {
      const item = load<i32>(mask + ((<usize>e) << 2)) - firstItem;
      if (item >= count) break;
      if (item >= 0) store<f32>(scores + ((<usize>r * <usize>count + <usize>item) << 2), -Infinity);
    }
  }
}

function insert(items: usize, best: usize, k: i32, item: i32, score: f32): void {
  let place: usize = (<usize>(k - 1)) << 2;
  while (place > 0 && load<f32>(best + place - 4) < score) {
    store<f32>(best + place, load<f32>(best + place - 4));
    store<i32>(items + place, load<i32>(items + place - 4));
    place -= 4;
  }
  store<f32>(best + place, score);
  store<i32>(items + place, item);
}

/** Takes a block of scores [rows, count] for items from `firstItem` into lists items, best [rows, k] (start: −1, −∞). */
export function select(scores: usize, rows: i32, count: i32, firstItem: i32, k: i32, items: usize, best: usize): void {
  const stride: usize = (<usize>count) << 2;
  const list: usize = (<usize>k) << 2;
  for (let r = 0; r < rows; r++) {
    let threshold = load<f32>(best + list - 4);
    let bound = f32x4.splat(threshold);
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) {
      if (!v128.any_true(f32x4.gt(v128.load(scores + c), bound))) continue;
      for (let lane: usize = 0; lane < 16; lane += 4) {
        const score = load<f32>(scores + c + lane);
        if (!(score > threshold)) continue;
        insert(items, best, k, firstItem + <i32>((c + lane) >> 2), score);
        threshold = load<f32>(best + list - 4);
      }
      bound = f32x4.splat(threshold);
    }
    for (; c < stride; c += 4) {
      const score = load<f32>(scores + c);
      if (!(score > threshold)) continue;
      insert(items, best, k, firstItem + <i32>(c >> 2), score);
      threshold = load<f32>(best + list - 4);
    }
    scores += stride;
    items += list;
    best += list;
  }
}

/** Items scored at once: with 64 users their scores stay in the second-level cache. */
const itemBlock: i32 = 1024;

/**
 * The k best of `packed` items [count, width] for up to 64 users, whose mask rows begin at `firstRow`; lists items and best are written
 * whole. `scratch` has place for what gemmRows packs and then 64 × itemBlock scores.
 */
export function rank(
  rows: i32,
  firstRow: i32,
  users: usize,
  width: i32,
  packed: usize,
  count: i32,
  offsets: usize,
  mask: usize,
  k: i32,
  items: usize,
  best: usize,
  scratch: usize,
): void {
  const scores = scratch + ((<usize>packedFloats) << 2);
  const padded = (count + 7) & ~7;
  for (let i: usize = 0; i < <usize>rows * <usize>k; i++) {
    store<i32>(items + (i << 2), -1);
    store<f32>(best + (i << 2), -Infinity);
  }
  for (let i = 0; i < count; i += itemBlock) {
    const columns = min(itemBlock, count - i);
    const ccs: usize = (<usize>columns) << 2;
    gemmRows(rows, columns, width, users, (<usize>width) << 2, 4, packed, padded, i, scores, ccs, false, scratch);
    hide(scores, rows, firstRow, i, columns, offsets, mask);
    select(scores, rows, columns, i, k, items, best);
  }
}
