/**
 * Names of our kernels in the tfjs registry, their attributes and gradients. Ops run kernels by these names so that the tape
 * records them; `registerPack` puts a device's pack behind the names.
 */
import {
  engine,
  getGradient,
  mul,
  maximum,
  div,
  registerGradient,
  registerKernel,
  unregisterKernel,
  getKernel,
} from '@tensorflow/tfjs-core';
import type { KernelConfig, NamedAttrMap, NamedTensorMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { registerStockGradients } from './stock-gradients.ts';
import type { KernelPack, MutualPairs, Pairs, RowsView } from '../device.ts';
import type { SparseMatrix } from '../engine.ts';

export interface SpmmAttributes {
  readonly matrix: SparseMatrix;
  readonly transposed: boolean;
}
export interface PropagateAttributes extends SpmmAttributes {
  readonly layers: number;
}
export interface PropagateRowsAttributes {
  readonly matrix: SparseMatrix;
  readonly view: RowsView;
}
export interface SpmmRowsAttributes {
  readonly matrix: SparseMatrix;
  readonly rows: Int32Array;
}
export interface GatherAttributes {
  readonly parts: readonly Int32Array[];
  readonly height: number;
}
export interface InfoNceAttributes {
  readonly pairs: Pairs;
  readonly temperature: number;
}
export interface MutualNceAttributes {
  readonly pairs: MutualPairs;
  readonly temperature: number;
}
export interface EpsilonAttributes {
  readonly epsilon: number;
}

/** Attributes of each kernel by name. */
export interface KernelAttributes {
  CsrSpMM: SpmmAttributes;
  CsrPropagate: PropagateAttributes;
  PropagateRows: PropagateRowsAttributes;
  PropagateRowsGrad: PropagateRowsAttributes;
  SpmmRows: SpmmRowsAttributes;
  SpmmRowsGrad: SpmmRowsAttributes;
  RowGather: GatherAttributes;
  SegmentSum: GatherAttributes;
  InfoNCE: InfoNceAttributes;
  InfoNCEGrad: InfoNceAttributes;
  MutualNCE: MutualNceAttributes;
  MutualNCEGrad: MutualNceAttributes;
  NormaliseRows: EpsilonAttributes;
  NormaliseRowsGrad: EpsilonAttributes;
  BprLoss: EpsilonAttributes;
  BprLossGrad: EpsilonAttributes;
  Frobenius: Record<string, never>;
  HalfSquares: Record<string, never>;
  LeakyReluGrad: { readonly slope: number };
  SigmoidGrad: Record<string, never>;
  TanhGrad: Record<string, never>;
}
export type KernelName = keyof KernelAttributes;

/** The last argument of a function under `customGrad`: keeps tensors for its gradient. */
export type GradSaver = (tensors: Tensor[]) => void;

/** Runs one of our kernels on the tape. */
export function runKernel<N extends KernelName>(name: N, inputs: NamedTensorMap, attributes: KernelAttributes[N]): Tensor[] {
  // tfjs types attributes as plain data but hands them through untouched; handles and typed arrays ride along.
  const outputs = engine().runKernel(name, inputs, attributes as unknown as NamedAttrMap) as Tensor | Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

type Inputs = Readonly<Record<string, TensorInfo>>;

function series(inputs: Inputs): TensorInfo[] {
  return Object.keys(inputs).map((_, index) => inputs[`x${index}`]!);
}

/** What a forward kernel set aside for its gradient, in order. */
function keptOf(inputs: Inputs): TensorInfo[] {
  const kept: TensorInfo[] = [];
  for (let next = inputs['kept0']; next !== undefined; next = inputs[`kept${kept.length}`]) kept.push(next);
  return kept;
}

/** The same as inputs of the gradient's kernel. */
export function keptInputs(kept: readonly Tensor[]): NamedTensorMap {
  return Object.fromEntries(kept.map((tensor, index) => [`kept${index}`, tensor]));
}

/** Puts `pack` behind our kernel names for one tfjs backend, replacing what an earlier device registered. */
export function registerPack(backendName: string, pack: KernelPack): void {
  const table: { [N in KernelName]: (inputs: Inputs, attributes: KernelAttributes[N]) => TensorInfo | TensorInfo[] } = {
    CsrSpMM: (x, a) => pack.spmm(a.matrix, x['dense']!, a.transposed),
    CsrPropagate: (x, a) => pack.propagate(a.matrix, x['dense']!, a.layers, a.transposed),
    PropagateRows: (x, a) => pack.propagateRows(a.matrix, x['table']!, a.view),
    PropagateRowsGrad: (x, a) => pack.propagateRowsGradient(a.matrix, series(x), a.view),
    SpmmRows: (x, a) => pack.spmmRows(a.matrix, x['dense']!, a.rows),
    SpmmRowsGrad: (x, a) => pack.spmmRowsGradient(a.matrix, x['upstream']!, a.rows),
    RowGather: (x, a) => pack.gather(x['table']!, a.parts),
    SegmentSum: (x, a) => pack.segmentSum(series(x), a.parts, a.height),
    InfoNCE: (x, a) => pack.infoNce(x['queries']!, x['keys']!, a.pairs, a.temperature),
    InfoNCEGrad: (x, a) =>
      pack.infoNceGradient(x['upstream']!, x['queries']!, x['keys']!, x['logSumExp']!, a.pairs, a.temperature, keptOf(x)),
    MutualNCE: (x, a) => pack.mutualNce!.forward(x['first']!, x['second']!, a.pairs, a.temperature),
    MutualNCEGrad: (x, a) => pack.mutualNce!.gradient(x['upstream']!, [x['first']!, x['second']!], keptOf(x), a.pairs, a.temperature),
    NormaliseRows: (x, a) => pack.normaliseRows(x['x']!, a.epsilon),
    NormaliseRowsGrad: (x, a) => pack.normaliseRowsGradient(x['upstream']!, x['x']!, a.epsilon),
    BprLoss: (x, a) => pack.bpr(x['users']!, x['positives']!, x['negatives']!, a.epsilon),
    BprLossGrad: (x) => pack.bprGradient(x['upstream']!, x['slope']!, x['users']!, x['positives']!, x['negatives']!),
    Frobenius: (x) => pack.frobenius(x['x']!),
    HalfSquares: (x) => pack.halfSquares(x['x']!),
    LeakyReluGrad: (x, a) => pack.leakyReluGradient(x['upstream']!, x['x']!, a.slope),
    SigmoidGrad: (x) => pack.sigmoidGradient(x['upstream']!, x['output']!),
    TanhGrad: (x) => pack.tanhGradient(x['upstream']!, x['output']!),
  };
  for (const [kernelName, run] of Object.entries(table)) {
    if (getKernel(kernelName, backendName) !== undefined) unregisterKernel(kernelName, backendName);
    const call = run as (inputs: Inputs, attributes: unknown) => TensorInfo | TensorInfo[];
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => call(inputs as Inputs, attrs),
    });
  }
  replaceMatMul(backendName, pack);
  registerGradients();
}

