/** The stock kernel that ours replaces under its own name: tanh, which loses half its digits near zero. */
import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
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

const kernelName = 'Tanh';
let stock: KernelConfig | undefined;

export function replaceStock(gpu: Runner): void {
  const replaced = (stock ??= getKernel(kernelName, backendName));
  unregisterKernel(kernelName, backendName);
  registerKernel({
    ...replaced,
    kernelFunc: (call) => {
      const x = call.inputs['x'] as TensorInfo;
      if (x.dtype !== 'float32' || x.shape.includes(0)) return replaced.kernelFunc(call);
      const out = gpu.make(x.shape);
      const count = x.shape.reduce((product, extent) => product * extent, 1);
      gpu.each(tanh, [gpu.of(x), gpu.of(out)], [count], count);
      return out;
    },
  });
}
