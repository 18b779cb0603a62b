/** exp, logistic, tanh and LeakyReLU, and gradients. Counts are of floats. */
import { exp4 } from './exp';

// @ts-ignore: decorator
@inline
function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
function tanh4(x: v128): v128 {
  const far = f32x4.sub(
    f32x4.splat(1),
    f32x4.div(f32x4.splat(2), f32x4.add(exp4(f32x4.add(x, x)), f32x4.splat(1))),
  );
  // Near 0 the difference above cancels; there the odd series is exact to the last place.
  const s = f32x4.mul(x, x);
  let y = f32x4.splat(0.021869488536155203);
  y = f32x4.add(f32x4.mul(y, s), f32x4.splat(-0.053968253968253968));
  y = f32x4.add(f32x4.mul(y, s), f32x4.splat(0.13333333333333333));
  y = f32x4.add(f32x4.mul(y, s), f32x4.splat(-0.33333333333333333));
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(y, s), x));
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), f32x4.splat(0.25)));
}

// The last, partial vector goes through a lane of its own: results do not depend on where a value lies.
export function sigmoid(x: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, sigmoid4(v128.load(x + i)));
  for (; i < bytes; i += 4) store<f32>(out + i, f32x4.extract_lane(sigmoid4(v128.load32_splat(x + i)), 0));
}

export function exp(x: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, exp4(v128.load(x + i)));
  for (; i < bytes; i += 4) store<f32>(out + i, f32x4.extract_lane(exp4(v128.load32_splat(x + i)), 0));
}

export function tanh(x: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, tanh4(v128.load(x + i)));
  for (; i < bytes; i += 4) store<f32>(out + i, f32x4.extract_lane(tanh4(v128.load32_splat(x + i)), 0));
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
