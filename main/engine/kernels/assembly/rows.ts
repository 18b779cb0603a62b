/** Row moves and row-wise maths: gather, segment sum, dot products in double, normalisation, BPR gradients. */

/** out[i] = table[rows[i]]. */
export function gatherRows(table: usize, width: i32, rows: usize, count: i32, out: usize): void {
  const stride: usize = (<usize>width) << 2;
  for (let i = 0; i < count; i++) {
    const from = table + (<usize>load<i32>(rows + ((<usize>i) << 2))) * stride;
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) v128.store(out + c, v128.load(from + c));
    for (; c < stride; c += 4) store<f32>(out + c, load<f32>(from + c));
    out += stride;
  }
}

/** table[rows[i]] += values[i] for the rows in [first, last), in order. */
export function addRange(values: usize, width: i32, rows: usize, count: i32, table: usize, first: i32, last: i32): void {
  const stride: usize = (<usize>width) << 2;
  const extent = <u32>(last - first);
  for (let i = 0; i < count; i++) {
    const row = load<i32>(rows + ((<usize>i) << 2));
    if (<u32>(row - first) >= extent) continue;
    const from = values + <usize>i * stride;
    const to = table + <usize>row * stride;
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) v128.store(to + c, f32x4.add(v128.load(to + c), v128.load(from + c)));
    for (; c < stride; c += 4) store<f32>(to + c, load<f32>(to + c) + load<f32>(from + c));
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, stride: usize): f64 {
  let low = f64x2.splat(0);
  let high = low;
  let c: usize = 0;
  for (; c + 16 <= stride; c += 16) {
    const x = v128.load(a + c);
    const y = v128.load(b + c);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
    const xh = v128.shuffle<i64>(x, x, 1, 1);
    const yh = v128.shuffle<i64>(y, y, 1, 1);
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(xh), f64x2.promote_low_f32x4(yh)));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; c < stride; c += 4) sum += <f64>load<f32>(a + c) * <f64>load<f32>(b + c);
  return sum;
}

/** Δ_r = u_r·i_r − u_r·j_r in double, out f64 [rows]. */
export function pairDifferences(users: usize, positives: usize, negatives: usize, width: i32, rows: i32, out: usize): void {
  const stride: usize = (<usize>width) << 2;
  for (let r = 0; r < rows; r++) {
    store<f64>(out, dot(users, positives, stride) - dot(users, negatives, stride));
    users += stride;
    positives += stride;
    negatives += stride;
    out += 8;
  }
}

/** Dot products of row a[rowsA[r]] with row b[rowsB[r]] in double, out f64 [count]. */
export function rowDots(a: usize, rowsA: usize, b: usize, rowsB: usize, width: i32, count: i32, out: usize): void {
  const stride: usize = (<usize>width) << 2;
  for (let r: usize = 0; r < <usize>count; r++) {
    const left = a + (<usize>load<i32>(rowsA + (r << 2))) * stride;
    store<f64>(out + (r << 3), dot(left, b + (<usize>load<i32>(rowsB + (r << 2))) * stride, stride));
  }
}

/** With g = upstream · slope[r]: du = g(i − j), di = g u, dj = −g u. */
export function bprGradient(
  upstream: f32,
  slope: usize,
  users: usize,
  positives: usize,
  negatives: usize,
  width: i32,
  rows: i32,
  toUsers: usize,
  toPositives: usize,
  toNegatives: usize,
): void {
  const stride: usize = (<usize>width) << 2;
  let at: usize = 0;
  for (let r: usize = 0; r < <usize>rows; r++) {
    const g = upstream * load<f32>(slope + (r << 2));
    const by = f32x4.splat(g);
    const end = at + stride;
    for (; at + 16 <= end; at += 16) {
      const u = f32x4.mul(by, v128.load(users + at));
      v128.store(toUsers + at, f32x4.mul(by, f32x4.sub(v128.load(positives + at), v128.load(negatives + at))));
      v128.store(toPositives + at, u);
      v128.store(toNegatives + at, f32x4.neg(u));
    }
    for (; at < end; at += 4) {
      const u = g * load<f32>(users + at);
      store<f32>(toUsers + at, g * (load<f32>(positives + at) - load<f32>(negatives + at)));
      store<f32>(toPositives + at, u);
      store<f32>(toNegatives + at, -u);
    }
  }
}

/** out = x / max(‖x‖, ε) by rows. */
export function normaliseRows(x: usize, width: i32, rows: i32, epsilon: f64, out: usize): void {
  const stride: usize = (<usize>width) << 2;
  for (let r = 0; r < rows; r++) {
    const by = <f32>(1 / max(sqrt<f64>(dot(x, x, stride)), epsilon));
    const byAll = f32x4.splat(by);
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) v128.store(out + c, f32x4.mul(v128.load(x + c), byAll));
    for (; c < stride; c += 4) store<f32>(out + c, load<f32>(x + c) * by);
    x += stride;
    out += stride;
  }
}

/** out = (dy − x (x·dy)/‖x‖²)/‖x‖ by rows; rows not longer than ε: dy/ε. */
export function normaliseRowsGradient(upstream: usize, x: usize, width: i32, rows: i32, epsilon: f64, out: usize): void {
  const stride: usize = (<usize>width) << 2;
  for (let r = 0; r < rows; r++) {
    const square = dot(x, x, stride);
    const length = sqrt<f64>(square);
    const isScaledOnly = length <= epsilon;
    const along = isScaledOnly ? <f32>0 : <f32>(dot(x, upstream, stride) / square);
    const by = <f32>(1 / (isScaledOnly ? epsilon : length));
    const alongAll = f32x4.splat(along);
    const byAll = f32x4.splat(by);
    let c: usize = 0;
    for (; c + 16 <= stride; c += 16) {
      const left = f32x4.sub(v128.load(upstream + c), f32x4.mul(alongAll, v128.load(x + c)));
      v128.store(out + c, f32x4.mul(left, byAll));
    }
    for (; c < stride; c += 4) store<f32>(out + c, (load<f32>(upstream + c) - along * load<f32>(x + c)) * by);
    upstream += stride;
    x += stride;
    out += stride;
  }
}
