/** Stock kernels that ours replace under their own names: tanh, which loses half its digits near zero, and sums of many tables. */
import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelBackend, KernelConfig, KernelFunc, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { backendName } from './backend.ts';
import type { Program, Runner } from './runner.ts';

const tanh: Program = {
  name: 'tanh',
  buffers: { x: { of: 'f32' }, out: { of: 'f32', writes: true } },
  numbers: { count: 'u32' },
  lanes: 128,
  // Lambert's continued fraction within ±1, exponentials beyond.
  body: `
  if (place >= n.count) { return; }
  let v = x[place];
  let q = v * v;
  let near = v / (1.0 + q / (3.0 + q / (5.0 + q / (7.0 + q / (9.0 + q / 11.0)))));
  let far = sign(v) * (1.0 - 2.0 / (exp(2.0 * min(abs(v), 20.0)) + 1.0));
  out[place] = select(far, near, abs(v) < 1.0);`,
};

/** A compute stage may read and write eight buffers at least; one is the sum. */
const mostSummands = 7;

const stock = new Map<string, KernelConfig>();

type KernelCall = Parameters<KernelFunc>[0];

/** Puts `kernelFunc` in the place of a stock kernel, which it is handed. */
function replace(kernelName: string, kernelFunc: (call: KernelCall, replaced: KernelFunc) => TensorInfo): void {
  const replaced = stock.get(kernelName) ?? getKernel(kernelName, backendName);
  stock.set(kernelName, replaced);
  unregisterKernel(kernelName, backendName);
  registerKernel({ ...replaced, kernelFunc: (call) => kernelFunc(call, replaced.kernelFunc) });
}

export function replaceStock(gpu: Runner): void {
  replace('Tanh', (call, replaced) => {
    const x = call.inputs['x'] as TensorInfo;
    if (x.dtype !== 'float32' || x.shape.includes(0)) return replaced(call) as TensorInfo;
    const out = gpu.make(x.shape);
    const count = x.shape.reduce((product, extent) => product * extent, 1);
    gpu.each(tanh, [gpu.of(x), gpu.of(out)], [count], count);
    return out;
  });
  replace('AddN', (call, replaced) => {
    const summands = call.inputs as unknown as readonly TensorInfo[];
    const sumOf = (some: readonly TensorInfo[]) => replaced({ ...call, inputs: some as unknown as NamedTensorInfoMap }) as TensorInfo;
    let sum = sumOf(summands.slice(0, mostSummands));
    for (let next = mostSummands; next < summands.length; next += mostSummands - 1) {
      const before = sum;
      sum = sumOf([before, ...summands.slice(next, next + mostSummands - 1)]);
      (call.backend as KernelBackend).disposeData(before.dataId);
    }
    return sum;
  });
}
