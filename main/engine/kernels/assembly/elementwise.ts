/** exp, logistic, tanh and LeakyReLU, and gradients. Counts are of floats. */
import { exp4, power4, unseenZero } from './exp';
import { madd } from './fused';

const log2e: f32 = 1.4426950408889634;

// Two vectors a round, loads before stores: V8 pairs them. What is left goes through a lane of its own: results do not depend on where
// a value lies.
export function sigmoid(x: usize, count: i32, out: usize): void {
  const zero = unseenZero(count);
  const by = f32x4.splat(zero - log2e);
  const most = f32x4.splat(zero + 126);
  const least = f32x4.splat(zero - 126);
  const whole = f32x4.splat(zero + 12583039);
  const p6 = f32x4.splat(zero + 1.5353361959569156e-4);
  const p5 = f32x4.splat(zero + 1.3398873852565885e-3);
  const p4 = f32x4.splat(zero + 9.61843691766262e-3);
  const p3 = f32x4.splat(zero + 5.5503323674201965e-2);
  const p2 = f32x4.splat(zero + 2.4022647738456726e-1);
  const p1 = f32x4.splat(zero + 6.931471824645996e-1);
  const one = f32x4.splat(zero + 1);
  const end = x + ((<usize>count) << 2);
  for (; x + 32 <= end; x += 32) {
    const x0 = f32x4.pmin(f32x4.mul(v128.load(x), by), most);
    const x1 = f32x4.pmin(f32x4.mul(v128.load(x, 16), by), most);
    v128.store(out, f32x4.div(one, f32x4.add(one, power4(x0, least, whole, p6, p5, p4, p3, p2, p1, one))));
    v128.store(out, f32x4.div(one, f32x4.add(one, power4(x1, least, whole, p6, p5, p4, p3, p2, p1, one))), 16);
    out += 32;
  }
  for (; x < end; x += 4) {
    const x0 = f32x4.pmin(f32x4.mul(v128.load32_splat(x), by), most);
    const y = f32x4.div(one, f32x4.add(one, power4(x0, least, whole, p6, p5, p4, p3, p2, p1, one)));
    store<f32>(out, f32x4.extract_lane(y, 0));
    out += 4;
  }
}

export function exp(x: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, exp4(v128.load(x + i)));
  for (; i < bytes; i += 4) store<f32>(out + i, f32x4.extract_lane(exp4(v128.load32_splat(x + i)), 0));
}

/** `far` where |x| is not below ¼; there the difference in it cancels, and the odd series is exact to the last place. */
// @ts-ignore: decorator
@inline
function tanh4(x: v128, power: v128, one: v128, s4: v128, s3: v128, s2: v128, s1: v128, near: v128): v128 {
  const far = f32x4.sub(one, f32x4.div(f32x4.add(one, one), f32x4.add(power, one)));
  const s = f32x4.mul(x, x);
  const y = madd(madd(madd(s4, s, s3), s, s2), s, s1);
  return v128.bitselect(madd(f32x4.mul(y, s), x, x), far, f32x4.lt(s, near));
}

