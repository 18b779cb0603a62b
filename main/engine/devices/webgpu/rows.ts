/** Shaders over the rows of tables: gather, segment sum, normalisation, BPR. */
import type { Program, Runner } from './runner.ts';
import type { GpuBuffer } from './dawn.ts';
import { wide } from './products.ts';

/** log with full precision: hardware logarithms near 1 are good to 5e-7 alone. */
export const preciseLog = `
fn atanhSeries(z: f32) -> f32 {
  let q = z * z;
  return 2.0 * z * (1.0 + q * (0.33333333 + q * (0.2 + q * (0.14285714 + q * (0.11111111 + q * (0.09090909 + q * (0.07692308 + q * (0.06666667 + q * 0.05882353))))))));
}
fn logOnePlus(x: f32) -> f32 { return atanhSeries(x / (2.0 + x)); }
fn preciseLog(x: f32) -> f32 {
  let parts = frexp(x);
  var m = parts.fract;
  var e = f32(parts.exp);
  if (m < 0.70710678) { m *= 2.0; e -= 1.0; }
  return e * 0.69314718 + atanhSeries((m - 1.0) / (m + 1.0));
}`;

/** Sums one number of every lane; all lanes get the sum. */
export function laneSum(lanes: number): string {
  return `
var<workgroup> shelf: array<f32, ${lanes}>;
fn laneSum(value: f32, lane: u32) -> f32 {
  shelf[lane] = value;
  workgroupBarrier();
  for (var half = ${lanes / 2}u; half > 0u; half >>= 1u) {
    if (lane < half) { shelf[lane] += shelf[lane + half]; }
    workgroupBarrier();
  }
  let sum = shelf[0];
  workgroupBarrier();
  return sum;
}`;
}

type Unit = 'f32' | 'vec4<f32>';

