import { madd } from './fused';

/**
 * One row of a product: out = scale · (base + Σ values[e] · dense[indices[e]]) for the entries in bytes from … to, base left out where its
 * pointer is 0. Columns are walked in strips of 32 so that a strip of the row stays in eight registers over all its entries.
 */
function rowOf(from: usize, to: usize, stride: usize, indices: usize, values: usize, dense: usize, base: usize, scale: f32, out: usize): void {
  const by = f32x4.splat(scale);
  let c: usize = 0;
  for (; c + 128 <= stride; c += 128) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let a6 = a0;
    let a7 = a0;
    if (base != 0) {
      const p = base + c;
      a0 = v128.load(p);
      a1 = v128.load(p, 16);
      a2 = v128.load(p, 32);
      a3 = v128.load(p, 48);
      a4 = v128.load(p, 64);
      a5 = v128.load(p, 80);
      a6 = v128.load(p, 96);
      a7 = v128.load(p, 112);
    }
    for (let e = from; e < to; e += 4) {
      const p = dense + (<usize>load<i32>(indices + e)) * stride + c;
      const v = v128.load32_splat(values + e);
      a0 = madd(v, v128.load(p), a0);
      a1 = madd(v, v128.load(p, 16), a1);
      a2 = madd(v, v128.load(p, 32), a2);
      a3 = madd(v, v128.load(p, 48), a3);
      a4 = madd(v, v128.load(p, 64), a4);
      a5 = madd(v, v128.load(p, 80), a5);
      a6 = madd(v, v128.load(p, 96), a6);
      a7 = madd(v, v128.load(p, 112), a7);
    }
    const o = out + c;
    v128.store(o, f32x4.mul(a0, by));
    v128.store(o, f32x4.mul(a1, by), 16);
    v128.store(o, f32x4.mul(a2, by), 32);
    v128.store(o, f32x4.mul(a3, by), 48);
    v128.store(o, f32x4.mul(a4, by), 64);
    v128.store(o, f32x4.mul(a5, by), 80);
    v128.store(o, f32x4.mul(a6, by), 96);
    v128.store(o, f32x4.mul(a7, by), 112);
  }
  for (; c + 16 <= stride; c += 16) {
    let a = base != 0 ? v128.load(base + c) : f32x4.splat(0);
    for (let e = from; e < to; e += 4) {
      const p = dense + (<usize>load<i32>(indices + e)) * stride + c;
      a = madd(v128.load32_splat(values + e), v128.load(p), a);
    }
    v128.store(out + c, f32x4.mul(a, by));
  }
  for (; c < stride; c += 4) {
    let a: f32 = base != 0 ? load<f32>(base + c) : 0;
    for (let e = from; e < to; e += 4) {
      const x = load<f32>(dense + (<usize>load<i32>(indices + e)) * stride + c);
      a = f32x4.extract_lane(madd(v128.load32_splat(values + e), f32x4.splat(x), f32x4.splat(a)), 0);
    }
    store<f32>(out + c, a * scale);
  }
}

// @ts-ignore: decorator
@inline
function at(list: usize, place: i32): i32 {
  return load<i32>(list + ((<usize>place) << 2));
}

/**
 * out[i] = scale · (base + matrix · dense) by rows, matrix in compressed rows. Row i of the result is row rows[i] of the matrix, or row i
 * where `rows` is 0. Its base is row places[r] of the base, none where that is −1, and row r where `places` is 0.
 */
export function spmm(
  first: i32,
  last: i32,
  width: i32,
  offsets: usize,
  indices: usize,
  values: usize,
  dense: usize,
  base: usize,
  scale: f32,
  out: usize,
  rows: usize,
  places: usize,
): void {
  const stride: usize = (<usize>width) << 2;
  for (let i = first; i < last; i++) {
    const r = rows != 0 ? at(rows, i) : i;
    const from: usize = (<usize>at(offsets, r)) << 2;
    const to: usize = (<usize>at(offsets, r + 1)) << 2;
    const b = places != 0 ? at(places, r) : r;
    const baseRow = base != 0 && b >= 0 ? base + <usize>b * stride : 0;
    rowOf(from, to, stride, indices, values, dense, baseRow, scale, out + <usize>i * stride);
  }
}

