/**
 * The k best items of a user among bounds that no score exceeds (screen.ts). Items with high bounds are scored first, which makes the
 * k-th best score known; then those remaining whose bound reaches it. Scores are computed as gemm.ts does it, term after term.
 */
import { merge, mergedAtOnce } from './best-list';
import { madd } from './fused';

/** A place that is hidden; no bound is as low. */
export const hidden: i32 = -32768;
/** Bytes that `choose` wants for `count` items of a block, and lists of `k`. */
// @ts-ignore: decorator
@inline
export function chooseBytes(count: i32, k: i32): usize {
  return <usize>(8 * (count + 8) + 8 * (k + mergedAtOnce + 8) + 2 * (4 * k + 32));
}

/** How many of `vectors` × 8 values are at least `least`. */
// @ts-ignore: decorator
@inline
function reach(values: usize, vectors: i32, least: i32): i32 {
  const below = i16x8.splat(<i16>(least - 1));
  let counts = i16x8.splat(0);
  for (let v: usize = 0; v < <usize>vectors; v++) counts = i16x8.sub(counts, i16x8.gt_s(v128.load(values + (v << 4)), below));
  const sums = i32x4.extadd_pairwise_i16x8_s(counts);
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}

/**
 * A bound that at least k of `count` (a multiple of 16) reach, or `hidden` where there are too few: about the k-th largest of the largest of
 * some 2k groups.
 */
function bar(row: usize, count: i32, k: i32, scratch: usize): i32 {
  const vectors = count >> 3;
  const run = (count / (2 * k)) & ~1;
  if (run < 2) return hidden;
  const runs = vectors / run;
  if (8 * runs < k) return hidden;
  for (let g: usize = 0; g < <usize>runs; g++) {
    let even = v128.load(row);
    let odd = v128.load(row, 16);
    const end = row + ((<usize>run) << 4);
    for (row += 32; row < end; row += 32) {
      even = i16x8.max_s(even, v128.load(row));
      odd = i16x8.max_s(odd, v128.load(row, 16));
    }
    v128.store(scratch + (g << 4), i16x8.max_s(even, odd));
  }
  // Bit by bit from above; the last ones would change nothing much.
  let found = hidden;
  for (let step = 32768; step >= 8; step >>= 1) {
    if (reach(scratch, runs, found + step) >= k) found += step;
  }
  return found;
}

/** Which of 32 places are at least one above `below`, and not above `above`, where `isEnded`. */
// @ts-ignore: decorator
@inline
function reached(row: usize, below: v128, above: v128, isEnded: bool): i64 {
  const x0 = v128.load(row);
  const x1 = v128.load(row, 16);
  const x2 = v128.load(row, 32);
  const x3 = v128.load(row, 48);
  let p0 = i16x8.gt_s(x0, below);
  let p1 = i16x8.gt_s(x1, below);
  let p2 = i16x8.gt_s(x2, below);
  let p3 = i16x8.gt_s(x3, below);
  if (isEnded) {
    p0 = v128.andnot(p0, i16x8.gt_s(x0, above));
    p1 = v128.andnot(p1, i16x8.gt_s(x1, above));
    p2 = v128.andnot(p2, i16x8.gt_s(x2, above));
    p3 = v128.andnot(p3, i16x8.gt_s(x3, above));
  }
  const low = i8x16.bitmask(i8x16.narrow_i16x8_s(p0, p1));
  return <i64>(low | (i8x16.bitmask(i8x16.narrow_i16x8_s(p2, p3)) << 16)) & 0xffffffff;
}

/**
 * Writes the ids of places with least ≤ bound (and < end, where `isEnded`) to `out`, rising; how many. `count` is a multiple of 16; what is
 * beyond it, to the next multiple of 64, is read and left out. Two more places of `out` may be written.
 */
// @ts-ignore: decorator
@inline
function collect(row: usize, count: i32, least: i32, end: i32, isEnded: bool, firstItem: i32, out: usize): i32 {
  const below = i16x8.splat(<i16>(least - 1));
  const above = i16x8.splat(<i16>(end - 1));
  const start = out;
  for (let i = 0; i < count; i += 64) {
    let bits = reached(row, below, above, isEnded) | (reached(row + 64, below, above, isEnded) << 32);
    if (count - i < 64) bits &= (<i64>1 << <i64>(count - i)) - 1;
    row += 128;
    // Mostly none, one or two: those without a decision that a processor would guess wrongly.
    const first = firstItem + i;
    store<i32>(out, first + <i32>ctz(bits));
    const rest = bits & (bits - 1);
    store<i32>(out, first + <i32>ctz(rest), 4);
    out += (<usize>(bits != 0) + <usize>(rest != 0)) << 2;
    for (bits = rest & (rest - 1); bits != 0; bits &= bits - 1) {
      store<i32>(out, first + <i32>ctz(bits));
      out += 4;
    }
  }
  return <i32>((out - start) >> 2);
}

