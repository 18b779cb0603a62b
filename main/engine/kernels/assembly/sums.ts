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

/** sums[c] = Σ of column c, rows × width, in double. */
export function columnSums(x: usize, rows: i32, width: i32, sums: usize): void {
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
}

/** Places [first, first + live) of out = Σ over the parts in order, parts f64 [count, width]. */
export function addDoubles(parts: usize, count: i32, width: i32, first: i32, live: i32, out: usize, isFloat: bool): void {
  for (let c: usize = <usize>first; c < <usize>(first + live); c++) {
    let sum: f64 = 0;
    for (let p: usize = 0; p < <usize>count; p++) sum += load<f64>(parts + ((p * <usize>width + c) << 3));
    if (isFloat) store<f32>(out + (c << 2), <f32>sum);
    else store<f64>(out + (c << 3), sum);
  }
}

/** out = or += Σ over the parts in order; a part's `count` floats begin `stride` bytes after those of the one before. */
export function addParts(count: i32, parts: usize, number: i32, stride: usize, out: usize, isAdded: bool): void {
  const bytes: usize = (<usize>count) << 2;
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) {
    let sum = v128.load(parts + c);
    for (let p: usize = 1; p < <usize>number; p++) sum = f32x4.add(sum, v128.load(parts + p * stride + c));
    v128.store(out + c, isAdded ? f32x4.add(v128.load(out + c), sum) : sum);
  }
  for (; c < bytes; c += 4) {
    let sum = load<f32>(parts + c);
    for (let p: usize = 1; p < <usize>number; p++) sum += load<f32>(parts + p * stride + c);
    store<f32>(out + c, isAdded ? load<f32>(out + c) + sum : sum);
  }
}
