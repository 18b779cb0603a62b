/** InfoNCE on wasm: products in blocks that stay in the cache, exponentials kept for the gradient where they are few enough. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { MutualNce, MutualPairs, Pairs } from '../device.ts';
import type { KernelExports, Scratch, WasmHeap } from './wasm-heap.ts';
import { blockRows } from './wasm-products.ts';
import type { Gemm } from './wasm-products.ts';

interface Tools {
  readonly heap: WasmHeap;
  readonly kernels: KernelExports;
  readonly gemm: Gemm;
}

/** Up to this many exponentials (32 MiB) are kept: a batch's. All users against all users are computed again. */
const mostKept = 1 << 23;

/** [loss, log-sum-exp], and where kept: counts·exp(score/τ − largest) [queries, keys], 1/their row sums [queries]. */
export function infoNce(
  { heap, kernels, gemm }: Tools,
  queries: TensorInfo,
  keys: TensorInfo,
  pairs: Pairs,
  temperature: number,
): [TensorInfo, TensorInfo, ...TensorInfo[]] {
  const [rows, width] = queries.shape as [number, number];
  const count = keys.shape[0]!;
  const isKept = rows * count <= mostKept;
  const loss = heap.output([pairs.queryOf.length]);
  const logSumExp = heap.output([rows]);
  const kept = isKept ? [heap.output([rows, count]), heap.output([rows])] : [];
  heap.withScratch((scratch) => {
    const block = blockRows(rows, count);
    const aside = isKept ? heap.pointerOf(kept[0]!) : scratch.bytes(block * count * 4);
    const counts = scratch.copy(pairs.keyCounts);
    const largest = scratch.bytes(rows * 8);
    const sums = scratch.bytes(rows * 8);
    const q = heap.pointerOf(queries);
    const k = heap.pointerOf(keys);
    for (let from = 0; from < rows; from += block) {
      const live = Math.min(block, rows - from);
      const scores = isKept ? aside + from * count * 4 : aside;
      gemm({ m: live, n: count, k: width, a: q + from * width * 4, b: k, transposeB: true, c: scores });
      kernels.expSums(scores, live, count, counts, 1 / temperature, largest + from * 8, sums + from * 8, isKept ? 1 : 0);
    }
    const dots = pairDots({ heap, kernels }, scratch, [q, k], [pairs.queryOf, pairs.keyOf], width);
    const [top, sum] = [heap.doubles(largest, rows), heap.doubles(sums, rows)];
    const exact = Float64Array.from(top, (value, r) => value + Math.log(sum[r]!));
    heap.floats(heap.pointerOf(logSumExp), rows).set(exact);
    if (isKept) heap.floats(heap.pointerOf(kept[1]!), rows).set(sum.map((value) => 1 / value));
    const toLoss = heap.floats(heap.pointerOf(loss), pairs.queryOf.length);
    for (let r = 0; r < toLoss.length; r++) toLoss[r] = exact[pairs.queryOf[r]!]! - dots[r]! / temperature;
  });
  return [loss, logSumExp, ...kept];
}

export function infoNceGradient(
  { heap, kernels, gemm }: Tools,
  tensors: { upstream: TensorInfo; queries: TensorInfo; keys: TensorInfo; logSumExp: TensorInfo; kept: readonly TensorInfo[] },
  pairs: Pairs,
  temperature: number,
): [TensorInfo, TensorInfo] {
  const { upstream, queries, keys, logSumExp, kept } = tensors;
  const [rows, width] = queries.shape as [number, number];
  const count = keys.shape[0]!;
  const [exponentials, inverseSums] = kept;
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
    const perQuery = sumsBy(pairs.queryOf, slopes, rows);
    const inverse = inverseSums === undefined ? undefined : heap.floats(heap.pointerOf(inverseSums), rows);
    const scales = Float32Array.from(perQuery, (value, r) => value * (inverse?.[r] ?? 1));
    const weights = scratch.copy(scales);
    const by = scratch.copy(slopes);
    const q = heap.pointerOf(queries);
    const k = heap.pointerOf(keys);
    for (let from = 0; from < rows; from += block) {
      const live = Math.min(block, rows - from);
      const here = q + from * width * 4;
      if (exponentials === undefined) {
        gemm({ m: live, n: count, k: width, a: here, b: k, transposeB: true, c: scores });
        kernels.shares(scores, live, count, counts, 1 / temperature, heap.pointerOf(logSumExp) + from * 4, weights + from * 4);
      } else {
        kernels.scaleRows(heap.pointerOf(exponentials) + from * count * 4, scores, live, count, weights + from * 4);
      }
      kernels.subtractPairs(scores, from, live, count, queryOf, keyOf, by, pairs.queryOf.length);
      gemm({ m: live, n: width, k: count, a: scores, b: k, c: heap.pointerOf(toQueries) + from * width * 4 });
      gemm({ m: count, n: width, k: live, a: scores, transposeA: true, b: here, c: heap.pointerOf(toKeys), isAdded: from > 0 });
    }
    if (rows === 0) heap.floats(heap.pointerOf(toKeys), count * width).fill(0);
  });
  return [toQueries, toKeys];
}

/**
 * Both directions from one product. Kept: e = exp(score/τ − largest score of all/τ) [first, second], 1/Σ_k secondCounts·e [first],
 * 1/Σ_r firstCounts·e [second]. One shift for all rows serves both directions; the op refuses temperatures at which it would not.
 */
