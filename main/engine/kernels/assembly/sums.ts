/** Sums with double accumulation. Order is fixed, so results repeat bit for bit. */

// @ts-ignore: decorator
@inline
function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

export function sumOfSquares(x: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = low;
  const end = x + ((<usize>count) << 2);
  for (; x + 16 <= end; x += 16) {
    const four = v128.load(x);
    const a = f64x2.promote_low_f32x4(four);
    const b = highHalf(four);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; x < end; x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x);
  return sum;
}

/** out[r] = Σ of row r, rows × width. */
export function rowSums(x: usize, rows: i32, width: i32, out: usize): void {
  const stride: usize = (<usize>width) << 2;
  for (let r = 0; r < rows; r++) {
    const end = x + stride;
    let low = f64x2.splat(0);
    let high = low;
    for (; x + 16 <= end; x += 16) {
      const four = v128.load(x);
      low = f64x2.add(low, f64x2.promote_low_f32x4(four));
      high = f64x2.add(high, highHalf(four));
    }
    low = f64x2.add(low, high);
    let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    for (; x < end; x += 4) sum += <f64>load<f32>(x);
    store<f32>(out, <f32>sum);
    out += 4;
  }
}

/** out[c] = Σ of column c, rows × width; `sums` is scratch for width doubles. */
export function columnSums(x: usize, rows: i32, width: i32, sums: usize, out: usize): void {
  memory.fill(sums, 0, (<usize>width) << 3);
  const vectors = width >> 2;
  const rest = width & 3;
  for (let r = 0; r < rows; r++) {
    let s = sums;
    for (let c = 0; c < vectors; c++) {
      const four = v128.load(x);
      v128.store(s, f64x2.add(v128.load(s), f64x2.promote_low_f32x4(four)));
      v128.store(s, f64x2.add(v128.load(s, 16), highHalf(four)), 16);
      x += 16;
      s += 32;
    }
    for (let c = 0; c < rest; c++) {
      store<f64>(s, load<f64>(s) + <f64>load<f32>(x));
      x += 4;
      s += 8;
    }
  }
  for (let c: usize = 0; c < <usize>width; c++) store<f32>(out + (c << 2), <f32>load<f64>(sums + (c << 3)));
}