const stockMatMul = new Map<string, KernelConfig>();

/** Our product behind the stock name, so that `matMul` and its gradient use it; stacks of matrices too, where the pack has them; the rest stays stock. */
function replaceMatMul(backendName: string, pack: KernelPack): void {
  const kernelName = 'BatchMatMul';
  const stock = stockMatMul.get(backendName) ?? getKernel(kernelName, backendName);
  stockMatMul.set(backendName, stock);
  unregisterKernel(kernelName, backendName);
  registerKernel({
    ...stock,
    kernelFunc: (call) => {
      const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
      const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
      const isPlain = a.shape.length === 2 && b.shape.length === 2 && a.dtype === 'float32' && b.dtype === 'float32';
      if (isPlain) return pack.matMul(a, b, transposeA, transposeB);
      const isStack = a.shape.length === 3 && b.shape.length === 3 && a.shape[0] === b.shape[0];
      return isStack && pack.batchMatMul !== undefined ? pack.batchMatMul(a, b, transposeA, transposeB) : stock.kernelFunc(call);
    },
  });
}

function one(upstream: Tensor | Tensor[]): Tensor {
  return Array.isArray(upstream) ? upstream[0]! : upstream;
}

/** Gradients of a kernel's outputs as inputs of a kernel, in their order. */
function numbered(upstream: Tensor | Tensor[]): NamedTensorMap {
  return Object.fromEntries([upstream].flat().map((tensor, index) => [`x${index}`, tensor]));
}

