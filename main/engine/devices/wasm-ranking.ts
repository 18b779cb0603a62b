/** Masked ranking on wasm: blocks of users pass over packed items, scores never leave a thread's cache. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Mask, Ranked } from '../device.ts';
import { jobTopK } from '../kernels/assembly/job-numbers.ts';
import { pack, packedBytes } from './wasm-gemm.ts';
import type { WasmHeap } from './wasm-heap.ts';
import { chunksOf } from './wasm-pool.ts';
import type { WasmPool } from './wasm-pool.ts';

/** Users of a chunk; kernels/assembly/top-k.ts has place for 32. */
const usersPerChunk = 32;

/** See ops/top-k.ts. */
export function topK(
  { heap, pool }: { readonly heap: WasmHeap; readonly pool: WasmPool },
  users: TensorInfo,
  items: TensorInfo,
  mask: Mask,
  k: number,
): Ranked {
  const [rows, width] = users.shape as [number, number];
  const count = items.shape[0]!;
  return heap.withScratch((scratch) => {
    const packed = scratch.bytes(packedBytes(width, count));
    pack(pool, heap.pointerOf(items), width, count, true, packed);
    const [ids, best] = [scratch.bytes(rows * k * 4), scratch.bytes(rows * k * 4)];
    const [offsets, hidden] = [scratch.copy(mask.offsets), scratch.copy(mask.indices)];
    const chunks = chunksOf(rows, usersPerChunk);
    pool.run(jobTopK, chunks, rows, usersPerChunk, heap.pointerOf(users), width, packed, count, offsets, hidden, k, ids, best);
    return { items: heap.ints(ids, rows * k).slice(), scores: heap.floats(best, rows * k).slice() };
  });
}
