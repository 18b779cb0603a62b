/**
 * Many small products side by side, as attention has them: the operands of one fit the nearest cache, so nothing is packed. Each place of
 * a result is one sum in the order of its steps, so results do not depend on how the products are divided among threads.
 */

/** Four places of A's row i times B, columns j … j+3, steps in order. */
// @ts-ignore: decorator
@inline
function quad(a: usize, acs: usize, b: usize, brs: usize, k: i32): v128 {
  let sum = f32x4.splat(0);
  for (let p = 0; p < k; p++) {
    sum = f32x4.add(sum, f32x4.mul(f32x4.splat(load<f32>(a)), v128.load(b)));
    a += acs;
    b += brs;
  }
  return sum;
}

/** C [m, n] = A [m, k] · B [k, n]; ars and acs, brs and bcs: bytes from row to row and from column to column. */
function product(m: i32, n: i32, k: i32, a: usize, ars: usize, acs: usize, b: usize, brs: usize, bcs: usize, c: usize): void {
  for (let i = 0; i < m; i++) {
    let j = 0;
    if (bcs == 4) {
      for (; j + 16 <= n; j += 16) {
        let s0 = f32x4.splat(0);
        let s1 = s0;
        let s2 = s0;
        let s3 = s0;
        let left = a;
        let right = b + ((<usize>j) << 2);
        for (let p = 0; p < k; p++) {
          const x = f32x4.splat(load<f32>(left));
          s0 = f32x4.add(s0, f32x4.mul(x, v128.load(right)));
          s1 = f32x4.add(s1, f32x4.mul(x, v128.load(right, 16)));
          s2 = f32x4.add(s2, f32x4.mul(x, v128.load(right, 32)));
          s3 = f32x4.add(s3, f32x4.mul(x, v128.load(right, 48)));
          left += acs;
          right += brs;
        }
        const to = c + ((<usize>j) << 2);
        v128.store(to, s0);
        v128.store(to, s1, 16);
        v128.store(to, s2, 32);
        v128.store(to, s3, 48);
      }
      for (; j + 4 <= n; j += 4) v128.store(c + ((<usize>j) << 2), quad(a, acs, b + ((<usize>j) << 2), brs, k));
    } else if (brs == 4 && acs == 4) {
      // Rows of A with rows of B as they are stored: four sums of every fourth step, then the rest.
      for (; j < n; j++) {
        const right = b + <usize>j * bcs;
        let sums = f32x4.splat(0);
        let p: usize = 0;
        const end: usize = (<usize>k) << 2;
        for (; p + 16 <= end; p += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(a + p), v128.load(right + p)));
        let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
        for (; p < end; p += 4) sum += load<f32>(a + p) * load<f32>(right + p);
        store<f32>(c + ((<usize>j) << 2), sum);
      }
    }
    for (; j < n; j++) {
      let sum: f32 = 0;
      let left = a;
      let right = b + <usize>j * bcs;
      for (let p = 0; p < k; p++) {
        sum += load<f32>(left) * load<f32>(right);
        left += acs;
        right += brs;
      }
      store<f32>(c + ((<usize>j) << 2), sum);
    }
    a += ars;
    c += (<usize>n) << 2;
  }
}

/** `count` products in a row: operands and results follow one another. */
export function batchProducts(
  count: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  transposeA: bool,
  b: usize,
  transposeB: bool,
  c: usize,
): void {
  const ars: usize = transposeA ? 4 : (<usize>k) << 2;
  const acs: usize = transposeA ? (<usize>m) << 2 : 4;
  const brs: usize = transposeB ? 4 : (<usize>n) << 2;
  const bcs: usize = transposeB ? (<usize>k) << 2 : 4;
  for (let t = 0; t < count; t++) {
    product(m, n, k, a, ars, acs, b, brs, bcs, c);
    a += (<usize>m * <usize>k) << 2;
    b += (<usize>k * <usize>n) << 2;
    c += (<usize>m * <usize>n) << 2;
  }
}
