/**
 * The parts of InfoNCE around its matrix products; `scores` is a block [rows, keys] of dot products. Exponentials are computed in loops
 * that only load and store neighbours, which V8 pairs into vectors of eight (devices/wasm-module.ts), and added up in loops of their
 * own, while they are in the cache.
 */
import { power4, unseenZero } from './exp';
import { madd } from './fused';

const log2e: f32 = 1.4426950408889634;

/** In place: `keys` scores of a row → counts · 2^(score·by + off), counts 1 where the pointer is 0. */
function exponentials(scores: usize, keys: i32, counts: usize, by: f32, off: f32): void {
  const zero = unseenZero(keys);
  const least = f32x4.splat(zero - 126);
  const whole = f32x4.splat(zero + 12583039);
  const p6 = f32x4.splat(zero + 1.5353361959569156e-4);
  const p5 = f32x4.splat(zero + 1.3398873852565885e-3);
  const p4 = f32x4.splat(zero + 9.61843691766262e-3);
  const p3 = f32x4.splat(zero + 5.5503323674201965e-2);
  const p2 = f32x4.splat(zero + 2.4022647738456726e-1);
  const p1 = f32x4.splat(zero + 6.931471824645996e-1);
  const one = f32x4.splat(zero + 1);
  const end = scores + ((<usize>keys) << 2);
  const byAll = f32x4.splat(by);
  const offAll = f32x4.splat(off);
  if (counts == 0) {
    for (; scores + 32 <= end; scores += 32) {
      const x0 = madd(v128.load(scores), byAll, offAll);
      const x1 = madd(v128.load(scores, 16), byAll, offAll);
      v128.store(scores, power4(x0, least, whole, p6, p5, p4, p3, p2, p1, one));
      v128.store(scores, power4(x1, least, whole, p6, p5, p4, p3, p2, p1, one), 16);
    }
  } else {
    for (; scores + 32 <= end; scores += 32) {
      const x0 = madd(v128.load(scores), byAll, offAll);
      const x1 = madd(v128.load(scores, 16), byAll, offAll);
      const n0 = v128.load(counts);
      const n1 = v128.load(counts, 16);
      v128.store(scores, f32x4.mul(n0, power4(x0, least, whole, p6, p5, p4, p3, p2, p1, one)));
      v128.store(scores, f32x4.mul(n1, power4(x1, least, whole, p6, p5, p4, p3, p2, p1, one)), 16);
      counts += 32;
    }
  }
  for (; scores < end; scores += 4) {
    const x = madd(v128.load32_splat(scores), byAll, offAll);
    const e = f32x4.extract_lane(power4(x, least, whole, p6, p5, p4, p3, p2, p1, one), 0);
    store<f32>(scores, counts == 0 ? e : e * load<f32>(counts));
    if (counts != 0) counts += 4;
  }
}