/** Four columns from `at` of the rows of four items, one item a lane, times those of the user, added to c. */
// @ts-ignore: decorator
@inline
function four(user: usize, a: usize, b: usize, c: usize, d: usize, at: usize, sum: v128): v128 {
  const x0 = v128.load(a + at);
  const x1 = v128.load(b + at);
  const x2 = v128.load(c + at);
  const x3 = v128.load(d + at);
  const a0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const a1 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const a2 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const a3 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  sum = madd(v128.load32_splat(user + at), v128.shuffle<i64>(a0, a1, 0, 2), sum);
  sum = madd(v128.load32_splat(user + at, 4), v128.shuffle<i64>(a0, a1, 1, 3), sum);
  sum = madd(v128.load32_splat(user + at, 8), v128.shuffle<i64>(a2, a3, 0, 2), sum);
  return madd(v128.load32_splat(user + at, 12), v128.shuffle<i64>(a2, a3, 1, 3), sum);
}

// @ts-ignore: decorator
@inline
function one(user: usize, a: usize, b: usize, c: usize, d: usize, at: usize, sum: v128): v128 {
  const column = f32x4(load<f32>(a + at), load<f32>(b + at), load<f32>(c + at), load<f32>(d + at));
  return madd(v128.load32_splat(user + at), column, sum);
}

// @ts-ignore: decorator
@inline
function rowOf(items: usize, bytes: usize, ids: usize): usize {
  return items + <usize>load<i32>(ids) * bytes;
}

/** Scores of `count` items, eight at a time; up to seven places behind the ids and the scores are written too. */
function score(user: usize, width: i32, items: usize, ids: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>width) << 2;
  for (let i = count; (i & 7) != 0; i++) store<i32>(ids + ((<usize>i) << 2), load<i32>(ids));
  for (let i = 0; i < count; i += 8) {
    const a0 = rowOf(items, bytes, ids);
    const b0 = rowOf(items, bytes, ids + 4);
    const c0 = rowOf(items, bytes, ids + 8);
    const d0 = rowOf(items, bytes, ids + 12);
    const a1 = rowOf(items, bytes, ids + 16);
    const b1 = rowOf(items, bytes, ids + 20);
    const c1 = rowOf(items, bytes, ids + 24);
    const d1 = rowOf(items, bytes, ids + 28);
    let low = f32x4.splat(0);
    let high = low;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      low = four(user, a0, b0, c0, d0, at, low);
      high = four(user, a1, b1, c1, d1, at, high);
    }
    for (; at < bytes; at += 4) {
      low = one(user, a0, b0, c0, d0, at, low);
      high = one(user, a1, b1, c1, d1, at, high);
    }
    v128.store(out, low);
    v128.store(out, high, 16);
    ids += 32;
    out += 32;
  }
}

/** The least bound of an item whose score may be `score`; `least` is what float32 may lose beside a share, in the same unit as scores. */
// @ts-ignore: decorator
@inline
function needed(score: f32, unit: f64, least: f64): i32 {
  const units = (<f64>score - least) / unit - 4;
  if (units > 32767) return 32767;
  // Nor where it is no number.
  return units > -32767 ? <i32>floor(units) : -32767;
}

/**
 * Takes items [firstItem, firstItem + count) into a user's list items, best [k] (empty places: −1, −∞). `row` holds their bounds in units
 * of `unit`, `count` is a multiple of 16.
 */
export function choose(
  user: usize,
  width: i32,
  table: usize,
  row: usize,
  count: i32,
  firstItem: i32,
  unit: f64,
  k: i32,
  items: usize,
  best: usize,
  scratch: usize,
): void {
  const scores = scratch + ((<usize>(count + 8)) << 2);
  const lists = scores + ((<usize>(count + 8)) << 2);
  const groups = lists + ((<usize>(k + mergedAtOnce + 8)) << 3);
  const last: usize = (<usize>(k - 1)) << 2;
  // The smallest numbers round by what is left of them.
  const least = <f64>width * 5.6e-45;
  const start = max(needed(load<f32>(best + last), unit, least), bar(row, count, k, groups));
  const from = max(start, hidden + 1);
  const found = collect(row, count, from, 0, false, firstItem, scratch);
  score(user, width, table, scratch, found, scores);
  merge(found, scratch, scores, k, items, best, lists);
  const open = needed(load<f32>(best + last), unit, least);
  if (open >= from) return;
  const more = collect(row, count, open, from, true, firstItem, scratch);
  score(user, width, table, scratch, more, scores);
  merge(more, scratch, scores, k, items, best, lists);
}