/** Entries that are looked through at once; their places and values fill half of a thread's scratch. */
const batch = 32768;

/**
 * The same where few rows of dense are not zero: row r of it stands at sparse[places[r]], −1 means zero. Entries that meet a row are
 * collected without a branch, which the processor could not foresee. With `isAdded` the row itself is the base.
 */
export function spmmFrom(
  first: i32,
  last: i32,
  width: i32,
  offsets: usize,
  indices: usize,
  values: usize,
  sparse: usize,
  places: usize,
  isAdded: bool,
  scale: f32,
  out: usize,
  scratch: usize,
): void {
  const stride: usize = (<usize>width) << 2;
  const kept = scratch + (batch << 2);
  for (let r = first; r < last; r++) {
    const row = out + <usize>r * stride;
    const end = at(offsets, r + 1);
    let from = at(offsets, r);
    let base: usize = 0;
    if (isAdded) {
      const own = at(places, r);
      if (own >= 0) base = sparse + <usize>own * stride;
    }
    do {
      const stop = min(end, from + batch);
      let met: usize = 0;
      for (; from < stop; from++) {
        const place = at(places, at(indices, from));
        store<i32>(scratch + met, place);
        store<f32>(kept + met, load<f32>(values + ((<usize>from) << 2)));
        met += (<usize>(place >= 0)) << 2;
      }
      rowOf(0, met, stride, scratch, kept, sparse, base, from == end ? scale : 1, row);
      base = row;
    } while (from < end);
  }
}

/** rows = upper, then lower + split; places[r] is the first i with rows[i] = r, else −1; next[i] the next one of the same row, else −1. */
export function findPlaces(
  height: i32,
  upper: usize,
  upperCount: i32,
  lower: usize,
  lowerCount: i32,
  split: i32,
  rows: usize,
  places: usize,
  next: usize,
): void {
  for (let i = 0; i < upperCount; i++) store<i32>(rows + ((<usize>i) << 2), at(upper, i));
  for (let i = 0; i < lowerCount; i++) store<i32>(rows + ((<usize>(upperCount + i)) << 2), at(lower, i) + split);
  memory.fill(places, 0xff, (<usize>height) << 2);
  for (let i = upperCount + lowerCount - 1; i >= 0; i--) {
    const place = places + ((<usize>at(rows, i)) << 2);
    store<i32>(next + ((<usize>i) << 2), load<i32>(place));
    store<i32>(place, i);
  }
}

/**
 * Adds up the values of rows that repeat, in their order, at the first place of each: out[i] gets the sum, or, with `isTable`,
 * out[rows[i]] has it added. Other places are left alone.
 */
export function foldRows(
  first: i32,
  last: i32,
  width: i32,
  rows: usize,
  places: usize,
  next: usize,
  values: usize,
  out: usize,
  isTable: bool,
): void {
  const stride: usize = (<usize>width) << 2;
  for (let i = first; i < last; i++) {
    const r = at(rows, i);
    if (at(places, r) != i) continue;
    const to = out + <usize>(isTable ? r : i) * stride;
    if (!isTable) memory.copy(to, values + <usize>i * stride, stride);
    for (let j = isTable ? i : at(next, i); j >= 0; j = at(next, j)) {
      const from = values + <usize>j * stride;
      let c: usize = 0;
      for (; c + 16 <= stride; c += 16) v128.store(to + c, f32x4.add(v128.load(to + c), v128.load(from + c)));
      for (; c < stride; c += 4) store<f32>(to + c, load<f32>(to + c) + load<f32>(from + c));
    }
  }
}
