/** Stock kernels of the wasm backend that ours replace under their own names: Sum, Sigmoid, Tanh. BatchMatMul is in ops/kernels.ts. */
import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { size } from './wasm-pack.ts';
import type { WasmTools } from './wasm-pack.ts';

const replacedStock = new Map<string, KernelConfig>();

function replace(
  kernelName: string,
  ours: (x: TensorInfo, call: Parameters<KernelConfig['kernelFunc']>[0]) => TensorInfo | undefined,
): void {
  const stock = replacedStock.get(kernelName) ?? getKernel(kernelName, 'wasm');
  replacedStock.set(kernelName, stock);
  unregisterKernel(kernelName, 'wasm');
  registerKernel({ ...stock, kernelFunc: (call) => ours(call.inputs['x']!, call) ?? stock.kernelFunc(call) });
}

/** Registers them for the opened backend; where ours does not fit (other types, scattered axes) the stock kernel runs. */
export function replaceStock({ heap, kernels }: WasmTools): void {
  for (const [kernelName, run] of [
    ['Sigmoid', kernels.sigmoid],
    ['Tanh', kernels.tanh],
  ] as const) {
    replace(kernelName, (x) => {
      if (x.dtype !== 'float32') return undefined;
      const out = heap.output(x.shape);
      run(heap.pointerOf(x), size(x.shape), heap.pointerOf(out));
      return out;
    });
  }
  replace('Sum', (x, { attrs }) => {
    const { axis, keepDims } = attrs as { axis: number | number[] | undefined; keepDims: boolean };
    const all = x.shape.map((_, a) => a);
    const axes = axis === undefined || axis === null ? all : [axis].flat().map((a) => (a < 0 ? a + x.shape.length : a));
    axes.sort((a, b) => a - b);
    const isRun = axes.every((a, i) => i === 0 || a === axes[i - 1]! + 1);
    if (x.dtype !== 'float32' || !isRun || axes.length === 0) return undefined;
    const [first, last] = [axes[0]!, axes[axes.length - 1]!];
    const outer = size(x.shape.slice(0, first));
    const summed = size(x.shape.slice(first, last + 1));
    const inner = size(x.shape.slice(last + 1));
    const shape = keepDims
      ? x.shape.map((extent, a) => (a >= first && a <= last ? 1 : extent))
      : x.shape.filter((_, a) => a < first || a > last);
    const out = heap.output(shape);
    const [from, to] = [heap.pointerOf(x), heap.pointerOf(out)];
    if (inner === 1) {
      kernels.rowSums(from, outer, summed, to);
    } else {
      heap.withScratch((scratch) => {
        const sums = scratch.bytes(inner * 8);
        for (let o = 0; o < outer; o++) {
          kernels.columnSums(from + o * summed * inner * 4, summed, inner, sums, to + o * inner * 4);
        }
      });
    }
    return out;
  });
}
