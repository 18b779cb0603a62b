/** The parts of InfoNCE around its matrix products; `scores` is a block [rows, keys] of dot products. */
import { exp4 } from './exp';
import { madd } from './fused';

/** counts · exp(score·by − shift) of four scores. */
// @ts-ignore: decorator
@inline
function share(scores: usize, counts: usize, by: v128, shift: v128): v128 {
  return f32x4.mul(exp4(f32x4.sub(f32x4.mul(v128.load(scores), by), shift)), v128.load(counts));
}

/**
 * By row: the largest score/τ into `largest` (f64) and Σ_k counts[k]·exp(score/τ − largest) into `sums` (f64). With `isKept` the
 * summands stay in place of the scores.
 */
export function expSums(
  scores: usize,
  rows: i32,
  keys: i32,
  counts: usize,
  inverse: f32,
  largest: usize,
  sums: usize,
  isKept: i32,
): void {
  const stride: usize = (<usize>keys) << 2;
  const by = f32x4.splat(inverse);
  for (let r = 0; r < rows; r++) {
    let most = f32x4.splat(-Infinity);
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) most = f32x4.pmax(most, v128.load(scores + c));
    let top = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );
    for (; c < stride; c += 4) top = max(top, load<f32>(scores + c));
    top *= inverse;
    const shift = f32x4.splat(top);
    let low = f64x2.splat(0);
    let high = low;
    c = 0;
    // Four vectors are added in float32, whose error is below that of exp, before they enter the double sum.
    for (; c + 64 <= stride; c += 64) {
      const e0 = share(scores + c, counts + c, by, shift);
      const e1 = share(scores + c + 16, counts + c + 16, by, shift);
      const e2 = share(scores + c + 32, counts + c + 32, by, shift);
      const e3 = share(scores + c + 48, counts + c + 48, by, shift);
      if (isKept) {
        v128.store(scores + c, e0);
        v128.store(scores + c, e1, 16);
        v128.store(scores + c, e2, 32);
        v128.store(scores + c, e3, 48);
      }
      const sum4 = f32x4.add(f32x4.add(e0, e1), f32x4.add(e2, e3));
      low = f64x2.add(low, f64x2.promote_low_f32x4(sum4));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(sum4, sum4, 1, 1)));
    }
    for (; c + 16 <= stride; c += 16) {
      const e = share(scores + c, counts + c, by, shift);
      if (isKept) v128.store(scores + c, e);
      low = f64x2.add(low, f64x2.promote_low_f32x4(e));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(e, e, 1, 1)));
    }
    low = f64x2.add(low, high);
    let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    for (; c < stride; c += 4) {
      const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(scores + c) * inverse - top)), 0) * load<f32>(counts + c);
      if (isKept) store<f32>(scores + c, e);
      sum += <f64>e;
    }
    store<f64>(largest, <f64>top);
    store<f64>(sums, sum);
    scores += stride;
    largest += 8;
    sums += 8;
  }
}

/** target[r, k] = source[r, k] · by[r]. */
export function scaleRows(source: usize, target: usize, rows: i32, keys: i32, by: usize): void {
  const stride: usize = (<usize>keys) << 2;
  for (let r = 0; r < rows; r++) {
    const scale = f32x4.splat(load<f32>(by));
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) v128.store(target + c, f32x4.mul(v128.load(source + c), scale));
    for (; c < stride; c += 4) store<f32>(target + c, load<f32>(source + c) * load<f32>(by));
    source += stride;
    target += stride;
    by += 4;
  }
}

/** The largest of `count` scores; −Infinity for none. */
export function largestScore(scores: usize, count: i32): f32 {
  const bytes: usize = (<usize>count) << 2;
  let most = f32x4.splat(-Infinity);
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) most = f32x4.pmax(most, v128.load(scores + c));
  let top = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  for (; c < bytes; c += 4) top = max(top, load<f32>(scores + c));
  return top;
}

/** In place, four scores of a row: e = exp(score·by − off). */
// @ts-ignore: decorator
@inline
function exponential(at: usize, by: v128, off: v128): v128 {
  const e = exp4(f32x4.sub(f32x4.mul(v128.load(at), by), off));
  v128.store(at, e);
  return e;
}

/** Adds four floats to two doubles of each half at `at`. */
// @ts-ignore: decorator
@inline
function addWide(at: usize, x: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(x)));
  v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1))), 16);
}

/** Both halves of x as doubles, added. */
// @ts-ignore: decorator
@inline
function widened(x: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1)));
}

