import { madd } from './fused';

/**
 * out = scale · (base + matrix · dense) for rows [first, last), matrix in compressed rows, base left out where its pointer is 0.
 * Columns are walked in strips of 32 so that a strip of the row stays in eight registers over all its entries.
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
): void {
  const stride: usize = (<usize>width) << 2;
  const by = f32x4.splat(scale);
  let row = out + <usize>first * stride;
  let baseRow = base + <usize>first * stride;
  for (let r = first; r < last; r++) {
    const from: usize = (<usize>load<i32>(offsets + ((<usize>r) << 2))) << 2;
    const to: usize = (<usize>load<i32>(offsets + ((<usize>r) << 2), 4)) << 2;
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
        const p = baseRow + c;
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
      const o = row + c;
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
      let a = base != 0 ? v128.load(baseRow + c) : f32x4.splat(0);
      for (let e = from; e < to; e += 4) {
        const p = dense + (<usize>load<i32>(indices + e)) * stride + c;
        a = madd(v128.load32_splat(values + e), v128.load(p), a);
      }
      v128.store(row + c, f32x4.mul(a, by));
    }
    for (; c < stride; c += 4) {
      let a: f32 = base != 0 ? load<f32>(baseRow + c) : 0;
      for (let e = from; e < to; e += 4) {
        const x = load<f32>(dense + (<usize>load<i32>(indices + e)) * stride + c);
        a = f32x4.extract_lane(madd(v128.load32_splat(values + e), f32x4.splat(x), f32x4.splat(a)), 0);
      }
      store<f32>(row + c, a * scale);
    }
    row += stride;
    baseRow += stride;
  }
}
