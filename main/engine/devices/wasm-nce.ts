/** InfoNCE on wasm: chunks of queries whose scores stay in the cache, exponentials kept for the gradient where they are few enough. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Pairs } from '../device.ts';
import { jobBinaryGrid, jobLessPairs, jobNceForward, jobNceShares, jobRowDots } from '../kernels/assembly/job-numbers.ts';
import { gemm, pack, packedBytes, rowGrain } from './wasm-gemm.ts';
import type { Scratch } from './wasm-heap.ts';
import { grainOfRows } from './wasm-pack.ts';
import type { WasmTools } from './wasm-pack.ts';
import { chunksOf } from './wasm-pool.ts';

/** Up to this many exponentials (32 MiB) are kept: a batch's. All users against all users are computed again, in blocks of so many. */
const mostKept = 1 << 23;

/** Rows of a table that one chunk goes through all pairs for. */
const rowsOfPairs = 256;
/** Operation of the grid job; kernels/assembly/binary.ts. */
const multiply = 2;

/** Queries whose scores against `keys` are held at once. */
function blockRows(queries: number, keys: number): number {
  return Math.min(queries, Math.max(64, Math.floor(mostKept / Math.max(keys, 1))));
}

/** [loss, log-sum-exp], and where kept: counts·exp(score/τ − largest) [queries, keys], 1/their row sums [queries]. */
export function infoNce(
  tools: WasmTools,
  queries: TensorInfo,
  keys: TensorInfo,
  pairs: Pairs,
  temperature: number,
): [TensorInfo, TensorInfo, ...TensorInfo[]] {
  const { heap, pool } = tools;
  const [rows, width] = queries.shape as [number, number];
  const count = keys.shape[0]!;
  const isKept = rows * count <= mostKept;
  const loss = heap.output([pairs.queryOf.length]);
  const logSumExp = heap.output([rows]);
  const kept = isKept ? [heap.output([rows, count]), heap.output([rows])] : [];
  heap.withScratch((scratch) => {
    const block = blockRows(rows, count);
    const scores = isKept ? heap.pointerOf(kept[0]!) : scratch.bytes(block * count * 4);
    const counts = scratch.copy(pairs.keyCounts);
    const [largest, sums] = [scratch.bytes(rows * 8), scratch.bytes(rows * 8)];
    const [q, k] = [heap.pointerOf(queries), heap.pointerOf(keys)];
    const packed = scratch.bytes(packedBytes(width, count));
    pack(pool, k, width, count, true, packed);
    const grain = rowGrain(count * width);
    for (let from = 0; from < rows; from += block) {
      const live = Math.min(block, rows - from);
      const here = q + from * width * 4;
      const out = [largest + from * 8, sums + from * 8, scores];
      pool.run(jobNceForward, chunksOf(live, grain), live, grain, here, width, packed, count, counts, 1 / temperature, ...out);
    }
    const dots = pairDots(tools, scratch, [q, k], [pairs.queryOf, pairs.keyOf], width);
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
  tools: WasmTools,
  tensors: { upstream: TensorInfo; queries: TensorInfo; keys: TensorInfo; logSumExp: TensorInfo; kept: readonly TensorInfo[] },
  pairs: Pairs,
  temperature: number,
): [TensorInfo, TensorInfo] {
  const { heap, pool } = tools;
  const { upstream, queries, keys, logSumExp, kept } = tensors;
  const [rows, width] = queries.shape as [number, number];
  const count = keys.shape[0]!;
  const [exponentials, inverseSums] = kept;
  const [toQueries, toKeys] = [heap.output(queries.shape), heap.output(keys.shape)];
  heap.withScratch((scratch) => {
    const block = blockRows(rows, count);
    // Weight of a query's shares: the upstream gradients of its pairs, over τ.
    const bySlope = heap.floats(heap.pointerOf(upstream), pairs.queryOf.length).map((value) => value / temperature);
    const perQuery = sumsBy(pairs.queryOf, bySlope, rows);
    const inverse = inverseSums === undefined ? undefined : heap.floats(heap.pointerOf(inverseSums), rows);
    const weights = scratch.copy(Float32Array.from(perQuery, (value, r) => value * (inverse?.[r] ?? 1)));
    const [q, k] = [heap.pointerOf(queries), heap.pointerOf(keys)];
    const [ofQueries, ofKeys] = [heap.pointerOf(toQueries), heap.pointerOf(toKeys)];
    const weighted = scratch.bytes(rows * width * 4);
    const rowsAtOnce = grainOfRows(width);
    pool.run(jobBinaryGrid, chunksOf(rows, rowsAtOnce), rows, rowsAtOnce, multiply, q, weights, weighted, width, width * 4, 4, 4, 0);
    // Computed again block by block where they were not kept.
    const again = exponentials === undefined ? scratch.bytes(block * count * 4) : 0;
    const [counts, packed] = again === 0 ? [0, 0] : [scratch.copy(pairs.keyCounts), scratch.bytes(packedBytes(width, count))];
    if (again !== 0) pack(pool, k, width, count, true, packed);
    const grain = rowGrain(count * width);
    for (let from = 0; from < rows; from += block) {
      const live = Math.min(block, rows - from);
      const shift = from * width * 4;
      const e = exponentials === undefined ? again : heap.pointerOf(exponentials) + from * count * 4;
      if (again !== 0) {
        const logSums = heap.pointerOf(logSumExp) + from * 4;
        pool.run(jobNceShares, chunksOf(live, grain), live, grain, q + shift, width, packed, count, counts, 1 / temperature, logSums, e);
      }
      gemm(tools, { m: live, n: width, k: count, a: e, b: k, c: ofQueries + shift });
      gemm(tools, { m: count, n: width, k: live, a: e, transposeA: true, b: weighted + shift, c: ofKeys, isAdded: from > 0 });
    }
    if (rows === 0) heap.floats(ofKeys, count * width).fill(0);
    const [queryOf, keyOf, by] = [scratch.copy(pairs.queryOf), scratch.copy(pairs.keyOf), scratch.copy(bySlope)];
    const size = pairs.queryOf.length;
    pool.run(jobLessPairs, chunksOf(rows, rowsOfPairs), rows, rowsOfPairs, ofQueries, width, weights, queryOf, k, keyOf, by, size);
    pool.run(jobLessPairs, chunksOf(count, rowsOfPairs), count, rowsOfPairs, ofKeys, width, 0, keyOf, q, queryOf, by, size);
  });
  return [toQueries, toKeys];
}

/** The values added up by the row each belongs to. */
export function sumsBy(places: Int32Array, values: Float32Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  for (let r = 0; r < places.length; r++) sums[places[r]!] = sums[places[r]!]! + values[r]!;
  return sums;
}

/** Dot products of the paired rows, in double, as a copy. */
export function pairDots(
  { heap, pool }: WasmTools,
  scratch: Scratch,
  [a, b]: readonly [number, number],
  [rowsA, rowsB]: readonly [Int32Array, Int32Array],
  width: number,
): Float64Array {
  const count = rowsA.length;
  const dots = scratch.bytes(count * 8);
  const grain = grainOfRows(width);
  pool.run(jobRowDots, chunksOf(count, grain), count, grain, a, scratch.copy(rowsA), b, scratch.copy(rowsB), width, dots);
  return heap.doubles(dots, count).slice();
}
