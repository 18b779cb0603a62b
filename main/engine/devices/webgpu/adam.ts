import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { AdamSlot, AdamStep } from '../../device.ts';
import type { GpuBuffer } from './dawn.ts';
import type { Program, Runner } from './runner.ts';

const program: Program = {
  name: 'adam',
  buffers: {
    gradient: { of: 'f32' },
    parameter: { of: 'f32', writes: true },
    first: { of: 'f32', writes: true },
    second: { of: 'f32', writes: true },
  },
  numbers: {
    ...({ count: 'u32', stepSize: 'f32', correction: 'f32', epsilon: 'f32' } as const),
    ...({ keep1: 'f32', take1: 'f32', keep2: 'f32', take2: 'f32' } as const),
  },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  let g = gradient[place];
  let m = n.keep1 * first[place] + n.take1 * g;
  let v = n.keep2 * second[place] + n.take2 * g * g;
  first[place] = m;
  second[place] = v;
  parameter[place] -= n.stepSize * m / (sqrt(v) / n.correction + n.epsilon);`,
};

/** Moments in buffers of their own, parameter and moments updated in place by one dispatch. */
export function adamSlot(gpu: Runner, parameter: TensorInfo & { readonly size: number }): AdamSlot {
  const count = parameter.size;
  const moments: readonly [GpuBuffer, GpuBuffer] = [gpu.hold(count), gpu.hold(count)];
  return {
    apply: (gradient: TensorInfo, step: AdamStep) => {
      const { beta1, beta2, epsilon, learningRate, step: t } = step;
      const stepSize = learningRate / (1 - beta1 ** t);
      const correction = Math.sqrt(1 - beta2 ** t);
      const numbers = [count, stepSize, correction, epsilon, beta1, 1 - beta1, beta2, 1 - beta2];
      gpu.each(program, [gpu.of(gradient), gpu.ofWritten(parameter), ...moments], numbers, count);
    },
    read: () => ({
      first: new Float32Array(gpu.read(moments[0], count * 4)),
      second: new Float32Array(gpu.read(moments[1], count * 4)),
    }),
    write: (first, second) => {
      gpu.write(moments[0], first);
      gpu.write(moments[1], second);
    },
    dispose: () => gpu.drop(moments),
  };
}
