/** One Adam step in place over `count` values: p −= stepSize · m / (√v · inverseCorrection + ε). */
export function adam(
  count: i32,
  parameter: usize,
  gradient: usize,
  first: usize,
  second: usize,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  stepSize: f32,
  inverseCorrection: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const r1 = f32x4.splat(rest1);
  const r2 = f32x4.splat(rest2);
  const step = f32x4.splat(stepSize);
  const correct = f32x4.splat(inverseCorrection);
  const eps = f32x4.splat(epsilon);
  const bytes: usize = (<usize>count) << 2;
  let i: usize = 0;
  // Two vectors a round, loads before stores: V8 pairs them into vectors of eight.
  for (; i + 32 <= bytes; i += 32) {
    const g0 = v128.load(gradient + i);
    const g1 = v128.load(gradient + i, 16);
    const m0 = f32x4.add(f32x4.mul(b1, v128.load(first + i)), f32x4.mul(r1, g0));
    const m1 = f32x4.add(f32x4.mul(b1, v128.load(first + i, 16)), f32x4.mul(r1, g1));
    const v0 = f32x4.add(f32x4.mul(b2, v128.load(second + i)), f32x4.mul(r2, f32x4.mul(g0, g0)));
    const v1 = f32x4.add(f32x4.mul(b2, v128.load(second + i, 16)), f32x4.mul(r2, f32x4.mul(g1, g1)));
    const divisor0 = f32x4.add(f32x4.mul(f32x4.sqrt(v0), correct), eps);
    const divisor1 = f32x4.add(f32x4.mul(f32x4.sqrt(v1), correct), eps);
    const p0 = f32x4.sub(v128.load(parameter + i), f32x4.div(f32x4.mul(step, m0), divisor0));
    const p1 = f32x4.sub(v128.load(parameter + i, 16), f32x4.div(f32x4.mul(step, m1), divisor1));
    v128.store(first + i, m0);
    v128.store(first + i, m1, 16);
    v128.store(second + i, v0);
    v128.store(second + i, v1, 16);
    v128.store(parameter + i, p0);
    v128.store(parameter + i, p1, 16);
  }
  for (; i < bytes; i += 4) {
    const g = load<f32>(gradient + i);
    const m = beta1 * load<f32>(first + i) + rest1 * g;
    const v = beta2 * load<f32>(second + i) + rest2 * (g * g);
    store<f32>(first + i, m);
    store<f32>(second + i, v);
    const divisor = sqrt<f32>(v) * inverseCorrection + epsilon;
    store<f32>(parameter + i, load<f32>(parameter + i) - (stepSize * m) / divisor);
  }
}
