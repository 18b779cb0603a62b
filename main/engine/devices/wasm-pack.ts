/** Our kernels behind the pack interface, tensors as pointers into the backend's memory. */
import type { Variable } from '@tensorflow/tfjs-core';
import type { AdamSlot, KernelPack } from '../device.ts';
import { bprRow } from './reference.ts';
import type { KernelExports, WasmHeap } from './wasm-heap.ts';
import { infoNce, infoNceGradient, mutualNce } from './wasm-nce.ts';
import { matMul } from './wasm-products.ts';
import type { Gemm } from './wasm-products.ts';
import type { WasmMatrix } from './wasm-sparse.ts';

export interface WasmTools {
  readonly heap: WasmHeap;
  readonly kernels: KernelExports;
  readonly gemm: Gemm;
}

export function wasmPack(tools: WasmTools): KernelPack {
  const { heap, kernels, gemm } = tools;
  const at = (x: Parameters<WasmHeap['pointerOf']>[0]): number => heap.pointerOf(x);
  const elementwise = (run: (upstream: number, y: number, count: number, out: number) => void): KernelPack['sigmoidGradient'] => {
    return (upstream, y) => {
      const out = heap.output(y.shape);
      run(at(upstream), at(y), size(y.shape), at(out));
      return out;
    };
  };
  const scalar = (value: number): ReturnType<WasmHeap['output']> => {
    const out = heap.output([]);
    heap.floats(at(out), 1)[0] = value;
    return out;
  };
  return {
    matMul: (a, b, transposeA, transposeB) => matMul(heap, gemm, a, b, transposeA, transposeB),
    spmm: (matrix, dense, transposed) => {
      const csr = (matrix as WasmMatrix).side(transposed);
      const width = dense.shape[1]!;
      const out = heap.output([csr.rows, width]);
      kernels.spmm(csr.rows, width, csr.offsets, csr.indices, csr.values, at(dense), 0, 1, at(out));
      return out;
    },
    propagate: (matrix, dense, layers, transposed) => {
      const csr = (matrix as WasmMatrix).side(transposed);
      const [rows, width] = dense.shape as [number, number];
      const out = heap.output(dense.shape);
      if (layers === 0) {
        heap.floats(at(out), rows * width).set(heap.floats(at(dense), rows * width));
        return out;
      }
      // Horner's rule: h ← dense + G h, the last one scaled; h changes places so that it ends in `out`.
      heap.withScratch((scratch) => {
        const aside = layers > 1 ? scratch.bytes(rows * width * 4) : 0;
        let from = at(dense);
        for (let l = 1; l <= layers; l++) {
          const to = (layers - l) % 2 === 0 ? at(out) : aside;
          const scale = l === layers ? 1 / (layers + 1) : 1;
          kernels.spmm(rows, width, csr.offsets, csr.indices, csr.values, from, at(dense), scale, to);
          from = to;
        }
      });
      return out;
    },
    gather: (table, parts) =>
      parts.map((rows) => {
        const width = table.shape[1]!;
        const out = heap.output([rows.length, width]);
        heap.withScratch((scratch) => kernels.gatherRows(at(table), width, scratch.copy(rows), rows.length, at(out)));
        return out;
      }),
    segmentSum: (values, parts, height) => {
      const width = values[0]!.shape[1]!;
      const out = heap.output([height, width]);
      heap.floats(at(out), height * width).fill(0);
      heap.withScratch((scratch) =>
        parts.forEach((rows, p) => kernels.addRows(at(values[p]!), width, scratch.copy(rows), rows.length, at(out))),
      );
      return out;
    },
    infoNce: (queries, keys, pairs, temperature) => infoNce(tools, queries, keys, pairs, temperature),
    infoNceGradient: (upstream, queries, keys, logSumExp, pairs, temperature, kept) =>
      infoNceGradient(tools, { upstream, queries, keys, logSumExp, kept }, pairs, temperature),
    mutualNce: mutualNce(tools),
    normaliseRows: (x, epsilon) => {
      const out = heap.output(x.shape);
      kernels.normaliseRows(at(x), x.shape[1]!, x.shape[0]!, epsilon, at(out));
      return out;
    },
    normaliseRowsGradient: (upstream, x, epsilon) => {
      const out = heap.output(x.shape);
      kernels.normaliseRowsGradient(at(upstream), at(x), x.shape[1]!, x.shape[0]!, epsilon, at(out));
      return out;
    },
    bpr: (users, positives, negatives, epsilon) => {
      const [rows, width] = users.shape as [number, number];
      const slope = heap.output([rows]);
      const loss = scalar(0);
      heap.withScratch((scratch) => {
        const place = scratch.bytes(rows * 8);
        kernels.pairDifferences(at(users), at(positives), at(negatives), width, rows, place);
        const differences = heap.doubles(place, rows);
        const slopes = heap.floats(at(slope), rows);
        // exp and log of a few thousand doubles: V8's own are exact enough and cost less than a table in wasm.
        let sum = 0;
        for (let r = 0; r < rows; r++) {
          const row = bprRow(differences[r]!, epsilon);
          sum += row.loss;
          slopes[r] = row.slope / rows;
        }
        heap.floats(at(loss), 1)[0] = sum / rows;
      });
      return [loss, slope];
    },
    bprGradient: (upstream, slope, users, positives, negatives) => {
      const [rows, width] = users.shape as [number, number];
      const out = [heap.output(users.shape), heap.output(users.shape), heap.output(users.shape)] as const;
      const by = heap.floats(at(upstream), 1)[0]!;
      const to = out.map(at) as [number, number, number];
      kernels.bprGradient(by, at(slope), at(users), at(positives), at(negatives), width, rows, ...to);
      return [...out];
    },
    frobenius: (x) => scalar(Math.sqrt(kernels.sumOfSquares(at(x), size(x.shape)))),
    halfSquares: (x) => scalar(kernels.sumOfSquares(at(x), size(x.shape)) / 2),
    leakyReluGradient: (upstream, x, slope) => {
      const out = heap.output(x.shape);
      kernels.leakyReluGradient(at(upstream), at(x), size(x.shape), slope, at(out));
      return out;
    },
    sigmoidGradient: elementwise((upstream, y, count, out) => kernels.sigmoidGradient(upstream, y, count, out)),
    tanhGradient: elementwise((upstream, y, count, out) => kernels.tanhGradient(upstream, y, count, out)),
  };
}

export function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Moments beside the parameter in wasm memory, both zero at first. */
export function wasmAdamSlot({ heap, kernels }: WasmTools, parameter: Variable): AdamSlot {
  const count = parameter.size;
  const moments = heap.allocate(count * 8);
  const [first, second] = [moments, moments + count * 4];
  heap.floats(moments, count * 2).fill(0);
  return {
    apply: (gradient, { beta1, beta2, epsilon, learningRate, step }) => {
      const stepSize = learningRate / (1 - beta1 ** step);
      const inverse = 1 / Math.sqrt(1 - beta2 ** step);
      const [p, g] = [heap.pointerOf(parameter), heap.pointerOf(gradient)];
      kernels.adam(count, p, g, first, second, beta1, beta2, 1 - beta1, 1 - beta2, stepSize, inverse, epsilon);
    },
    read: () => ({ first: heap.floats(first, count).slice(), second: heap.floats(second, count).slice() }),
    write: (savedFirst, savedSecond) => {
      heap.write(savedFirst, first);
      heap.write(savedSecond, second);
    },
    dispose: () => heap.free(moments),
  };
}