export function mutualNce({ heap, kernels, gemm }: Tools): MutualNce {
  return {
    forward: (first, second, pairs, temperature) => {
      const [rows, width] = first.shape as [number, number];
      const count = second.shape[0]!;
      const losses = heap.output([2 * pairs.firstOf.length]);
      const kept = [heap.output([rows, count]), heap.output([rows]), heap.output([count])] as const;
      heap.withScratch((scratch) => {
        const [a, b, e] = [heap.pointerOf(first), heap.pointerOf(second), heap.pointerOf(kept[0])];
        gemm({ m: rows, n: count, k: width, a, b, transposeB: true, c: e });
        const shift = kernels.largestScore(e, rows * count) / temperature;
        const rowSums = scratch.bytes(rows * 8);
        const keySums = scratch.bytes(count * 8);
        heap.doubles(keySums, count).fill(0);
        const [rowCounts, keyCounts] = [scratch.copy(pairs.firstCounts), scratch.copy(pairs.secondCounts)];
        kernels.expBoth(e, rows, count, 1 / temperature, shift, rowCounts, keyCounts, rowSums, keySums);
        const dots = pairDots({ heap, kernels }, scratch, [a, b], [pairs.firstOf, pairs.secondOf], width);
        const [byRow, byKey] = [heap.doubles(rowSums, rows), heap.doubles(keySums, count)];
        heap.floats(heap.pointerOf(kept[1]), rows).set(byRow.map((value) => 1 / value));
        heap.floats(heap.pointerOf(kept[2]), count).set(byKey.map((value) => 1 / value));
        const size = pairs.firstOf.length;
        const toLoss = heap.floats(heap.pointerOf(losses), 2 * size);
        for (let r = 0; r < size; r++) {
          const rest = shift - dots[r]! / temperature;
          toLoss[r] = Math.log(byRow[pairs.firstOf[r]!]!) + rest;
          toLoss[size + r] = Math.log(byKey[pairs.secondOf[r]!]!) + rest;
        }
      });
      return [losses, ...kept];
    },
    gradient: (upstream, [first, second], kept, pairs, temperature) => {
      const [rows, width] = first.shape as [number, number];
      const count = second.shape[0]!;
      const [toFirst, toSecond] = [heap.output(first.shape), heap.output(second.shape)];
      heap.withScratch((scratch) => {
        const [a, b] = [heap.pointerOf(first), heap.pointerOf(second)];
        const [e, inverseRows, inverseKeys] = kept.map((tensor) => heap.pointerOf(tensor)) as [number, number, number];
        const { slopes, rowScale, keyScale } = mutualSlopes(heap, upstream, pairs, temperature);
        const scaled = (values: Float64Array, pointer: number) => {
          const inverse = heap.floats(pointer, values.length);
          return scratch.copy(Float32Array.from(values, (value, r) => value * inverse[r]!));
        };
        const [byRow, byKey] = [scaled(rowScale, inverseRows), scaled(keyScale, inverseKeys)];
        const [rowCounts, keyCounts] = [scratch.copy(pairs.firstCounts), scratch.copy(pairs.secondCounts)];
        const [firstOf, secondOf, by] = [scratch.copy(pairs.firstOf), scratch.copy(pairs.secondOf), scratch.copy(slopes)];
        const block = blockRows(rows, count);
        const shares = scratch.bytes(block * count * 4);
        for (let from = 0; from < rows; from += block) {
          const live = Math.min(block, rows - from);
          const here = a + from * width * 4;
          kernels.bothShares(e + from * count * 4, shares, live, count, rowCounts + from * 4, byRow + from * 4, keyCounts, byKey);
          kernels.subtractPairs(shares, from, live, count, firstOf, secondOf, by, pairs.firstOf.length);
          gemm({ m: live, n: width, k: count, a: shares, b, c: heap.pointerOf(toFirst) + from * width * 4 });
          gemm({ m: count, n: width, k: live, a: shares, transposeA: true, b: here, c: heap.pointerOf(toSecond), isAdded: from > 0 });
        }
      });
      return [toFirst, toSecond];
    },
  };
}

/** Upstream gradients over τ: of each pair (both directions together), and summed by first row and by second row. */
function mutualSlopes(heap: WasmHeap, upstream: TensorInfo, pairs: MutualPairs, temperature: number) {
  const size = pairs.firstOf.length;
  const all = heap.floats(heap.pointerOf(upstream), 2 * size).map((value) => value / temperature);
  const [asFirst, asSecond] = [all.subarray(0, size), all.subarray(size)];
  return {
    slopes: asFirst.map((value, r) => value + asSecond[r]!),
    rowScale: sumsBy(pairs.firstOf, asFirst, pairs.firstCounts.length),
    keyScale: sumsBy(pairs.secondOf, asSecond, pairs.secondCounts.length),
  };
}

function sumsBy(places: Int32Array, values: Float32Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  for (let r = 0; r < places.length; r++) sums[places[r]!] = sums[places[r]!]! + values[r]!;
  return sums;
}

/** Dot products of the paired rows, in double. Copied out of wasm memory, which may grow. */
function pairDots(
  { heap, kernels }: Pick<Tools, 'heap' | 'kernels'>,
  scratch: Scratch,
  [a, b]: readonly [number, number],
  [rowsA, rowsB]: readonly [Int32Array, Int32Array],
  width: number,
): Float64Array {
  const dots = scratch.bytes(rowsA.length * 8);
  kernels.rowDots(a, scratch.copy(rowsA), b, scratch.copy(rowsB), width, rowsA.length, dots);
  return heap.doubles(dots, rowsA.length).slice();
}
