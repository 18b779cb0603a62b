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

/** The k-th largest of `count` floats, which it moves about; count ≥ k ≥ 1. */
function largestBut(values: usize, count: i32, k: i32): f32 {
  let low = 0;
  let high = count - 1;
  const wanted = k - 1;
  while (low < high) {
    const pivot = load<f32>(values + ((<usize>((low + high) >> 1)) << 2));
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<f32>(values + ((<usize>i) << 2)) > pivot) i++;
      while (load<f32>(values + ((<usize>j) << 2)) < pivot) j--;
      if (i > j) break;
      const held = load<f32>(values + ((<usize>i) << 2));
      store<f32>(values + ((<usize>i) << 2), load<f32>(values + ((<usize>j) << 2)));
      store<f32>(values + ((<usize>j) << 2), held);
      i++;
      j--;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return load<f32>(values + ((<usize>wanted) << 2));
}

/**
 * A score that at least k of `count` scores reach: the k-th largest of the largest of about 2k groups. −∞ where there are too few
 * scores, or one of those groups' scores is not a number.
 */
function bar(scores: usize, count: i32, k: i32, scratch: usize): f32 {
  const groupSize = (count / (2 * k)) & ~3;
  if (groupSize < 4) return -Infinity;
  const groups = count / groupSize;
  const bytes: usize = (<usize>groupSize) << 2;
  let isNumber = f32x4.splat(0);
  for (let g: usize = 0; g < <usize>groups; g++) {
    let most = v128.load(scores);
    for (let c: usize = 16; c < bytes; c += 16) most = f32x4.pmax(most, v128.load(scores + c));
    isNumber = v128.or(isNumber, f32x4.ne(most, most));
    const high = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
    store<f32>(scratch + (g << 2), max(high, max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3))));
    scores += bytes;
  }
  if (v128.any_true(isNumber)) return -Infinity;
  return largestBut(scratch, groups, k);
}

/** The largest float below x. */
function below(x: f32): f32 {
  if (x == -Infinity) return x;
  if (x == 0) return reinterpret<f32>(<i32>0x80000001);
  const bits = reinterpret<i32>(x);
  return reinterpret<f32>(x > 0 ? bits - 1 : bits + 1);
}

/**
 * Takes a block of scores [rows, count] for items from `firstItem` into lists items, best [rows, k] (start: −1, −∞). With a `scratch`
 * for 4k floats it looks for a score that k of a row reach before it inserts, and inserts a few dozen instead of hundreds.
 */
export function select(scores: usize, rows: i32, count: i32, firstItem: i32, k: i32, items: usize, best: usize, scratch: usize): void {
  const stride: usize = (<usize>count) << 2;
  const list: usize = (<usize>k) << 2;
  for (let r = 0; r < rows; r++) {
    const least: f32 = scratch == 0 ? -Infinity : below(bar(scores, count, k, scratch));
    let threshold = max<f32>(least, load<f32>(best + list - 4));
    let bound = f32x4.splat(threshold);
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) {
      // Most of what passes is below the threshold: sixteen scores in one look. Not by their largest, which NaN would hide.
      while (c + 64 <= stride) {
        const first = v128.or(f32x4.gt(v128.load(scores + c), bound), f32x4.gt(v128.load(scores + c, 16), bound));
        const second = v128.or(f32x4.gt(v128.load(scores + c, 32), bound), f32x4.gt(v128.load(scores + c, 48), bound));
        if (v128.any_true(v128.or(first, second))) break;
        c += 64;
      }
      if (c + 16 > stride) break;
      if (!v128.any_true(f32x4.gt(v128.load(scores + c), bound))) continue;
      for (let lane: usize = 0; lane < 16; lane += 4) {
        const score = load<f32>(scores + c + lane);
        if (!(score > threshold)) continue;
        insert(items, best, k, firstItem + <i32>((c + lane) >> 2), score);
        threshold = max(threshold, load<f32>(best + list - 4));
      }
      bound = f32x4.splat(threshold);
    }
    for (; c < stride; c += 4) {
      const score = load<f32>(scores + c);
      if (!(score > threshold)) continue;
      insert(items, best, k, firstItem + <i32>(c >> 2), score);
      threshold = max(threshold, load<f32>(best + list - 4));
    }
    scores += stride;
    items += list;
    best += list;
  }
}

/** Items scored at once: with 32 users their scores stay in the second-level cache. */
const itemBlock: i32 = 4096;
const mostBarred: i32 = 2048;

/**
 * The k best of `packed` items [count, width] for up to 32 users, whose mask rows begin at `firstRow`; lists items and best are written
 * whole. `scratch` has place for what gemmRows packs, then 32 × itemBlock scores, then 4k floats.
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
  // Many wanted items have no place for their groups' maxima, and less to gain from them.
  const maxima: usize = k > mostBarred ? 0 : scores + <usize>(32 * itemBlock * 4);
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
    select(scores, rows, columns, i, k, items, best, maxima);
  }
}
