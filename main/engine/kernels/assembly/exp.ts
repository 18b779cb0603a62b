import { madd } from './fused';

/**
 * exp of four floats within two units in the last place (Cephes' expf: reduce by ln 2 in two parts, degree 5, scale by exponent).
 * Arguments are clamped to where the result is a normal number; below, the result is about 1e-38. NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // pmin and pmax are one instruction each; min, max and the saturating conversion are many on x86.
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.3762626647949)), f32x4.splat(-87.3365478515625));
  // Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits.
  const whole = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912));
  const n = f32x4.sub(whole, f32x4.splat(12582912));
  x = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  x = f32x4.sub(x, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let y = f32x4.splat(1.9875691500e-4);
  y = madd(y, x, f32x4.splat(1.3981999507e-3));
  y = madd(y, x, f32x4.splat(8.3334519073e-3));
  y = madd(y, x, f32x4.splat(4.1665795894e-2));
  y = madd(y, x, f32x4.splat(1.6666665459e-1));
  y = madd(y, x, f32x4.splat(5.0000001201e-1));
  y = f32x4.add(madd(y, f32x4.mul(x, x), x), f32x4.splat(1));
  return f32x4.mul(y, i32x4.shl(i32x4.add(whole, i32x4.splat(127)), 23));
}

/**
 * 0 for any count, which the compiler does not see. A constant in a loop it makes anew for every vector; a constant to which this was
 * added before the loop stays in a register.
 */
// @ts-ignore: decorator
@inline
export function unseenZero(count: i32): f32 {
  return <f32>(count >> 31);
}

/**
 * 2 to the power of four floats, within two units in the last place: −126, 1.5·2²³ + 127, the coefficients of degree 6 to 1, and 1 come
 * from outside (`unseenZero`). Below −126 the result is about 1e-38; x must stay below 127. NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function power4(
  x: v128,
  least: v128,
  whole: v128,
  p6: v128,
  p5: v128,
  p4: v128,
  p3: v128,
  p2: v128,
  p1: v128,
  one: v128,
): v128 {
  x = f32x4.pmax(x, least);
  // Adding 1.5·2²³ + 127 rounds to a whole number and leaves its exponent in the low bits; the rest of x lies within ±½.
  const n = f32x4.add(x, whole);
  x = f32x4.sub(x, f32x4.sub(n, whole));
  let y = madd(p6, x, p5);
  y = madd(y, x, p4);
  y = madd(y, x, p3);
  y = madd(y, x, p2);
  y = madd(y, x, p1);
  y = madd(y, x, one);
  return f32x4.mul(y, i32x4.shl(n, 23));
}
