/** The parts of InfoNCE around its matrix products; `scores` is a block [rows, keys] of dot products. */
import { exp4 } from './exp';

/** By row: the largest score/τ into `largest` (f64) and Σ_k counts[k]·exp(score/τ − largest) into `sums` (f64). */
export function expSums(scores: usize, rows: i32, keys: i32, counts: usize, inverse: f32, largest: usize, sums: usize): void {
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
      low = f64x2.add(low, f64x2.promote_low_f32x4(e));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(e, e, 1, 1)));
    }
    low = f64x2.add(low, high);
    let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    for (; c < stride; c += 4) {
      const e = exp4(f32x4.splat(load<f32>(scores + c) * inverse - top));
      sum += <f64>(f32x4.extract_lane(e, 0) * load<f32>(counts + c));
    }
    store<f64>(largest, <f64>top);
    store<f64>(sums, sum);
    scores += stride;
    largest += 8;
    sums += 8;
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