const gatherProgram = (of: Unit): Program => ({
  name: `gather ${of}`,
  buffers: { table: { of }, rows: { of: 'u32' }, out: { of, writes: true } },
  numbers: { count: 'u32', width: 'u32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  out[place] = table[rows[place / n.width] * n.width + place % n.width];`,
});

const segmentProgram = (of: Unit, zero: string): Program => ({
  name: `segment sum ${of}`,
  buffers: { offsets: { of: 'u32' }, order: { of: 'u32' }, values: { of }, out: { of, writes: true } },
  numbers: { count: 'u32', width: 'u32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  let row = place / n.width;
  var sum = ${zero};
  for (var e = offsets[row]; e < offsets[row + 1u]; e++) { sum += values[order[e] * n.width + place % n.width]; }
  out[place] = sum;`,
});

const gathers = { f32: gatherProgram('f32'), 'vec4<f32>': gatherProgram('vec4<f32>') } as const;
const segments = { f32: segmentProgram('f32', '0.0'), 'vec4<f32>': segmentProgram('vec4<f32>', 'vec4<f32>()') } as const;

export function gather(gpu: Runner, table: GpuBuffer, rows: Int32Array, out: GpuBuffer, tableWidth: number): void {
  const { of, width } = wide(tableWidth);
  gpu.each(gathers[of], [table, gpu.put(rows), out], [rows.length * width, width], rows.length * width);
}

/** Places of each row number in the given list, in their order: row r stands at `order[offsets[r] … offsets[r+1])`. */
export function placesByRow(rows: Int32Array, height: number): { offsets: Int32Array; order: Int32Array } {
  const offsets = new Int32Array(height + 1);
  for (const row of rows) offsets[row + 1]! += 1;
  for (let r = 0; r < height; r++) offsets[r + 1]! += offsets[r]!;
  const next = offsets.slice();
  const order = new Int32Array(rows.length);
  rows.forEach((row, place) => (order[next[row]!++] = place));
  return { offsets, order };
}

/** Without atomics: each place of the result collects its own terms, in the order given, so repeats are bit-identical. */
export function segmentSum(gpu: Runner, values: GpuBuffer, rows: Int32Array, height: number, out: GpuBuffer, tableWidth: number): void {
  const { of, width } = wide(tableWidth);
  const { offsets, order } = placesByRow(rows, height);
  gpu.each(segments[of], [gpu.put(offsets), gpu.put(order), values, out], [height * width, width], height * width);
}

const normaliseProgram: Program = {
  name: 'normalise rows',
  buffers: { x: { of: 'f32' }, out: { of: 'f32', writes: true } },
  numbers: { rows: 'u32', width: 'u32', epsilon: 'f32' },
  lanes: 64,
  before: laneSum(64),
  body: `
  if (group >= n.rows) { return; }
  var square = 0.0;
  for (var c = lane; c < n.width; c += 64u) { let v = x[group * n.width + c]; square += v * v; }
  let by = max(sqrt(laneSum(square, lane)), n.epsilon);
  for (var c = lane; c < n.width; c += 64u) { out[group * n.width + c] = x[group * n.width + c] / by; }`,
};

const normaliseGradientProgram: Program = {
  name: 'normalise rows, gradient',
  buffers: { up: { of: 'f32' }, x: { of: 'f32' }, out: { of: 'f32', writes: true } },
  numbers: { rows: 'u32', width: 'u32', epsilon: 'f32' },
  lanes: 64,
  before: laneSum(64),
  body: `
  if (group >= n.rows) { return; }
  var square = 0.0;
  var product = 0.0;
  for (var c = lane; c < n.width; c += 64u) {
    let v = x[group * n.width + c];
    square += v * v;
    product += v * up[group * n.width + c];
  }
  square = laneSum(square, lane);
  product = laneSum(product, lane);
  let length = sqrt(square);
  // Rows shorter than ε are only scaled.
  var along = 0.0;
  if (length > n.epsilon) { along = product / square; }
  let by = max(length, n.epsilon);
  for (var c = lane; c < n.width; c += 64u) {
    let i = group * n.width + c;
    out[i] = (up[i] - along * x[i]) / by;
  }`,
};

export function normalise(gpu: Runner, x: GpuBuffer, out: GpuBuffer, by: { rows: number; width: number; epsilon: number }): void {
  gpu.run(normaliseProgram, [x, out], [by.rows, by.width, by.epsilon], by.rows);
}

export function normaliseGradient(
  gpu: Runner,
  [upstream, x, out]: readonly [GpuBuffer, GpuBuffer, GpuBuffer],
  by: { rows: number; width: number; epsilon: number },
): void {
  gpu.run(normaliseGradientProgram, [upstream, x, out], [by.rows, by.width, by.epsilon], by.rows);
}

const bprProgram: Program = {
  name: 'bpr',
  buffers: {
    ...({ users: { of: 'f32' }, positives: { of: 'f32' }, negatives: { of: 'f32' } } as const),
    ...({ losses: { of: 'f32', writes: true }, slopes: { of: 'f32', writes: true } } as const),
  },
  numbers: { rows: 'u32', width: 'u32', epsilon: 'f32' },
  lanes: 64,
  before: laneSum(64) + preciseLog,
  body: `
  if (group >= n.rows) { return; }
  var better = 0.0;
  var worse = 0.0;
  for (var c = lane; c < n.width; c += 64u) {
    let i = group * n.width + c;
    better += users[i] * positives[i];
    worse += users[i] * negatives[i];
  }
  let delta = laneSum(better, lane) - laneSum(worse, lane);
  if (lane > 0u) { return; }
  let small = exp(-abs(delta));
  let near = 1.0 / (1.0 + small);
  let far = small / (1.0 + small);
  let sigma = select(far, near, delta >= 0.0);
  let rest = select(near, far, delta >= 0.0);
  if (n.epsilon == 0.0) {
    losses[group] = logOnePlus(small) + max(-delta, 0.0);
    slopes[group] = -rest / f32(n.rows);
  } else {
    losses[group] = -preciseLog(n.epsilon + sigma);
    slopes[group] = -(sigma * rest) / (n.epsilon + sigma) / f32(n.rows);
  }`,
};

const bprGradientProgram: Program = {
  name: 'bpr, gradient',
  buffers: {
    ...({ up: { of: 'f32' }, slopes: { of: 'f32' }, users: { of: 'f32' }, positives: { of: 'f32' }, negatives: { of: 'f32' } } as const),
    ...({ du: { of: 'f32', writes: true }, di: { of: 'f32', writes: true }, dj: { of: 'f32', writes: true } } as const),
  },
  numbers: { count: 'u32', width: 'u32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  let by = up[0] * slopes[place / n.width];
  du[place] = by * (positives[place] - negatives[place]);
  di[place] = by * users[place];
  dj[place] = -by * users[place];`,
};

/** Loss by row and ∂(mean loss)/∂Δ by row. */
export function bprRows(gpu: Runner, buffers: readonly GpuBuffer[], by: { rows: number; width: number; epsilon: number }): void {
  gpu.run(bprProgram, buffers, [by.rows, by.width, by.epsilon], by.rows);
}

export function bprGradient(gpu: Runner, buffers: readonly GpuBuffer[], by: { rows: number; width: number }): void {
  gpu.each(bprGradientProgram, buffers, [by.rows * by.width, by.width], by.rows * by.width);
}
