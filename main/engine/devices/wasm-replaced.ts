/**
 * Stock kernels of the wasm backend that ours replace under their own names, because they are slow or copy where they need not:
 * Add, AddN, Sub, Multiply, RealDiv, Sum, Exp, Sigmoid, Tanh, LeakyRelu, Neg, Identity, Slice, Concat, PadV2. BatchMatMul is replaced in
 * ops/kernels.ts. Where ours does not fit (other types or ranks) the stock kernel runs.
 */
import { broadcast_util, getKernel, registerKernel, slice_util, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { jobAddDoubles, jobBinary, jobBinaryGrid, jobColumnSums, jobFill, jobRowSums } from '../kernels/assembly/job-numbers.ts';
import { copyRows, grainOfRows, runUnary, size, unary, valueGrain } from './wasm-pack.ts';
import type { WasmTools } from './wasm-pack.ts';
import { chunksOf } from './wasm-pool.ts';

type Call = Parameters<KernelConfig['kernelFunc']>[0];

const replacedStock = new Map<string, KernelConfig>();

function replace(kernelName: string, ours: (call: Call) => TensorInfo | undefined): void {
  const stock = replacedStock.get(kernelName) ?? getKernel(kernelName, 'wasm');
  replacedStock.set(kernelName, stock);
  unregisterKernel(kernelName, 'wasm');
  registerKernel({ ...stock, kernelFunc: (call) => ours(call) ?? stock.kernelFunc(call) });
}

/** Registers them for the opened backend. */
export function replaceStock(tools: WasmTools): void {
  replaceElementwise(tools);
  replaceBinary(tools);
  replaceAddN(tools);
  replaceSum(tools);
  replaceMoves(tools);
}

function replaceElementwise(tools: WasmTools): void {
  const table = { Exp: unary.exp, Sigmoid: unary.sigmoid, Tanh: unary.tanh, LeakyRelu: unary.leakyRelu, Neg: unary.negate } as const;
  for (const [kernelName, operation] of Object.entries(table)) {
    replace(kernelName, ({ inputs, attrs }) => {
      const x = inputs['x']!;
      if (x.dtype !== 'float32') return undefined;
      return runUnary(tools, operation, x, x, (attrs as { alpha?: number } | undefined)?.alpha ?? 0);
    });
  }
}

/** How the rows and columns of an operand lie behind those of the result, in bytes; undefined where it is no simple repetition. */
function steps(x: TensorInfo, rows: number, width: number): [number, number] | undefined {
  const count = size(x.shape);
  if (count === 1) return [0, 0];
  const [height, across] = grid(x.shape);
  if (x.shape.length > 2 || across * height !== count) return undefined;
  if (across === width && height === rows) return [width * 4, 4];
  if (across === width && height === 1) return [0, 4];
  if (across === 1 && height === rows && x.shape.length === 2) return [4, 0];
  return undefined;
}

/** + − · ÷ of floats of one shape, of a matrix and a row, a column or one value; the rest stays stock. */
function replaceBinary({ heap, pool }: WasmTools): void {
  for (const [operation, kernelName] of ['Add', 'Sub', 'Multiply', 'RealDiv'].entries()) {
    replace(kernelName, ({ inputs }) => {
      const [a, b] = [inputs['a']!, inputs['b']!];
      if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
      const shape = broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
      const count = size(shape);
      const isPlain = (x: TensorInfo): boolean => size(x.shape) === count || size(x.shape) === 1;
      const [left, right] = [heap.pointerOf(a), heap.pointerOf(b)];
      if (isPlain(a) && isPlain(b)) {
        const out = heap.output(shape);
        const step = (x: TensorInfo): number => (size(x.shape) === count ? 4 : 0);
        // One value against one walks: a repeated value is for more of the other.
        const strides = count === 1 ? [4, 4] : [step(a), step(b)];
        pool.run(jobBinary, chunksOf(count, valueGrain), count, valueGrain, operation, left, right, heap.pointerOf(out), ...strides);
        return out;
      }
      if (shape.length > 2) return undefined;
      const [rows, width] = grid(shape);
      const [ofA, ofB] = [steps(a, rows, width), steps(b, rows, width)];
      if (ofA === undefined || ofB === undefined) return undefined;
      const out = heap.output(shape);
      const grain = grainOfRows(width);
      pool.run(jobBinaryGrid, chunksOf(rows, grain), rows, grain, operation, left, right, heap.pointerOf(out), width, ...ofA, ...ofB);
      return out;
    });
  }
}

/** A sum of many of one shape, added in their order. */
function replaceAddN({ heap, pool }: WasmTools): void {
  replace('AddN', ({ inputs }) => {
    const [first, ...rest] = Object.values(inputs) as TensorInfo[];
    if (first === undefined || rest.length === 0 || [first, ...rest].some(({ dtype }) => dtype !== 'float32')) return undefined;
    const out = heap.output(first.shape);
    const count = size(first.shape);
    const to = heap.pointerOf(out);
    let so = heap.pointerOf(first);
    for (const next of rest) {
      pool.run(jobBinary, chunksOf(count, valueGrain), count, valueGrain, 0, so, heap.pointerOf(next), to, 4, 4);
      so = to;
    }
    return out;
  });
}

/** Rows whose columns are added up side by side. */
const rowsOfSums = 256;

/** Sums over a run of neighbouring axes, in double; seen as [outer, summed, inner]. */
function replaceSum({ heap, pool }: WasmTools): void {
  replace('Sum', ({ inputs, attrs }) => {
    const x = inputs['x']!;
    const { axis, keepDims } = attrs as unknown as { axis: number | number[] | undefined; keepDims: boolean };
    const all = x.shape.map((_, a) => a);
    const axes = axis === undefined || axis === null ? all : [axis].flat().map((a) => (a < 0 ? a + x.shape.length : a));
    axes.sort((a, b) => a - b);
    const isRun = axes.every((a, i) => i === 0 || a === axes[i - 1]! + 1);
    if (x.dtype !== 'float32' || !isRun || axes.length === 0) return undefined;
    const [first, last] = [axes[0]!, axes[axes.length - 1]!];
    const outer = size(x.shape.slice(0, first));
    const summed = size(x.shape.slice(first, last + 1));
    const inner = size(x.shape.slice(last + 1));
    const isSummed = (a: number): boolean => a >= first && a <= last;
    const out = heap.output(keepDims ? x.shape.map((extent, a) => (isSummed(a) ? 1 : extent)) : x.shape.filter((_, a) => !isSummed(a)));
    const [from, to] = [heap.pointerOf(x), heap.pointerOf(out)];
    heap.withScratch((scratch) => {
      if (inner === 1 && outer > 1) {
        const grain = grainOfRows(summed);
        pool.run(jobRowSums, chunksOf(outer, grain), outer, grain, from, summed, to);
        return;
      }
      // A sum of everything is seen as rows too: parts of it side by side, added up in their order.
      const [rows, width] = inner === 1 && summed % 64 === 0 ? [summed / 64, 64] : [summed, inner];
      const chunks = Math.max(1, chunksOf(rows, rowsOfSums));
      const sums = scratch.bytes(chunks * width * 8);
      for (let o = 0; o < outer; o++) {
        if (rows === 0) heap.doubles(sums, width).fill(0);
        pool.run(jobColumnSums, chunksOf(rows, rowsOfSums), rows, rowsOfSums, from + o * summed * inner * 4, width, sums);
        if (width === inner) pool.run(jobAddDoubles, chunksOf(inner, 512), inner, 512, sums, chunks, to + o * inner * 4, 1);
        else heap.floats(to, 1)[0] = heap.doubles(sums, chunks * width).reduce((sum, part) => sum + part, 0);
      }
    });
    return out;
  });
}

function isMatrix(x: TensorInfo): boolean {
  return x.dtype === 'float32' && (x.shape.length === 1 || x.shape.length === 2);
}

/** Shape as rows and columns; a vector is one row. */
function grid(shape: readonly number[]): [number, number] {
  return shape.length === 2 ? [shape[0]!, shape[1]!] : [1, shape[0]!];
}

function replaceMoves(tools: WasmTools): void {
  const { heap, pool } = tools;
  // The stock kernel copies; a clone may share data, as on every other backend.
  replace('Identity', ({ inputs }) => {
    const x = inputs['x']!;
    heap.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });
  // The stock kernel reads the whole input back first.
  replace('Slice', ({ inputs, attrs }) => {
    const x = inputs['x']!;
    if (!isMatrix(x)) return undefined;
    const given = attrs as unknown as { begin: number[]; size: number[] };
    const [begin, extent] = slice_util.parseSliceParams(x as never, given.begin, given.size) as [number[], number[]];
    slice_util.assertParamsValid(x as never, begin, extent);
    const out = heap.output(extent);
    const [rows, columns] = grid(extent);
    const stride = grid(x.shape)[1] * 4;
    const [row, column] = begin.length === 2 ? [begin[0]!, begin[1]!] : [0, begin[0]!];
    const from = heap.pointerOf(x) + row * stride + column * 4;
    copyRows(tools, rows, columns * 4, from, stride, heap.pointerOf(out), columns * 4);
    return out;
  });
  replace('Concat', ({ inputs, attrs }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    const rank = parts[0]!.shape.length;
    const axis = ((attrs as unknown as { axis: number }).axis + rank) % rank;
    if (!parts.every(isMatrix)) return undefined;
    if (axis === 0) return stacked(tools, parts);
    const rows = parts[0]!.shape[0]!;
    if (parts.some((part) => part.shape[0] !== rows)) return undefined;
    const width = parts.reduce((sum, part) => sum + part.shape[1]!, 0);
    const out = heap.output([rows, width]);
    let to = heap.pointerOf(out);
    for (const part of parts) {
      const bytes = part.shape[1]! * 4;
      copyRows(tools, rows, bytes, heap.pointerOf(part), bytes, to, width * 4);
      to += bytes;
    }
    return out;
  });
  replace('PadV2', ({ inputs, attrs }) => {
    const x = inputs['x']!;
    const { paddings, constantValue } = attrs as unknown as { paddings: [number, number][]; constantValue: number };
    if (!isMatrix(x)) return undefined;
    const out = heap.output(x.shape.map((extent, a) => extent + paddings[a]![0] + paddings[a]![1]));
    const count = size(out.shape);
    if (constantValue === 0) pool.run(jobFill, chunksOf(count, valueGrain), count, valueGrain, heap.pointerOf(out));
    else heap.floats(heap.pointerOf(out), count).fill(constantValue);
    const [rows, columns] = grid(x.shape);
    const stride = grid(out.shape)[1] * 4;
    const [above, left] = paddings.length === 2 ? [paddings[0]![0], paddings[1]![0]] : [0, paddings[0]![0]];
    const to = heap.pointerOf(out) + above * stride + left * 4;
    copyRows(tools, rows, columns * 4, heap.pointerOf(x), columns * 4, to, stride);
    return out;
  });
}

/** Vectors or matrices one below the other; undefined where their widths differ. */
function stacked(tools: WasmTools, parts: readonly TensorInfo[]): TensorInfo | undefined {
  const [, ...across] = parts[0]!.shape;
  if (parts.some(({ shape }) => shape.slice(1).join() !== across.join())) return undefined;
  const out = tools.heap.output([parts.reduce((sum, { shape }) => sum + shape[0]!, 0), ...across]);
  const row = size(across) * 4;
  let to = tools.heap.pointerOf(out);
  for (const part of parts) {
    copyRows(tools, part.shape[0]!, row, tools.heap.pointerOf(part), row, to, row);
    to += part.shape[0]! * row;
  }
  return out;
}