export function tanh(x: usize, count: i32, out: usize): void {
  const zero = unseenZero(count);
  const by = f32x4.splat(zero + 2 * log2e);
  const most = f32x4.splat(zero + 126);
  const least = f32x4.splat(zero - 126);
  const whole = f32x4.splat(zero + 12583039);
  const p6 = f32x4.splat(zero + 1.5353361959569156e-4);
  const p5 = f32x4.splat(zero + 1.3398873852565885e-3);
  const p4 = f32x4.splat(zero + 9.61843691766262e-3);
  const p3 = f32x4.splat(zero + 5.5503323674201965e-2);
  const p2 = f32x4.splat(zero + 2.4022647738456726e-1);
  const p1 = f32x4.splat(zero + 6.931471824645996e-1);
  const one = f32x4.splat(zero + 1);
  const s4 = f32x4.splat(zero + 0.021869488536155203);
  const s3 = f32x4.splat(zero - 0.053968253968253968);
  const s2 = f32x4.splat(zero + 0.13333333333333333);
  const s1 = f32x4.splat(zero - 0.33333333333333333);
  const near = f32x4.splat(zero + 0.0625);
  const end = x + ((<usize>count) << 2);
  for (; x + 32 <= end; x += 32) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const e0 = power4(f32x4.pmin(f32x4.mul(x0, by), most), least, whole, p6, p5, p4, p3, p2, p1, one);
    const e1 = power4(f32x4.pmin(f32x4.mul(x1, by), most), least, whole, p6, p5, p4, p3, p2, p1, one);
    v128.store(out, tanh4(x0, e0, one, s4, s3, s2, s1, near));
    v128.store(out, tanh4(x1, e1, one, s4, s3, s2, s1, near), 16);
    out += 32;
  }
  for (; x < end; x += 4) {
    const x0 = v128.load32_splat(x);
    const e0 = power4(f32x4.pmin(f32x4.mul(x0, by), most), least, whole, p6, p5, p4, p3, p2, p1, one);
    store<f32>(out, f32x4.extract_lane(tanh4(x0, e0, one, s4, s3, s2, s1, near), 0));
    out += 4;
  }
}

/** out = dy · y · (1 − y). */
export function sigmoidGradient(upstream: usize, y: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  const one = f32x4.splat(1);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const v = v128.load(y + i);
    v128.store(out + i, f32x4.mul(v128.load(upstream + i), f32x4.mul(v, f32x4.sub(one, v))));
  }
  for (; i < bytes; i += 4) {
    const v = load<f32>(y + i);
    store<f32>(out + i, load<f32>(upstream + i) * (v * (<f32>1 - v)));
  }
}

/** out = dy · (1 − y²). */
export function tanhGradient(upstream: usize, y: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  const one = f32x4.splat(1);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const v = v128.load(y + i);
    v128.store(out + i, f32x4.mul(v128.load(upstream + i), f32x4.sub(one, f32x4.mul(v, v))));
  }
  for (; i < bytes; i += 4) {
    const v = load<f32>(y + i);
    store<f32>(out + i, load<f32>(upstream + i) * (<f32>1 - v * v));
  }
}

export function negate(x: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, f32x4.neg(v128.load(x + i)));
  for (; i < bytes; i += 4) store<f32>(out + i, -load<f32>(x + i));
}

/** out = x where x > 0, else slope · x. */
export function leakyRelu(x: usize, count: i32, slope: f32, out: usize): void {
  leakyReluGradient(x, x, count, slope, out);
}

/** out = dy where x > 0, else slope · dy. */
export function leakyReluGradient(upstream: usize, x: usize, count: i32, slope: f32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  const by = f32x4.splat(slope);
  const zero = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const dy = v128.load(upstream + i);
    v128.store(out + i, v128.bitselect(dy, f32x4.mul(by, dy), f32x4.gt(v128.load(x + i), zero)));
  }
  for (; i < bytes; i += 4) {
    const dy = load<f32>(upstream + i);
    store<f32>(out + i, load<f32>(x + i) > 0 ? dy : slope * dy);
  }
}

/** Operation 0 exp, 1 logistic, 2 tanh, 3 LeakyReLU, then gradients: 4 logistic, 5 tanh (x the output), 6 LeakyReLU (x the input); 7 −x. */
export function unary(operation: i32, x: usize, upstream: usize, count: i32, by: f32, out: usize): void {
  switch (operation) {
    case 0: return exp(x, count, out);
    case 1: return sigmoid(x, count, out);
    case 2: return tanh(x, count, out);
    case 3: return leakyRelu(x, count, by, out);
    case 4: return sigmoidGradient(upstream, x, count, out);
    case 5: return tanhGradient(upstream, x, count, out);
    case 6: return leakyReluGradient(upstream, x, count, by, out);
    case 7: return negate(x, count, out);
  }
}
