/**
 * Stock kernels of the wasm backend that ours replace under their own names, because they are slow or copy where they need not:
 * Sum, Exp, Sigmoid, Tanh, LeakyRelu, Identity, Slice, Concat, PadV2. BatchMatMul is replaced in ops/kernels.ts. Where ours does
 * not fit (other types or ranks) the stock kernel runs.
 */
import { getKernel, registerKernel, slice_util, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { size } from './wasm-pack.ts';
import type { WasmTools } from './wasm-pack.ts';

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
  replaceSum(tools);
  replaceMoves(tools);
}

function replaceElementwise({ heap, kernels }: WasmTools): void {
  const table: Readonly<Record<string, (x: number, count: number, out: number, call: Call) => void>> = {
    Exp: (x, count, out) => kernels.exp(x, count, out),
    Sigmoid: (x, count, out) => kernels.sigmoid(x, count, out),
    Tanh: (x, count, out) => kernels.tanh(x, count, out),
    LeakyRelu: (x, count, out, { attrs }) => kernels.leakyRelu(x, count, (attrs as unknown as { alpha: number }).alpha, out),
  };
  for (const [kernelName, run] of Object.entries(table)) {
    replace(kernelName, (call) => {
      const x = call.inputs['x']!;
      if (x.dtype !== 'float32') return undefined;
      const out = heap.output(x.shape);
      run(heap.pointerOf(x), size(x.shape), heap.pointerOf(out), call);
      return out;
    });
  }
}

/** Sums over a run of neighbouring axes, in double; seen as [outer, summed, inner]. */
function replaceSum({ heap, kernels }: WasmTools): void {
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
    if (inner === 1) {
      kernels.rowSums(from, outer, summed, to);
      return out;
    }
    heap.withScratch((scratch) => {
      const sums = scratch.bytes(inner * 8);
      for (let o = 0; o < outer; o++) {
        kernels.columnSums(from + o * summed * inner * 4, summed, inner, sums, to + o * inner * 4);
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

function replaceMoves({ heap, kernels }: WasmTools): void {
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
    kernels.copyRuns(from, rows, columns * 4, stride, heap.pointerOf(out), columns * 4);
    return out;
  });
  replace('Concat', ({ inputs, attrs }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    const rank = parts[0]!.shape.length;
    const axis = ((attrs as unknown as { axis: number }).axis + rank) % rank;
    if (!parts.every(isMatrix) || rank !== 2 || axis !== 1) return undefined;
    const rows = parts[0]!.shape[0]!;
    if (parts.some((part) => part.shape[0] !== rows)) return undefined;
    const width = parts.reduce((sum, part) => sum + part.shape[1]!, 0);
    const out = heap.output([rows, width]);
    let to = heap.pointerOf(out);
    for (const part of parts) {
      const bytes = part.shape[1]! * 4;
      kernels.copyRuns(heap.pointerOf(part), rows, bytes, bytes, to, width * 4);
      to += bytes;
    }
    return out;
  });
  replace('PadV2', ({ inputs, attrs }) => {
    const x = inputs['x']!;
    const { paddings, constantValue } = attrs as unknown as { paddings: [number, number][]; constantValue: number };
    if (!isMatrix(x)) return undefined;
    const out = heap.output(x.shape.map((extent, a) => extent + paddings[a]![0] + paddings[a]![1]));
    heap.floats(heap.pointerOf(out), size(out.shape)).fill(constantValue);
    const [rows, columns] = grid(x.shape);
    const stride = grid(out.shape)[1] * 4;
    const [above, left] = paddings.length === 2 ? [paddings[0]![0], paddings[1]![0]] : [0, paddings[0]![0]];
    const to = heap.pointerOf(out) + above * stride + left * 4;
    kernels.copyRuns(heap.pointerOf(x), rows, columns * 4, columns * 4, to, stride);
    return out;
  });
}
