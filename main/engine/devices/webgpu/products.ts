/** Dense products in tiles, and sparse products by rows. */
import type { Csr } from '../../device.ts';
import { TwoSided } from '../two-sided.ts';
import type { GpuBuffer } from './dawn.ts';
import type { Program, Runner } from './runner.ts';

/** A side of a tile of the result, and how far a tile reaches along the inner dimension at a time. */
const [side, depth] = [64, 16];

/** Four times a line of a shader, once for each row of a lane: arrays of sums would live in memory. */
function four(line: (i: number) => string): string {
  return [0, 1, 2, 3].map(line).join(' ');
}

/** 16 × 16 lanes work out a tile of 64 × 64, each 4 × 4 of it; sums of `depth` terms are added up, which keeps their error small. */
function tiles(transposeA: boolean, transposeB: boolean): Program {
  const a = transposeA ? 'p * n.rows + r' : 'r * n.inner + p';
  const b = transposeB ? 'c * n.inner + p' : 'p * n.columns + c';
  // Neighbouring lanes read neighbouring numbers, whichever way the operand lies.
  const inA = transposeA ? `(e / ${side}u, e % ${side}u)` : `(e % ${depth}u, e / ${depth}u)`;
  const inB = transposeB ? `(e % ${depth}u, e / ${depth}u)` : `(e / ${side}u, e % ${side}u)`;
  return {
    name: `matMul ${transposeA} ${transposeB}`,
    buffers: { a: { of: 'f32' }, b: { of: 'f32' }, out: { of: 'f32', writes: true } },
    numbers: {
      ...({ rows: 'u32', inner: 'u32', columns: 'u32', across: 'u32', tiles: 'u32', share: 'u32', splits: 'u32' } as const),
      ...({ fromA: 'u32', fromB: 'u32', fromOut: 'u32', adds: 'u32' } as const),
    },
    lanes: 256,
    before: `var<workgroup> ta: array<f32, ${side * depth}>;
var<workgroup> tb: array<f32, ${side * depth}>;
fn put(above: u32, r: u32, c: u32, value: f32) {
  if (r >= n.rows || c >= n.columns) { return; }
  let to = n.fromOut + (above + r) * n.columns + c;
  if (n.adds == 1u) { out[to] += value; } else { out[to] = value; }
}`,
    body: `
  let part = group / n.tiles;
  let tile = group % n.tiles;
  if (part >= n.splits) { return; }
  let top = (tile / n.across) * ${side}u;
  let left = (tile % n.across) * ${side}u;
  let y = lane / 16u;
  let x = lane % 16u;
  ${four((i) => `var total${i} = vec4<f32>();`)}
  let first = part * n.share;
  let last = min(first + n.share, n.inner);
  for (var begin = first; begin < last; begin += ${depth}u) {
    for (var e = lane; e < ${side * depth}u; e += 256u) {
      let ia = vec2<u32>${inA};
      let ib = vec2<u32>${inB};
      var p = begin + ia.x;
      let r = top + ia.y;
      ta[ia.x * ${side}u + ia.y] = 0.0;
      if (p < last && r < n.rows) { ta[ia.x * ${side}u + ia.y] = a[n.fromA + ${a}]; }
      p = begin + ib.x;
      let c = left + ib.y;
      tb[ib.x * ${side}u + ib.y] = 0.0;
      if (p < last && c < n.columns) { tb[ib.x * ${side}u + ib.y] = b[n.fromB + ${b}]; }
    }
    workgroupBarrier();
    ${four((i) => `var sum${i} = vec4<f32>();`)}
    for (var p = 0u; p < ${depth}u; p++) {
      let right = vec4<f32>(tb[p * ${side}u + x], tb[p * ${side}u + x + 16u], tb[p * ${side}u + x + 32u], tb[p * ${side}u + x + 48u]);
      ${four((i) => `sum${i} += ta[p * ${side}u + y + ${16 * i}u] * right;`)}
    }
    ${four((i) => `total${i} += sum${i};`)}
    workgroupBarrier();
  }
  for (var j = 0u; j < 4u; j++) {
    let c = left + x + 16u * j;
    ${four((i) => `put(part * n.rows, top + y + ${16 * i}u, c, total${i}[j]);`)}
  }`,
  };
}

const variants = new Map([0, 1, 2, 3].map((bits) => [bits, tiles((bits & 1) !== 0, (bits & 2) !== 0)] as const));

const joinSplits: Program = {
  name: 'matMul join',
  buffers: { parts: { of: 'f32' }, out: { of: 'f32', writes: true } },
  numbers: { count: 'u32', splits: 'u32', fromOut: 'u32', adds: 'u32' },
  lanes: 256,
  body: `
  if (place >= n.count) { return; }
  var sum = 0.0;
  for (var s = 0u; s < n.splits; s++) { sum += parts[s * n.count + place]; }
  if (n.adds == 1u) { out[n.fromOut + place] += sum; } else { out[n.fromOut + place] = sum; }`,
};

/** Where an operand begins, in numbers from the start of its buffer. */
export interface Operand {
  readonly buffer: GpuBuffer;
  readonly from?: number;
}

export interface Shape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Adds to what the result holds. */
  readonly adds?: boolean;
}