/** The largest of `count` scores; −Infinity for none. */
function largestScore(scores: usize, count: i32): f32 {
  const end = scores + ((<usize>count) << 2);
  let m0 = f32x4.splat(-Infinity);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  for (; scores + 64 <= end; scores += 64) {
    m0 = f32x4.pmax(m0, v128.load(scores));
    m1 = f32x4.pmax(m1, v128.load(scores, 16));
    m2 = f32x4.pmax(m2, v128.load(scores, 32));
    m3 = f32x4.pmax(m3, v128.load(scores, 48));
  }
  m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
  let top = max(
    max(f32x4.extract_lane(m0, 0), f32x4.extract_lane(m0, 1)),
    max(f32x4.extract_lane(m0, 2), f32x4.extract_lane(m0, 3)),
  );
  for (; scores < end; scores += 4) top = max(top, load<f32>(scores));
  return top;
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

/** Σ of `count` floats: eight vectors are added in float32, whose error is below that of exp, before they enter the double sum. */
function sumOf(x: usize, count: i32): f64 {
  const end = x + ((<usize>count) << 2);
  let wide = f64x2.splat(0);
  for (; x + 128 <= end; x += 128) {
    const a = f32x4.add(f32x4.add(v128.load(x), v128.load(x, 16)), f32x4.add(v128.load(x, 32), v128.load(x, 48)));
    const b = f32x4.add(f32x4.add(v128.load(x, 64), v128.load(x, 80)), f32x4.add(v128.load(x, 96), v128.load(x, 112)));
    wide = f64x2.add(wide, widened(f32x4.add(a, b)));
  }
  let sum = both(wide);
  for (; x < end; x += 4) sum += <f64>load<f32>(x);
  return sum;
}

/** Σ x·y likewise. */
function sumOfProducts(x: usize, y: usize, count: i32): f64 {
  const end = x + ((<usize>count) << 2);
  let wide = f64x2.splat(0);
  for (; x + 64 <= end; x += 64) {
    const a = madd(v128.load(x, 16), v128.load(y, 16), f32x4.mul(v128.load(x), v128.load(y)));
    const b = madd(v128.load(x, 48), v128.load(y, 48), f32x4.mul(v128.load(x, 32), v128.load(y, 32)));
    wide = f64x2.add(wide, widened(f32x4.add(a, b)));
    y += 64;
  }
  let sum = both(wide);
  for (; x < end; x += 4) {
    sum += <f64>(load<f32>(x) * load<f32>(y));
    y += 4;
  }
  return sum;
}

/**
 * By row, in place: score → counts[k]·exp(score/τ − largest), where the largest score/τ of the row goes into `largest` (f64) and the
 * sum of the results into `sums` (f64).
 */
export function expSums(scores: usize, rows: i32, keys: i32, counts: usize, inverse: f32, largest: usize, sums: usize): void {
  const by = inverse * log2e;
  for (let r = 0; r < rows; r++) {
    const top = largestScore(scores, keys);
    exponentials(scores, keys, counts, by, -top * by);
    store<f64>(largest, <f64>(top * inverse));
    store<f64>(sums, sumOf(scores, keys));
    scores += (<usize>keys) << 2;
    largest += 8;
    sums += 8;
  }
}

/** In place: score → counts[k] · exp(score/τ − logSums[r]). */
export function shares(scores: usize, rows: i32, keys: i32, counts: usize, inverse: f32, logSums: usize): void {
  for (let r = 0; r < rows; r++) {
    exponentials(scores, keys, counts, inverse * log2e, -load<f32>(logSums) * log2e);
    scores += (<usize>keys) << 2;
    logSums += 4;
  }
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
  for (let r = 0; r < rows; r += 4) {
    const live = min(4, rows - r);
    for (let i = 0; i < live; i++) {
      const row = scores + <usize>i * stride;
      exponentials(row, keys, 0, inverse * log2e, -shift * log2e);
      store<f64>(rowSums + ((<usize>i) << 3), sumOfProducts(row, keyCounts, keys));
    }
    addToKeys(scores, live, keys, rowCounts, keySums);
    scores += stride << 2;
    rowCounts += 16;
    rowSums += 32;
  }
}

/** keySums (f64) += counts[r]·e[r] over up to four rows, which are added in float32 first. */
function addToKeys(e: usize, rows: i32, keys: i32, counts: usize, keySums: usize): void {
  const stride: usize = (<usize>keys) << 2;
  // Rows that are not there count nothing.
  const e1 = rows > 1 ? e + stride : e;
  const e2 = rows > 2 ? e1 + stride : e;
  const e3 = rows > 3 ? e2 + stride : e;
  const n0 = load<f32>(counts);
  const n1: f32 = rows > 1 ? load<f32>(counts, 4) : 0;
  const n2: f32 = rows > 2 ? load<f32>(counts, 8) : 0;
  const n3: f32 = rows > 3 ? load<f32>(counts, 12) : 0;
  const all0 = f32x4.splat(n0);
  const all1 = f32x4.splat(n1);
  const all2 = f32x4.splat(n2);
  const all3 = f32x4.splat(n3);
  let c: usize = 0;
  for (; c + 16 <= stride; c += 16) {
    const first = madd(v128.load(e1 + c), all1, f32x4.mul(v128.load(e + c), all0));
    const x = f32x4.add(first, madd(v128.load(e3 + c), all3, f32x4.mul(v128.load(e2 + c), all2)));
    const at = keySums + (c << 1);
    v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(x)));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1))), 16);
  }
  for (; c < stride; c += 4) {
    const x = load<f32>(e + c) * n0 + load<f32>(e1 + c) * n1 + (load<f32>(e2 + c) * n2 + load<f32>(e3 + c) * n3);
    const at = keySums + (c << 1);
    store<f64>(at, load<f64>(at) + <f64>x);
  }
}
