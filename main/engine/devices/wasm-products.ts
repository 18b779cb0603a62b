/** Dense products on wasm: GEMM, InfoNCE around it, and masked ranking. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Mask, Pairs, Ranked } from '../device.ts';
import type { KernelExports, WasmHeap } from './wasm-heap.ts';

/** Rows of a block of scores: its floats stay within the second-level cache. */
const blockFloats = 1 << 18;

/** C = A·B or C += A·B; see the gemm kernel. */
export type Gemm = (by: {
  m: number;
  n: number;
  k: number;
  a: number;
  transposeA?: boolean;
  b: number;
  transposeB?: boolean;
  c: number;
  isAdded?: boolean;
}) => void;

/** The product with its packing scratch bound; `scratch` lives as long as the device. */
export function makeGemm(kernels: KernelExports, scratch: number): Gemm {
  return ({ m, n, k, a, transposeA, b, transposeB, c, isAdded }) =>
    kernels.gemm(m, n, k, a, transposeA === true ? 1 : 0, b, transposeB === true ? 1 : 0, c, isAdded === true ? 1 : 0, scratch);
}

/** Tensors in, a new tensor out. */
export function matMul(heap: WasmHeap, gemm: Gemm, a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): TensorInfo {
  const [m, k] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [inner, n] = transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (k !== inner) throw new RangeError(`matMul: [${m}, ${k}] times [${inner}, ${n}]`);
  const out = heap.output([m, n]);
  gemm({ m, n, k, a: heap.pointerOf(a), transposeA, b: heap.pointerOf(b), transposeB, c: heap.pointerOf(out) });
  return out;
}

function blockRows(rows: number, keys: number): number {
  return Math.min(rows, Math.max(32, Math.floor(blockFloats / Math.max(keys, 1))));
}

export function infoNce(
  { heap, kernels, gemm }: { heap: WasmHeap; kernels: KernelExports; gemm: Gemm },
  queries: TensorInfo,
  keys: TensorInfo,
  pairs: Pairs,
  temperature: number,
): [TensorInfo, TensorInfo] {
  const [rows, width] = queries.shape as [number, number];
  const count = keys.shape[0]!;
  const loss = heap.output([pairs.queryOf.length]);
  const logSumExp = heap.output([rows]);
  heap.withScratch((scratch) => {
    const block = blockRows(rows, count);
    const scores = scratch.bytes(block * count * 4);
    const counts = scratch.copy(pairs.keyCounts);
    const largest = scratch.bytes(rows * 8);
    const sums = scratch.bytes(rows * 8);
    const q = heap.pointerOf(queries);
    const k = heap.pointerOf(keys);
    for (let from = 0; from < rows; from += block) {
      const live = Math.min(block, rows - from);
      gemm({ m: live, n: count, k: width, a: q + from * width * 4, b: k, transposeB: true, c: scores });
      kernels.expSums(scores, live, count, counts, 1 / temperature, largest + from * 8, sums + from * 8);
    }
    const dots = scratch.bytes(pairs.queryOf.length * 8);
    kernels.rowDots(q, scratch.copy(pairs.queryOf), k, scratch.copy(pairs.keyOf), width, pairs.queryOf.length, dots);
    const [top, sum] = [heap.doubles(largest, rows), heap.doubles(sums, rows)];
    const exact = Float64Array.from(top, (value, r) => value + Math.log(sum[r]!));
    heap.floats(heap.pointerOf(logSumExp), rows).set(exact);
    const toLoss = heap.floats(heap.pointerOf(loss), pairs.queryOf.length);
    const along = heap.doubles(dots, pairs.queryOf.length);
    for (let r = 0; r < toLoss.length; r++) toLoss[r] = exact[pairs.queryOf[r]!]! - along[r]! / temperature;
  });
  return [loss, logSumExp];
}

