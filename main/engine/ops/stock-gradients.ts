/**
 * Gradients of the stock kernels behind the allow-list. The Node build of tfjs-core registers none (they live in a file that only its
 * browser bundles load), so we bring those we use; an op outside the list then fails in training instead of running slowly.
 */
import {
  add,
  cast,
  concat,
  div,
  engine,
  greater,
  lessEqual,
  greaterEqual,
  matMul,
  mul,
  neg,
  pad,
  registerGradient,
  reshape,
  sigmoid,
  slice,
  step,
  sub,
  sum,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import type { GradFunc, Tensor } from '@tensorflow/tfjs-core';

function one(upstream: Tensor | Tensor[]): Tensor {
  return Array.isArray(upstream) ? upstream[0]! : upstream;
}

/** Undoes broadcasting: sums `x` over the axes along which an operand of `shape` was repeated. */
function reduceTo(x: Tensor, shape: readonly number[]): Tensor {
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) => (axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : []));
  return reshape(axes.length === 0 ? x : sum(x, axes), [...shape]);
}

type Rule = (dy: Tensor, saved: readonly Tensor[], attributes: Readonly<Record<string, unknown>>) => Record<string, () => Tensor>;

interface Entry {
  readonly inputs?: readonly string[];
  readonly output?: boolean;
  readonly rule: Rule;
}

const binary = ['a', 'b'] as const;

const rules: Readonly<Record<string, Entry>> = {
  Add: {
    inputs: binary,
    rule: (dy, [a, b]) => ({ a: () => reduceTo(dy, a!.shape), b: () => reduceTo(dy, b!.shape) }),
  },
  Sub: {
    inputs: binary,
    rule: (dy, [a, b]) => ({ a: () => reduceTo(dy, a!.shape), b: () => neg(reduceTo(dy, b!.shape)) }),
  },
  Multiply: {
    inputs: binary,
    rule: (dy, [a, b]) => ({
      a: () => reduceTo(mul(dy, b!), a!.shape),
      b: () => reduceTo(mul(dy, a!), b!.shape),
    }),
  },
  RealDiv: {
    inputs: binary,
    rule: (dy, [a, b]) => ({
      a: () => reduceTo(div(dy, b!), a!.shape),
      b: () => neg(reduceTo(div(mul(dy, a!), mul(b!, b!)), b!.shape)),
    }),
  },
  // At a tie the gradient goes to a, as in the stock rules.
  Maximum: {
    inputs: binary,
    rule: (dy, [a, b]) => ({
      a: () => reduceTo(mul(dy, cast(greaterEqual(a!, b!), 'float32')), a!.shape),
      b: () => reduceTo(mul(dy, cast(greater(b!, a!), 'float32')), b!.shape),
    }),
  },
  Minimum: {
    inputs: binary,
    rule: (dy, [a, b]) => ({
      a: () => reduceTo(mul(dy, cast(lessEqual(a!, b!), 'float32')), a!.shape),
      b: () => reduceTo(mul(dy, cast(greater(a!, b!), 'float32')), b!.shape),
    }),
  },
  Neg: { rule: (dy) => ({ x: () => neg(dy) }) },
  Abs: { inputs: ['x'], rule: (dy, [x]) => ({ x: () => mul(dy, sub(step(x!), step(neg(x!)))) }) },
  Exp: { output: true, rule: (dy, [y]) => ({ x: () => mul(dy, y!) }) },
  Log: { inputs: ['x'], rule: (dy, [x]) => ({ x: () => div(dy, x!) }) },
  Sqrt: { output: true, rule: (dy, [y]) => ({ x: () => div(dy, mul(y!, 2)) }) },
  Square: { inputs: ['x'], rule: (dy, [x]) => ({ x: () => mul(dy, mul(x!, 2)) }) },
  Relu: { inputs: ['x'], rule: (dy, [x]) => ({ x: () => mul(dy, step(x!)) }) },
  LeakyRelu: {
    inputs: ['x'],
    rule: (dy, [x], { alpha }) => ({ x: () => leakyReluGradient(dy, x!, alpha as number) }),
  },
  Softplus: { inputs: ['x'], rule: (dy, [x]) => ({ x: () => mul(dy, sigmoid(x!)) }) },
  Sigmoid: { output: true, rule: (dy, [y]) => ({ x: () => runGradient('SigmoidGrad', dy, y!) }) },
  Tanh: { output: true, rule: (dy, [y]) => ({ x: () => runGradient('TanhGrad', dy, y!) }) },
  Softmax: {
    output: true,
    rule: (dy, [y], { dim }) => ({
      logits: () => {
        const weighted = mul(dy, y!);
        return sub(weighted, mul(sum(weighted, [dim as number], true), y!));
      },
    }),
  },
  Identity: { rule: (dy) => ({ x: () => dy.clone() }) },
  Cast: { rule: (dy) => ({ x: () => dy.clone() }) },
  Reshape: { inputs: ['x'], rule: (dy, [x]) => ({ x: () => reshape(dy, x!.shape) }) },
  ExpandDims: { inputs: ['input'], rule: (dy, [input]) => ({ input: () => reshape(dy, input!.shape) }) },
  Transpose: {
    rule: (dy, _saved, { perm }) => {
      const back: number[] = [];
      (perm as number[]).forEach((from, to) => (back[from] = to));
      return { x: () => transpose(dy, back) };
    },
  },
  Sum: {
    inputs: ['x'],
    rule: (dy, [x], { axis }) => ({
      x: () => {
        // No axis means all of them.
        const given = axis === undefined || axis === null ? x!.shape.map((_, a) => a) : [axis as number | number[]].flat();
        const axes = new Set(given.map((a) => (a < 0 ? a + x!.rank : a)));
        const kept = x!.shape.map((size, i) => (axes.has(i) ? 1 : size));
        // Broadcasting an addition: the stock Tile kernel copies float by float.
        return add(zeros(x!.shape), reshape(dy, kept));
      },
    }),
  },
  Slice: {
    inputs: ['x'],
    rule: (dy, [x], { begin, size }) => {
      const from = begin as number[];
      const counts = size as number[];
      const paddings = x!.shape.map((extent, axis): [number, number] => {
        const count = counts[axis]! < 0 ? extent - from[axis]! : counts[axis]!;
        return [from[axis]!, extent - from[axis]! - count];
      });
      return { x: () => pad(dy, paddings) };
    },
  },
  BatchMatMul: {
    inputs: binary,
    rule: (dy, [a, b], { transposeA, transposeB }) => {
      if (transposeA === true && transposeB === true) {
        return { a: () => matMul(b!, dy, true, true), b: () => matMul(dy, a!, true, true) };
      }
      if (transposeA === true) return { a: () => matMul(b!, dy, false, true), b: () => matMul(a!, dy) };
      if (transposeB === true) return { a: () => matMul(dy, b!), b: () => matMul(dy, a!, true, false) };
      return { a: () => matMul(dy, b!, false, true), b: () => matMul(a!, dy, true, false) };
    },
  },
};

