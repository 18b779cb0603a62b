/** Our kernels behind the pack interface, tensors as pointers into the backend's memory. */
import type { TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { AdamSlot, KernelPack } from '../device.ts';
import {
  jobAdam,
  jobBprGradient,
  jobCopyRuns,
  jobGather,
  jobNormalise,
  jobNormaliseGradient,
  jobPairDifferences,
  jobSegmentSum,
  jobSquares,
  jobUnary,
} from '../kernels/assembly/job-numbers.ts';
import { bprRow } from './reference.ts';
import { batchMatMul, matMul } from './wasm-gemm.ts';
import type { KernelExports, WasmHeap } from './wasm-heap.ts';
import { mutualNce } from './wasm-mutual.ts';
import { infoNce, infoNceGradient } from './wasm-nce.ts';
import { chunksOf } from './wasm-pool.ts';
import type { WasmPool } from './wasm-pool.ts';
import { propagateRows, propagateRowsGradient, runSpmm, spmmRows, spmmRowsGradient } from './wasm-sparse.ts';
import type { WasmMatrix } from './wasm-sparse.ts';

export interface WasmTools {
  readonly heap: WasmHeap;
  readonly kernels: KernelExports;
  readonly pool: WasmPool;
}

/** Values of a chunk of element-wise work: a few tens of microseconds. */
export const valueGrain = 16384;

/** Rows of a chunk of row-wise work. */
export function grainOfRows(width: number): number {
  return Math.max(1, Math.ceil(valueGrain / Math.max(width, 1)));
}

/** Operations of the element-wise job; kernels/assembly/elementwise.ts. */
export const unary = {
  exp: 0,
  sigmoid: 1,
  tanh: 2,
  leakyRelu: 3,
  sigmoidGradient: 4,
  tanhGradient: 5,
  leakyReluGradient: 6,
  negate: 7,
} as const;

/** A new tensor of x's shape: operation of x, of the gradient from above and of a number. */
export function runUnary({ heap, pool }: WasmTools, operation: number, x: TensorInfo, upstream: TensorInfo, by = 0): TensorInfo {
  const out = heap.output(x.shape);
  const count = size(x.shape);
  const chunks = chunksOf(count, valueGrain);
  pool.run(jobUnary, chunks, count, valueGrain, operation, heap.pointerOf(x), heap.pointerOf(upstream), by, heap.pointerOf(out));
  return out;
}

export function wasmPack(tools: WasmTools): KernelPack {
  const { heap, pool } = tools;
  const at = (x: TensorInfo): number => heap.pointerOf(x);
  const scalar = (value: number): TensorInfo => {
    const out = heap.output([]);
    heap.floats(at(out), 1)[0] = value;
    return out;
  };
  const rowWise = (job: number, x: TensorInfo, epsilon: number, upstream: number): TensorInfo => {
    const out = heap.output(x.shape);
    const [rows, width] = x.shape as [number, number];
    const grain = grainOfRows(width);
    pool.run(job, chunksOf(rows, grain), rows, grain, at(x), width, epsilon, at(out), upstream);
    return out;
  };
  return {
    matMul: (a, b, transposeA, transposeB) => matMul(tools, a, b, transposeA, transposeB),
    batchMatMul: (a, b, transposeA, transposeB) => batchMatMul(tools, a, b, transposeA, transposeB),
    spmm: (matrix, dense, transposed) => {
      const csr = (matrix as WasmMatrix).side(transposed);
      const width = dense.shape[1]!;
      const out = heap.output([csr.rows, width]);
      runSpmm(pool, csr, width, at(dense), 0, 1, at(out));
      return out;
    },
    propagate: (matrix, dense, layers, transposed) => {
      const csr = (matrix as WasmMatrix).side(transposed);
      const [rows, width] = dense.shape as [number, number];
      const out = heap.output(dense.shape);
      if (layers === 0) {
        copyRows(tools, rows, width * 4, at(dense), width * 4, at(out), width * 4);
        return out;
      }
      // Horner's rule: h ← dense + G h, the last one scaled; h changes places so that it ends in `out`.
      heap.withScratch((scratch) => {
        const aside = layers > 1 ? scratch.bytes(rows * width * 4) : 0;
        let from = at(dense);
        for (let l = 1; l <= layers; l++) {
          const to = (layers - l) % 2 === 0 ? at(out) : aside;
          runSpmm(pool, csr, width, from, at(dense), l === layers ? 1 / (layers + 1) : 1, to);
          from = to;
        }
      });
      return out;
    },
    propagateRows: (matrix, table, view) => propagateRows(tools, matrix as WasmMatrix, table, view),
    propagateRowsGradient: (matrix, upstream, view) => propagateRowsGradient(tools, matrix as WasmMatrix, upstream, view),
    spmmRows: (matrix, dense, rows) => spmmRows(tools, matrix as WasmMatrix, dense, rows),
    spmmRowsGradient: (matrix, upstream, rows) => spmmRowsGradient(tools, matrix as WasmMatrix, upstream, rows),
    gather: (table, parts) =>
      parts.map((rows) => {
        const width = table.shape[1]!;
        const out = heap.output([rows.length, width]);
        const grain = grainOfRows(width);
        heap.withScratch((scratch) => {
          const ids = scratch.copy(rows);
          pool.run(jobGather, chunksOf(rows.length, grain), rows.length, grain, at(table), width, ids, at(out));
        });
        return out;
      }),
    segmentSum: (values, parts, height) => {
      const width = values[0]!.shape[1]!;
      const out = heap.output([height, width]);
      // Each chunk owns rows of the table and looks at every id, so chunks are larger the more ids there are.
      const ids = parts.reduce((sum, rows) => sum + rows.length, 0);
      const grain = Math.max(grainOfRows(width) * 4, Math.ceil(height / Math.max(8, Math.min(32, 200_000 / Math.max(ids, 1)))));
      heap.withScratch((scratch) =>
        parts.forEach((rows, p) => {
          const places = scratch.copy(rows);
          const clears = p === 0 ? 1 : 0;
          const chunks = chunksOf(height, grain);
          pool.run(jobSegmentSum, chunks, height, grain, at(out), width, at(values[p]!), places, rows.length, clears);
        }),
      );
      return out;
    },
    infoNce: (queries, keys, pairs, temperature) => infoNce(tools, queries, keys, pairs, temperature),
    infoNceGradient: (upstream, queries, keys, logSumExp, pairs, temperature, kept) =>
      infoNceGradient(tools, { upstream, queries, keys, logSumExp, kept }, pairs, temperature),
    mutualNce: mutualNce(tools),
    normaliseRows: (x, epsilon) => rowWise(jobNormalise, x, epsilon, 0),
    normaliseRowsGradient: (upstream, x, epsilon) => rowWise(jobNormaliseGradient, x, epsilon, at(upstream)),
    bpr: (users, positives, negatives, epsilon) => {
      const [rows, width] = users.shape as [number, number];
      const slope = heap.output([rows]);
      const loss = scalar(0);
      heap.withScratch((scratch) => {
        const place = scratch.bytes(rows * 8);
        const grain = grainOfRows(width);
        pool.run(jobPairDifferences, chunksOf(rows, grain), rows, grain, at(users), at(positives), at(negatives), width, place);
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
      const grain = grainOfRows(width);
      const pointers = [slope, users, positives, negatives, ...out].map(at);
      pool.run(jobBprGradient, chunksOf(rows, grain), rows, grain, width, by, ...pointers);
      return [...out];
    },
    frobenius: (x) => scalar(Math.sqrt(sumOfSquares(tools, x))),
    halfSquares: (x) => scalar(sumOfSquares(tools, x) / 2),
    leakyReluGradient: (upstream, x, slope) => runUnary(tools, unary.leakyReluGradient, x, upstream, slope),
    sigmoidGradient: (upstream, y) => runUnary(tools, unary.sigmoidGradient, y, upstream),
    tanhGradient: (upstream, y) => runUnary(tools, unary.tanhGradient, y, upstream),
  };
}

/** In double: each chunk's sum, then those in their order. */
function sumOfSquares({ heap, pool }: WasmTools, x: TensorInfo): number {
  const count = size(x.shape);
  const chunks = chunksOf(count, valueGrain);
  return heap.withScratch((scratch) => {
    const sums = scratch.bytes(chunks * 8);
    pool.run(jobSquares, chunks, count, valueGrain, heap.pointerOf(x), sums);
    return heap.doubles(sums, chunks).reduce((sum, part) => sum + part, 0);
  });
}

/** Copies runs of `bytes` from places `from` bytes apart to places `to` bytes apart. */
export function copyRows({ pool }: WasmTools, rows: number, bytes: number, x: number, from: number, out: number, to: number): void {
  const grain = grainOfRows(bytes / 4);
  pool.run(jobCopyRuns, chunksOf(rows, grain), rows, grain, x, bytes, from, out, to);
}

export function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Moments beside the parameter in wasm memory, both zero at first. */
export function wasmAdamSlot({ heap, pool }: WasmTools, parameter: Variable): AdamSlot {
  const count = parameter.size;
  const moments = heap.allocate(count * 8);
  const [first, second] = [moments, moments + count * 4];
  heap.floats(moments, count * 2).fill(0);
  return {
    apply: (gradient, { beta1, beta2, epsilon, learningRate, step }) => {
      const stepSize = learningRate / (1 - beta1 ** step);
      const inverse = 1 / Math.sqrt(1 - beta2 ** step);
      const tables = [heap.pointerOf(parameter), heap.pointerOf(gradient), first, second];
      const numbers = [beta1, beta2, 1 - beta1, 1 - beta2, stepSize, inverse, epsilon];
      pool.run(jobAdam, chunksOf(count, valueGrain), count, valueGrain, ...tables, ...numbers);
    },
    read: () => ({ first: heap.floats(first, count).slice(), second: heap.floats(second, count).slice() }),
    write: (savedFirst, savedSecond) => {
      heap.write(savedFirst, first);
      heap.write(savedSecond, second);
    },
    dispose: () => heap.free(moments),
  };
}
