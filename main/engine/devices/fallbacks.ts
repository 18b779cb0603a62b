/**
 * Which stock kernels ran that should not have. "Fell back to stock" means: a hot operation (a product, a gather, a sparse sum,
 * a ranking) ran on a stock tfjs kernel instead of our pack. Element-wise kernels and the data movement behind the allow-list of
 * ops/basic.ts are stock on purpose and not counted.
 */
import { getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';

/** Stock kernels the allow-list and its gradients run on. */
const expected: ReadonlySet<string> = new Set([
  'Abs',
  'Add',
  'AddN',
  // Stacks of matrices, on webgpu alone: products of two are ours everywhere.
  'BatchMatMul',
  'Cast',
  'Concat',
  'Equal',
  'Exp',
  'ExpandDims',
  'Fill',
  'Greater',
  'GreaterEqual',
  'Identity',
  // Part of TensorFlow's Step.
  'IsNan',
  'LeakyRelu',
  'Less',
  'LessEqual',
  'Log',
  'LogicalAnd',
  'LogicalNot',
  'Maximum',
  'Minimum',
  'Multiply',
  'Neg',
  'OnesLike',
  'PadV2',
  'RealDiv',
  'Relu',
  'Reshape',
  'Select',
  'Sigmoid',
  'Sign',
  'Slice',
  'Softmax',
  'Softplus',
  'SplitV',
  'Sqrt',
  'Square',
  'Step',
  'Sub',
  'Sum',
  'Tanh',
  'Tile',
  'Transpose',
  'ZerosLike',
]);

const seen = new Map<string, Set<string>>();

/** Notes from now on every other stock kernel that runs on this backend; the returned function lists them, sorted. */
export function watchStock(backendName: string): () => readonly string[] {
  const known = seen.get(backendName);
  const ran = known ?? new Set<string>();
  if (known === undefined) {
    seen.set(backendName, ran);
    for (const kernel of getKernelsForBackend(backendName)) {
      if (!expected.has(kernel.kernelName)) replace(kernel, ran);
    }
  }
  ran.clear();
  return () => [...ran].sort();
}

function replace(kernel: KernelConfig, ran: Set<string>): void {
  unregisterKernel(kernel.kernelName, kernel.backendName);
  registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      ran.add(kernel.kernelName);
      return kernel.kernelFunc(call);
    },
  });
}
