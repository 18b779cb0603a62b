/** Sums of whole tensors, by trees: float32 alone would lose the fifth digit over a few thousand terms. */
import type { GpuBuffer } from './dawn.ts';
import { laneSum } from './rows.ts';
import type { Program, Runner } from './runner.ts';

/** Terms that one workgroup adds up: sixteen a lane, then a tree over the lanes. */
const reach = 256 * 16;

const program = (isSquared: boolean, isRoot: boolean): Program => ({
  name: `sum${isSquared ? ' of squares' : ''}${isRoot ? ', root' : ''}`,
  buffers: { x: { of: 'f32' }, out: { of: 'f32', writes: true } },
  numbers: { count: 'u32', scale: 'f32' },
  lanes: 256,
  before: laneSum(256),
  body: `
  let first = group * ${reach}u + lane;
  var sum = 0.0;
  for (var t = 0u; t < 16u; t++) {
    let i = first + t * 256u;
    if (i < n.count) { sum += ${isSquared ? 'x[i] * x[i]' : 'x[i]'}; }
  }
  let all = laneSum(sum, lane) * n.scale;
  if (lane == 0u && group * ${reach}u < max(n.count, 1u)) { out[group] = ${isRoot ? 'sqrt(all)' : 'all'}; }`,
});

const [plain, squares, root, rootOfSquares] = [program(false, false), program(true, false), program(false, true), program(true, true)];

/** out[0] = scale · Σ x, of squares and under a root where asked. */
export function sumAll(
  gpu: Runner,
  x: GpuBuffer,
  out: GpuBuffer,
  by: { count: number; scale?: number; squared?: boolean; root?: boolean },
): void {
  let [from, left, isSquared] = [x, by.count, by.squared === true];
  for (;;) {
    const groups = Math.max(1, Math.ceil(left / reach));
    const isLast = groups === 1;
    const to = isLast ? out : gpu.scratch(groups * 4);
    const last = by.root === true ? (isSquared ? rootOfSquares : root) : isSquared ? squares : plain;
    gpu.run(isLast ? last : isSquared ? squares : plain, [from, to], [left, isLast ? (by.scale ?? 1) : 1], groups);
    if (isLast) return;
    [from, left, isSquared] = [to, groups, false];
  }
}

const slopes = {
  sigmoid: 'up[place] * y[place] * (1.0 - y[place])',
  tanh: 'up[place] * (1.0 - y[place] * y[place])',
  leaky: 'up[place] * select(n.slope, 1.0, y[place] > 0.0)',
} as const;

const slopePrograms = Object.fromEntries(
  Object.entries(slopes).map(([name, expression]): [string, Program] => [
    name,
    {
      name: `${name}, gradient`,
      buffers: { up: { of: 'f32' }, y: { of: 'f32' }, out: { of: 'f32', writes: true } },
      numbers: { count: 'u32', ...(name === 'leaky' ? ({ slope: 'f32' } as const) : {}) },
      lanes: 128,
      body: `
  if (place >= n.count) { return; }
  out[place] = ${expression};`,
    },
  ]),
) as Readonly<Record<keyof typeof slopes, Program>>;

/** Gradient of an element-wise function from its output (leaky: from its input). */
export function slopeOf(
  gpu: Runner,
  name: keyof typeof slopes,
  buffers: readonly [GpuBuffer, GpuBuffer, GpuBuffer],
  count: number,
  slope: number[] = [],
): void {
  gpu.each(slopePrograms[name], buffers, [count, ...slope], count);
}
