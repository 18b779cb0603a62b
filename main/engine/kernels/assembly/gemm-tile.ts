/**
 * A tile of C in registers: 4 rows by 8 columns, one panel of B, or by 16, two panels. The wide one takes sixteen vectors of four, which a
 * processor with vectors of eight holds in eight registers where the compiler pairs them (devices/wasm-module.ts), and others do not.
 */
import { madd } from './fused';

/** c (row stride `ccs` bytes) = or += the rows at a … a3, whose steps are `acs` bytes apart, times a panel of B, over `inner` steps. */
// @ts-ignore: decorator
@inline
export function tile(inner: i32, a: usize, a1: usize, a2: usize, a3: usize, acs: usize, b: usize, c: usize, ccs: usize, isAdded: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = b + ((<usize>inner) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    c00 = madd(x0, b0, c00);
    c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1);
    c10 = madd(x1, b0, c10);
    c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2);
    c20 = madd(x2, b0, c20);
    c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3);
    c30 = madd(x3, b0, c30);
    c31 = madd(x3, b1, c31);
    a += acs;
    a1 += acs;
    a2 += acs;
    a3 += acs;
    b += 32;
  }
  const r1 = c + ccs;
  const r2 = r1 + ccs;
  const r3 = r2 + ccs;
  if (isAdded) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(r1));
    c11 = f32x4.add(c11, v128.load(r1, 16));
    c20 = f32x4.add(c20, v128.load(r2));
    c21 = f32x4.add(c21, v128.load(r2, 16));
    c30 = f32x4.add(c30, v128.load(r3));
    c31 = f32x4.add(c31, v128.load(r3, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(r1, c10);
  v128.store(r1, c11, 16);
  v128.store(r2, c20);
  v128.store(r2, c21, 16);
  v128.store(r3, c30);
  v128.store(r3, c31, 16);
}

/** The same over the panels b and d, of neighbouring columns. */
// @ts-ignore: decorator
@inline
export function wideTile(inner: i32, a: usize, a1: usize, a2: usize, a3: usize, acs: usize, b: usize, d: usize, c: usize, ccs: usize, isAdded: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c02 = c00;
  let c03 = c00;
  let c10 = c00;
  let c11 = c00;
  let c12 = c00;
  let c13 = c00;
  let c20 = c00;
  let c21 = c00;
  let c22 = c00;
  let c23 = c00;
  let c30 = c00;
  let c31 = c00;
  let c32 = c00;
  let c33 = c00;
  const end = b + ((<usize>inner) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(d);
    const b3 = v128.load(d, 16);
    const x0 = v128.load32_splat(a);
    c00 = madd(x0, b0, c00);
    c01 = madd(x0, b1, c01);
    c02 = madd(x0, b2, c02);
    c03 = madd(x0, b3, c03);
    const x1 = v128.load32_splat(a1);
    c10 = madd(x1, b0, c10);
    c11 = madd(x1, b1, c11);
    c12 = madd(x1, b2, c12);
    c13 = madd(x1, b3, c13);
    const x2 = v128.load32_splat(a2);
    c20 = madd(x2, b0, c20);
    c21 = madd(x2, b1, c21);
    c22 = madd(x2, b2, c22);
    c23 = madd(x2, b3, c23);
    const x3 = v128.load32_splat(a3);
    c30 = madd(x3, b0, c30);
    c31 = madd(x3, b1, c31);
    c32 = madd(x3, b2, c32);
    c33 = madd(x3, b3, c33);
    a += acs;
    a1 += acs;
    a2 += acs;
    a3 += acs;
    b += 32;
    d += 32;
  }
  const r1 = c + ccs;
  const r2 = r1 + ccs;
  const r3 = r2 + ccs;
  if (isAdded) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c02 = f32x4.add(c02, v128.load(c, 32));
    c03 = f32x4.add(c03, v128.load(c, 48));
    c10 = f32x4.add(c10, v128.load(r1));
    c11 = f32x4.add(c11, v128.load(r1, 16));
    c12 = f32x4.add(c12, v128.load(r1, 32));
    c13 = f32x4.add(c13, v128.load(r1, 48));
    c20 = f32x4.add(c20, v128.load(r2));
    c21 = f32x4.add(c21, v128.load(r2, 16));
    c22 = f32x4.add(c22, v128.load(r2, 32));
    c23 = f32x4.add(c23, v128.load(r2, 48));
    c30 = f32x4.add(c30, v128.load(r3));
    c31 = f32x4.add(c31, v128.load(r3, 16));
    c32 = f32x4.add(c32, v128.load(r3, 32));
    c33 = f32x4.add(c33, v128.load(r3, 48));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c02, 32);
  v128.store(c, c03, 48);
  v128.store(r1, c10);
  v128.store(r1, c11, 16);
  v128.store(r1, c12, 32);
  v128.store(r1, c13, 48);
  v128.store(r2, c20);
  v128.store(r2, c21, 16);
  v128.store(r2, c22, 32);
  v128.store(r2, c23, 48);
  v128.store(r3, c30);
  v128.store(r3, c31, 16);
  v128.store(r3, c32, 32);
  v128.store(r3, c33, 48);
}