function runGradient(kernel: 'SigmoidGrad' | 'TanhGrad', upstream: Tensor, output: Tensor): Tensor {
  return engine().runKernel(kernel, { upstream, output }) as unknown as Tensor;
}

function leakyReluGradient(upstream: Tensor, x: Tensor, slope: number): Tensor {
  return engine().runKernel('LeakyReluGrad', { upstream, x }, { slope }) as unknown as Tensor;
}

/** Registers every gradient of this file; tfjs replaces what it had. */
export function registerStockGradients(): void {
  for (const [kernelName, { inputs, output, rule }] of Object.entries(rules)) {
    const gradFunc: GradFunc = (dy, saved, attrs) => rule(one(dy), saved, attrs as unknown as Readonly<Record<string, unknown>>);
    registerGradient({
      kernelName,
      ...(inputs === undefined ? {} : { inputsToSave: [...inputs] }),
      ...(output === true ? { outputsToSave: [true] } : {}),
      gradFunc,
    });
  }
  // Kernels that take or give a list of tensors.
  registerGradient({
    kernelName: 'AddN',
    saveAllInputs: true,
    gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, i) => [String(i), () => one(dy).clone()])),
  });
  registerGradient({
    kernelName: 'Concat',
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      const axis = ((attrs as unknown as { axis: number }).axis + saved[0]!.rank) % saved[0]!.rank;
      let from = 0;
      const entries = saved.map((input, index) => {
        const begin = input.shape.map((_, a) => (a === axis ? from : 0));
        from += input.shape[axis]!;
        return [String(index), () => slice(one(dy), begin, input.shape)] as const;
      });
      return Object.fromEntries(entries);
    },
  });
  registerGradient({
    kernelName: 'SplitV',
    gradFunc: (dy, _saved, attrs) => ({ x: () => concat(Array.isArray(dy) ? dy : [dy], (attrs as unknown as { axis: number }).axis) }),
  });
}
