/** Slopes of InfoNCE from its exponentials, and what the pairs take from them. */
import { madd } from './fused';

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
    const scale = v128.load32_splat(rowScale);
    const count = v128.load32_splat(rowCounts);
    let c: usize = 0;
    for (; c + 32 <= stride; c += 32) {
      const w0 = madd(v128.load(keyScale + c), count, f32x4.mul(v128.load(keyCounts + c), scale));
      const w1 = madd(v128.load(keyScale + c, 16), count, f32x4.mul(v128.load(keyCounts + c, 16), scale));
      v128.store(target + c, f32x4.mul(v128.load(e + c), w0));
      v128.store(target + c, f32x4.mul(v128.load(e + c, 16), w1), 16);
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
    if (<u32>row >= <u32>rows) continue;
    const at = scores + ((<usize>row * <usize>keys + <usize>load<i32>(keyOf + (r << 2))) << 2);
    store<f32>(at, load<f32>(at) - load<f32>(by + (r << 2)));
  }
}

/**
 * Rows [first, last) of a table [.., width]: times their scale (left out where the pointer is 0), less by[p]·other[otherOf[p]] of every
 * pair p that is theirs by rowOf[p], in order.
 */
export function scaleLessPairs(
  table: usize,
  width: i32,
  first: i32,
  last: i32,
  scale: usize,
  rowOf: usize,
  other: usize,
  otherOf: usize,
  by: usize,
  count: i32,
): void {
  const stride: usize = (<usize>width) << 2;
  if (scale != 0) {
    for (let r: usize = <usize>first; r < <usize>last; r++) {
      const row = table + r * stride;
      const all = v128.load32_splat(scale + (r << 2));
      let c: usize = 0;
      for (; c + 16 <= stride; c += 16) v128.store(row + c, f32x4.mul(v128.load(row + c), all));
      for (; c < stride; c += 4) store<f32>(row + c, load<f32>(row + c) * load<f32>(scale + (r << 2)));
    }
  }
  const extent = <u32>(last - first);
  for (let p: usize = 0; p < <usize>count; p++) {
    const r = load<i32>(rowOf + (p << 2));
    if (<u32>(r - first) >= extent) continue;
    const row = table + <usize>r * stride;
    const from = other + (<usize>load<i32>(otherOf + (p << 2))) * stride;
    const all = f32x4.neg(v128.load32_splat(by + (p << 2)));
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) v128.store(row + c, madd(v128.load(from + c), all, v128.load(row + c)));
    for (; c < stride; c += 4) {
      const sum = madd(v128.load32_splat(from + c), all, v128.load32_splat(row + c));
      store<f32>(row + c, f32x4.extract_lane(sum, 0));
    }
  }
}