// @ts-ignore: decorator
@inline
function both(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/**
 * In place: score → e = exp(score·inverse − shift). Σ_k keyCounts[k]·e goes into rowSums (f64), Σ_r rowCounts[r]·e is added to
 * keySums (f64). Four rows at a time: what they give a key is added in float32, whose error is below that of exp, before it enters
 * the double sum.
 */
export function expBoth(
  scores: usize,
  rows: i32,
  keys: i32,
  inverse: f32,
  shift: f32,
  rowCounts: usize,
  keyCounts: usize,
  rowSums: usize,
  keySums: usize,
): void {
  const stride: usize = (<usize>keys) << 2;
  const by = f32x4.splat(inverse);
  const off = f32x4.splat(shift);
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const s1 = scores + stride;
    const s2 = s1 + stride;
    const s3 = s2 + stride;
    const n0 = v128.load32_splat(rowCounts);
    const n1 = v128.load32_splat(rowCounts, 4);
    const n2 = v128.load32_splat(rowCounts, 8);
    const n3 = v128.load32_splat(rowCounts, 12);
    let t0 = f64x2.splat(0);
    let t1 = t0;
    let t2 = t0;
    let t3 = t0;
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) {
      const count = v128.load(keyCounts + c);
      const e0 = exponential(scores + c, by, off);
      t0 = f64x2.add(t0, widened(f32x4.mul(e0, count)));
      const e1 = exponential(s1 + c, by, off);
      t1 = f64x2.add(t1, widened(f32x4.mul(e1, count)));
      const first = madd(e1, n1, f32x4.mul(e0, n0));
      const e2 = exponential(s2 + c, by, off);
      t2 = f64x2.add(t2, widened(f32x4.mul(e2, count)));
      const e3 = exponential(s3 + c, by, off);
      t3 = f64x2.add(t3, widened(f32x4.mul(e3, count)));
      addWide(keySums + (c << 1), f32x4.add(first, madd(e3, n3, f32x4.mul(e2, n2))));
    }
    store<f64>(rowSums, both(t0) + expTail(scores, c, stride, inverse, shift, load<f32>(rowCounts), keyCounts, keySums));
    store<f64>(rowSums, both(t1) + expTail(s1, c, stride, inverse, shift, load<f32>(rowCounts, 4), keyCounts, keySums), 8);
    store<f64>(rowSums, both(t2) + expTail(s2, c, stride, inverse, shift, load<f32>(rowCounts, 8), keyCounts, keySums), 16);
    store<f64>(rowSums, both(t3) + expTail(s3, c, stride, inverse, shift, load<f32>(rowCounts, 12), keyCounts, keySums), 24);
    scores = s3 + stride;
    rowCounts += 16;
    rowSums += 32;
  }
  for (; r < rows; r++) {
    store<f64>(rowSums, expTail(scores, 0, stride, inverse, shift, load<f32>(rowCounts), keyCounts, keySums));
    scores += stride;
    rowCounts += 4;
    rowSums += 8;
  }
}

/** The same for one row from byte `c` on, value by value. */
function expTail(scores: usize, c: usize, stride: usize, inverse: f32, shift: f32, rowCount: f32, keyCounts: usize, keySums: usize): f64 {
  let sum: f64 = 0;
  for (; c < stride; c += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(scores + c) * inverse - shift)), 0);
    store<f32>(scores + c, e);
    sum += <f64>(e * load<f32>(keyCounts + c));
    const at = keySums + (c << 1);
    store<f64>(at, load<f64>(at) + <f64>(e * rowCount));
  }
  return sum;
}

/** target[r, k] = e[r, k] · (keyCounts[k]·rowScale[r] + rowCounts[r]·keyScale[k]). */
export function bothShares(
  e: usize,
  target: usize,
  rows: i32,
  keys: i32,
  rowCounts: usize,
  rowScale: usize,
  keyCounts: usize,
  keyScale: usize,
): void {
  const stride: usize = (<usize>keys) << 2;
  for (let r = 0; r < rows; r++) {
    const scale = f32x4.splat(load<f32>(rowScale));
    const count = f32x4.splat(load<f32>(rowCounts));
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) {
      const weight = f32x4.add(f32x4.mul(v128.load(keyCounts + c), scale), f32x4.mul(v128.load(keyScale + c), count));
      v128.store(target + c, f32x4.mul(v128.load(e + c), weight));
    }
    for (; c < stride; c += 4) {
      const weight = load<f32>(keyCounts + c) * load<f32>(rowScale) + load<f32>(keyScale + c) * load<f32>(rowCounts);
      store<f32>(target + c, load<f32>(e + c) * weight);
    }
    e += stride;
    target += stride;
    rowCounts += 4;
    rowScale += 4;
  }
}

/** In place: score → weights[r] · counts[k] · exp(score/τ − logSums[r]). */
export function shares(
  scores: usize,
  rows: i32,
  keys: i32,
  counts: usize,
  inverse: f32,
  logSums: usize,
  weights: usize,
): void {
  const stride: usize = (<usize>keys) << 2;
  const by = f32x4.splat(inverse);
  for (let r = 0; r < rows; r++) {
    const shift = f32x4.splat(load<f32>(logSums));
    const weight = f32x4.splat(load<f32>(weights));
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) {
      const e = exp4(f32x4.sub(f32x4.mul(v128.load(scores + c), by), shift));
      v128.store(scores + c, f32x4.mul(f32x4.mul(e, weight), v128.load(counts + c)));
    }
    for (; c < stride; c += 4) {
      const e = exp4(f32x4.sub(f32x4.splat(load<f32>(scores + c) * inverse), shift));
      store<f32>(scores + c, f32x4.extract_lane(e, 0) * load<f32>(weights) * load<f32>(counts + c));
    }
    scores += stride;
    logSums += 4;
    weights += 4;
  }
}

/** Subtracts by[r] at (queryOf[r] − first, keyOf[r]) for the pairs whose query lies in the block. */
export function subtractPairs(
  scores: usize,
  first: i32,
  rows: i32,
  keys: i32,
  queryOf: usize,
  keyOf: usize,
  by: usize,
  count: i32,
): void {
  for (let r: usize = 0; r < <usize>count; r++) {
    const row = load<i32>(queryOf + (r << 2)) - first;
    if (row < 0 || row >= rows) continue;
    const at = scores + ((<usize>row * <usize>keys + <usize>load<i32>(keyOf + (r << 2))) << 2);
    store<f32>(at, load<f32>(at) - load<f32>(by + (r << 2)));
  }
}