export function infoNceGradient(
  { heap, kernels, gemm }: { heap: WasmHeap; kernels: KernelExports; gemm: Gemm },
  tensors: { upstream: TensorInfo; queries: TensorInfo; keys: TensorInfo; logSumExp: TensorInfo },
  pairs: Pairs,
  temperature: number,
): [TensorInfo, TensorInfo] {
  const { upstream, queries, keys, logSumExp } = tensors;
  const [rows, width] = queries.shape as [number, number];
  const count = keys.shape[0]!;
  const toQueries = heap.output(queries.shape);
  const toKeys = heap.output(keys.shape);
  heap.withScratch((scratch) => {
    const block = blockRows(rows, count);
    const scores = scratch.bytes(block * count * 4);
    const counts = scratch.copy(pairs.keyCounts);
    const queryOf = scratch.copy(pairs.queryOf);
    const keyOf = scratch.copy(pairs.keyOf);
    // Weight of a query's shares: the upstream gradients of its pairs, over τ.
    const slopes = heap.floats(heap.pointerOf(upstream), pairs.queryOf.length).map((value) => value / temperature);
    const perQuery = new Float64Array(rows);
    slopes.forEach((value, r) => (perQuery[pairs.queryOf[r]!]! += value));
    const weights = scratch.copy(Float32Array.from(perQuery));
    const by = scratch.copy(slopes);
    const q = heap.pointerOf(queries);
    const k = heap.pointerOf(keys);
    for (let from = 0; from < rows; from += block) {
      const live = Math.min(block, rows - from);
      const here = q + from * width * 4;
      gemm({ m: live, n: count, k: width, a: here, b: k, transposeB: true, c: scores });
      kernels.shares(scores, live, count, counts, 1 / temperature, heap.pointerOf(logSumExp) + from * 4, weights + from * 4);
      kernels.subtractPairs(scores, from, live, count, queryOf, keyOf, by, pairs.queryOf.length);
      gemm({ m: live, n: width, k: count, a: scores, b: k, c: heap.pointerOf(toQueries) + from * width * 4 });
      gemm({ m: count, n: width, k: live, a: scores, transposeA: true, b: here, c: heap.pointerOf(toKeys), isAdded: from > 0 });
    }
    if (rows === 0) heap.floats(heap.pointerOf(toKeys), count * width).fill(0);
  });
  return [toQueries, toKeys];
}

/** See ops/top-k.ts. Blocks of users × items pass by a list of the k best per user. */
export function topK(
  { heap, kernels, gemm }: { heap: WasmHeap; kernels: KernelExports; gemm: Gemm },
  users: TensorInfo,
  items: TensorInfo,
  mask: Mask,
  k: number,
): Ranked {
  const [rows, width] = users.shape as [number, number];
  const count = items.shape[0]!;
  const itemBlock = Math.min(count, 1024);
  const userBlock = Math.min(rows, 256);
  return heap.withScratch((scratch) => {
    const scores = scratch.bytes(userBlock * itemBlock * 4);
    const ids = scratch.bytes(rows * k * 4);
    const best = scratch.bytes(rows * k * 4);
    const offsets = scratch.copy(mask.offsets);
    const hidden = scratch.copy(mask.indices);
    heap.ints(ids, rows * k).fill(-1);
    heap.floats(best, rows * k).fill(-Infinity);
    for (let r = 0; r < rows; r += userBlock) {
      const live = Math.min(userBlock, rows - r);
      for (let i = 0; i < count; i += itemBlock) {
        const columns = Math.min(itemBlock, count - i);
        const a = heap.pointerOf(users) + r * width * 4;
        const b = heap.pointerOf(items) + i * width * 4;
        gemm({ m: live, n: columns, k: width, a, b, transposeB: true, c: scores });
        kernels.hide(scores, live, r, i, columns, offsets, hidden);
        kernels.select(scores, live, columns, i, k, ids + r * k * 4, best + r * k * 4);
      }
    }
    return { items: heap.ints(ids, rows * k).slice(), scores: heap.floats(best, rows * k).slice() };
  });
}
