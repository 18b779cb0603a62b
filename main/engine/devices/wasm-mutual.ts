/** Both directions of InfoNCE from one product, on wasm. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { MutualNce, MutualPairs } from '../device.ts';
import { jobAddDoubles, jobMutualForward, jobMutualGradient } from '../kernels/assembly/job-numbers.ts';
import { gemm, pack, packedBytes, rowGrain } from './wasm-gemm.ts';
import type { WasmHeap } from './wasm-heap.ts';
import { pairDots, sumsBy } from './wasm-nce.ts';
import type { WasmTools } from './wasm-pack.ts';
import { chunksOf } from './wasm-pool.ts';

const keysOfSums = 512;

/**
 * Kept: e = exp(score/τ − 1/τ) [first, second], 1/Σ_k secondCounts·e [first], 1/Σ_r firstCounts·e [second]. The score of unit rows is
 * at most 1, and that one shift serves both directions; the op refuses temperatures at which it would not.
 */
export function mutualNce(tools: WasmTools): MutualNce {
  const { heap, pool } = tools;
  return {
    forward: (first, second, pairs, temperature) => {
      const [rows, width] = first.shape as [number, number];
      const count = second.shape[0]!;
      const losses = heap.output([2 * pairs.firstOf.length]);
      const kept = [heap.output([rows, count]), heap.output([rows]), heap.output([count])] as const;
      heap.withScratch((scratch) => {
        const [a, b, e] = [heap.pointerOf(first), heap.pointerOf(second), heap.pointerOf(kept[0])];
        const shift = 1 / temperature;
        const packed = scratch.bytes(packedBytes(width, count));
        pack(pool, b, width, count, true, packed);
        const grain = rowGrain(count * width);
        const chunks = chunksOf(rows, grain);
        const [rowSums, keySums] = [scratch.bytes(rows * 8), scratch.bytes(count * 8)];
        const parts = scratch.bytes(chunks * count * 8);
        const counts = [scratch.copy(pairs.firstCounts), scratch.copy(pairs.secondCounts)];
        const out = [e, rowSums, parts];
        pool.run(jobMutualForward, chunks, rows, grain, a, width, packed, count, 1 / temperature, shift, ...counts, ...out);
        pool.run(jobAddDoubles, chunksOf(count, keysOfSums), count, keysOfSums, parts, chunks, keySums, 0);
        const dots = pairDots(tools, scratch, [a, b], [pairs.firstOf, pairs.secondOf], width);
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
        const { slopes: bySlope, rowScale, keyScale } = mutualSlopes(heap, upstream, pairs, temperature);
        const scaled = (values: Float64Array, pointer: number) => {
          const inverse = heap.floats(pointer, values.length);
          return scratch.copy(Float32Array.from(values, (value, r) => value * inverse[r]!));
        };
        const ofRows = [scratch.copy(pairs.firstCounts), scaled(rowScale, inverseRows)];
        const ofKeys = [scratch.copy(pairs.secondCounts), scaled(keyScale, inverseKeys)];
        const pairsOf = [pairs.firstOf.length, scratch.copy(pairs.firstOf), scratch.copy(pairs.secondOf), scratch.copy(bySlope)];
        const slopes = scratch.bytes(rows * count * 4);
        const packed = scratch.bytes(packedBytes(count, width));
        pack(pool, b, count, width, false, packed);
        const grain = rowGrain(count * width);
        const out = [slopes, packed, heap.pointerOf(toFirst), ...pairsOf];
        pool.run(jobMutualGradient, chunksOf(rows, grain), rows, grain, e, count, width, ...ofRows, ...ofKeys, ...out);
        gemm(tools, { m: count, n: width, k: rows, a: slopes, transposeA: true, b: a, c: heap.pointerOf(toSecond) });
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