/** out [rows, columns] = a · b, either stored transposed. Long and thin products are split along the inner dimension. */
export function multiply(gpu: Runner, a: Operand, b: Operand, out: Operand, shape: Shape): void {
  const { rows, inner, columns, transposeA = false, transposeB = false, adds = false } = shape;
  if (rows * columns === 0) return;
  const program = variants.get((transposeA ? 1 : 0) + (transposeB ? 2 : 0))!;
  const across = Math.ceil(columns / side);
  const count = across * Math.ceil(rows / side);
  const wanted = Math.max(1, Math.min(Math.ceil(inner / 512), Math.floor(256 / count)));
  const share = Math.max(depth, Math.ceil(Math.ceil(inner / wanted) / depth) * depth);
  const splits = Math.max(1, Math.ceil(inner / share));
  const operands = [a.from ?? 0, b.from ?? 0];
  const sizes = [rows, inner, columns, across, count, share, splits];
  const toOut = [out.from ?? 0, adds ? 1 : 0];
  if (splits === 1) {
    gpu.run(program, [a.buffer, b.buffer, out.buffer], [...sizes, ...operands, ...toOut], count);
    return;
  }
  const parts = gpu.scratch(splits * rows * columns * 4);
  gpu.run(program, [a.buffer, b.buffer, parts], [...sizes, ...operands, 0, 0], count * splits);
  gpu.each(joinSplits, [parts, out.buffer], [rows * columns, splits, ...toOut], rows * columns);
}

/** Rows of a table in numbers or, where the width allows, in fours. */
export function wide(width: number): { readonly of: 'f32' | 'vec4<f32>'; readonly zero: string; readonly width: number } {
  return width % 4 === 0 ? { of: 'vec4<f32>', zero: 'vec4<f32>()', width: width / 4 } : { of: 'f32', zero: '0.0', width };
}

/** One invocation per place of the result: out = (own + matrix · dense) · scale, own left out in a plain product. */
function rowsProgram(of: 'f32' | 'vec4<f32>', zero: string, isLayer: boolean): Program {
  return {
    name: `${isLayer ? 'propagate' : 'spmm'} ${of}`,
    buffers: {
      ...({ offsets: { of: 'u32' }, indices: { of: 'u32' }, entries: { of: 'f32' }, dense: { of } } as const),
      ...(isLayer ? { own: { of } } : {}),
      out: { of, writes: true },
    },
    numbers: { count: 'u32', width: 'u32', ...(isLayer ? ({ scale: 'f32' } as const) : {}) },
    lanes: 128,
    body: `
  if (place >= n.count) { return; }
  let row = place / n.width;
  let column = place % n.width;
  let last = offsets[row + 1u];
  var sum = ${zero};
  var e = offsets[row];
  while (e < last) {
    // Short sums added up: a popular node's row is long.
    let stop = min(e + 32u, last);
    var some = ${zero};
    for (; e < stop; e++) { some += entries[e] * dense[indices[e] * n.width + column]; }
    sum += some;
  }
  out[place] = ${isLayer ? '(own[place] + sum) * n.scale' : 'sum'};`,
  };
}

const sparsePrograms = new Map(
  [['f32', '0.0'] as const, ['vec4<f32>', 'vec4<f32>()'] as const].map(
    ([of, zero]) => [of, { product: rowsProgram(of, zero, false), layer: rowsProgram(of, zero, true) }] as const,
  ),
);

export interface Held {
  readonly rows: number;
  readonly buffers: readonly [GpuBuffer, GpuBuffer, GpuBuffer];
}

/** A matrix and its transpose in compressed rows on the GPU. */
export class GpuMatrix extends TwoSided<Held> {
  constructor(gpu: Runner, csr: Csr, symmetric: boolean, split?: number) {
    const hold = ({ rows, offsets, indices, values }: Csr): Held => ({
      rows,
      buffers: [gpu.hold(offsets), gpu.hold(indices), gpu.hold(values)],
    });
    super(csr, symmetric, hold, ({ buffers }) => gpu.drop(buffers), split);
  }
}

/** matrix · dense → out. */
export function sparseProduct(gpu: Runner, held: Held, dense: GpuBuffer, out: GpuBuffer, tableWidth: number): void {
  const { of, width } = wide(tableWidth);
  const count = held.rows * width;
  gpu.each(sparsePrograms.get(of)!.product, [...held.buffers, dense, out], [count, width], count);
}

/** One hop, (own + matrix · dense) · scale → out. */
export function layer(
  gpu: Runner,
  held: Held,
  buffers: { dense: GpuBuffer; own: GpuBuffer; out: GpuBuffer },
  tableWidth: number,
  scale = 1,
): void {
  const { of, width } = wide(tableWidth);
  const count = held.rows * width;
  gpu.each(sparsePrograms.get(of)!.layer, [...held.buffers, buffers.dense, buffers.own, buffers.out], [count, width, scale], count);
}

/** (1/(layers+1)) Σ Gˡ dense → out, by Horner's rule: h ← dense + G h. */
export function layerMean(gpu: Runner, held: Held, dense: GpuBuffer, out: GpuBuffer, tableWidth: number, layers: number): void {
  const { of, width } = wide(tableWidth);
  const count = held.rows * width;
  if (layers === 0) gpu.copy(dense, out, held.rows * tableWidth * 4);
  let from = dense;
  for (let layer = 1; layer <= layers; layer++) {
    const isLast = layer === layers;
    const to = isLast ? out : gpu.scratch(held.rows * tableWidth * 4);
    gpu.each(sparsePrograms.get(of)!.layer, [...held.buffers, from, dense, to], [count, width, isLast ? 1 / (layers + 1) : 1], count);
    from = to;
  }
}