/** Gradients belong to kernel names, not to devices: registered once a process. */
function registerGradients(): void {
  if (getGradient('CsrSpMM') !== undefined) return;
  registerStockGradients();
  registerGradient({
    kernelName: 'CsrSpMM',
    gradFunc: (dy, _saved, attrs) => {
      const { matrix, transposed } = attrs as unknown as SpmmAttributes;
      return { dense: () => runKernel('CsrSpMM', { dense: one(dy) }, { matrix, transposed: !transposed })[0]! };
    },
  });
  registerGradient({
    kernelName: 'CsrPropagate',
    gradFunc: (dy, _saved, attrs) => {
      const { matrix, transposed, layers } = attrs as unknown as PropagateAttributes;
      return { dense: () => runKernel('CsrPropagate', { dense: one(dy) }, { matrix, layers, transposed: !transposed })[0]! };
    },
  });
  registerGradient({
    kernelName: 'PropagateRows',
    gradFunc: (dy, _saved, attrs) => ({
      table: () => runKernel('PropagateRowsGrad', numbered(dy), attrs as unknown as PropagateRowsAttributes)[0]!,
    }),
  });
  registerGradient({
    kernelName: 'SpmmRows',
    gradFunc: (dy, _saved, attrs) => ({
      dense: () => runKernel('SpmmRowsGrad', { upstream: one(dy) }, attrs as unknown as SpmmRowsAttributes)[0]!,
    }),
  });
  registerGradient({
    kernelName: 'RowGather',
    gradFunc: (dy, _saved, attrs) => ({ table: () => runKernel('SegmentSum', numbered(dy), attrs as unknown as GatherAttributes)[0]! }),
  });
  registerGradient({
    kernelName: 'SegmentSum',
    gradFunc: (dy, _saved, attrs) => {
      const { parts, height } = attrs as unknown as GatherAttributes;
      return Object.fromEntries(
        parts.map((part, p) => [`x${p}`, () => runKernel('RowGather', { table: one(dy) }, { parts: [part], height })[0]!] as const),
      );
    },
  });
  registerGradient({
    kernelName: 'NormaliseRows',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => runKernel('NormaliseRowsGrad', { upstream: one(dy), x: saved[0]! }, attrs as unknown as EpsilonAttributes)[0]!,
    }),
  });
  registerGradient({
    kernelName: 'BprLoss',
    inputsToSave: ['users', 'positives', 'negatives'],
    outputsToSave: [false, true],
    gradFunc: (dy, saved, attrs) => {
      const [users, positives, negatives, slope] = saved as [Tensor, Tensor, Tensor, Tensor];
      const all = runKernel(
        'BprLossGrad',
        { upstream: one(dy), slope, users, positives, negatives },
        attrs as unknown as EpsilonAttributes,
      );
      return { users: () => all[0]!, positives: () => all[1]!, negatives: () => all[2]! };
    },
  });
  registerGradient({
    kernelName: 'Frobenius',
    inputsToSave: ['x'],
    outputsToSave: [true],
    // At x = 0 the norm is 0 and the gradient is taken as 0: any finite factor times x gives it.
    gradFunc: (dy, saved) => ({ x: () => mul(saved[0]!, div(one(dy), maximum(saved[1]!, 1e-30))) }),
  });
  registerGradient({
    kernelName: 'HalfSquares',
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => ({ x: () => mul(saved[0]!, one(dy)) }),
  });
}
