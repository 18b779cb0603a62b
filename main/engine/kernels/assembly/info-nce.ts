/** The parts of InfoNCE around its matrix products; `scores` is a block [rows, keys] of dot products. */
import { exp4 } from './exp';

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
    for (c = 0; c + 16 <= stride; c += 16) {
      const e = f32x4.mul(exp4(f32x4.sub(f32x4.mul(v128.load(scores + c), by), shift)), v128.load(counts + c));
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

/**
 * In place: score → e = exp(score·inverse − shift). Σ_k keyCounts[k]·e goes into rowSums (f64), Σ_r rowCounts[r]·e is added to
 * keySums (f64).
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
  for (let r = 0; r < rows; r++) {
    const rowCount = f32x4.splat(load<f32>(rowCounts));
    let low = f64x2.splat(0);
    let high = low;
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) {
      const e = exp4(f32x4.sub(f32x4.mul(v128.load(scores + c), by), off));
      v128.store(scores + c, e);
      const along = f32x4.mul(e, v128.load(keyCounts + c));
      low = f64x2.add(low, f64x2.promote_low_f32x4(along));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(along, along, 1, 1)));
      const down = f32x4.mul(e, rowCount);
      const at = keySums + (c << 1);
      v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(down)));
      v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(v128.shuffle<i64>(down, down, 1, 1))), 16);
    }
    low = f64x2.add(low, high);
    let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    for (; c < stride; c += 4) {
      const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(scores + c) * inverse - shift)), 0);
      store<f32>(scores + c, e);
      sum += <f64>(e * load<f32>(keyCounts + c));
      const at = keySums + (c << 1);
      store<f64>(at, load<f64>(at) + <f64>(e * load<f32>(rowCounts)));
    }
    store<f64>(rowSums, sum);
    scores += stride;
    rowCounts += 4;
    rowSums += 8;
  }
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
