/** Dense products on wasm: GEMM and masked ranking. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Mask, Ranked } from '../device.ts';
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

/** Rows of a block whose scores against `keys` rows stay in the cache. */
export function blockRows(rows: number, keys: number): number {
  return Math.min(rows, Math.max(32, Math.floor(blockFloats / Math.max(keys, 1))));
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
