/** Dense products on wasm: how a product is divided among threads. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { jobAddParts, jobBatchProducts, jobGemm, jobPackColumns, packedSteps } from '../kernels/assembly/job-numbers.ts';
import { stackedShape } from '../ops/batch-shape.ts';
import type { WasmHeap } from './wasm-heap.ts';
import { chunksOf } from './wasm-pool.ts';
import type { WasmPool } from './wasm-pool.ts';

/** C [m, n] = A [m, k]·B [k, n] or C += A·B, as pointers; a transposed operand is stored [k, m], [n, k]. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly transposeA?: boolean;
  readonly b: number;
  readonly transposeB?: boolean;
  readonly c: number;
  readonly isAdded?: boolean;
}

/** Multiplications and additions of a chunk, about: a tenth of a millisecond. */
const chunkWork = 1.5e6;
/** Columns that one chunk packs. */
const packedColumns = 128;
/** Below so many chunks of rows a long inner dimension is divided too; so is that of a transposed A, whose columns lie far apart. */
const fewChunks = 8;
const partSteps = 2 * packedSteps;
/** Values of all parts together, at most (32 MiB). */
const mostPartials = 1 << 23;

/** Bytes of B packed; see kernels/assembly/gemm.ts. */
export function packedBytes(k: number, n: number): number {
  return k * Math.ceil(n / 8) * 8 * 4;
}

/** Packs B [k, n], stored [n, k] where transposed, to `packed`. */
export function pack(pool: WasmPool, b: number, k: number, n: number, isTransposed: boolean, packed: number): void {
  const [brs, bcs] = isTransposed ? [4, k * 4] : [n * 4, 4];
  const groups = chunksOf(n, packedColumns);
  pool.run(jobPackColumns, groups * chunksOf(k, packedSteps), b, brs, bcs, k, n, packedColumns, groups, packed);
}

/** Rows of a chunk whose work is `chunkWork` at `workOfRow` a row: 32, 48 or 64, so that columns of a transposed A are whole lines. */
export function rowGrain(workOfRow: number): number {
  return Math.min(64, Math.max(32, Math.floor(chunkWork / Math.max(workOfRow, 1) / 16) * 16));
}

export function gemm(tools: { readonly heap: WasmHeap; readonly pool: WasmPool }, product: Product): void {
  const { heap, pool } = tools;
  const { m, n, k, a, transposeA, b, transposeB, c, isAdded } = product;
  if (m === 0 || n === 0) return;
  heap.withScratch((scratch) => {
    const packed = scratch.bytes(packedBytes(k, n));
    pack(pool, b, k, n, transposeB === true, packed);
    const [ars, acs] = transposeA === true ? [4, m * 4] : [k * 4, 4];
    const grain = rowGrain(n * k);
    const rowChunks = chunksOf(m, grain);
    const adds = isAdded === true ? 1 : 0;
    if ((rowChunks >= fewChunks && transposeA !== true) || k < 2 * partSteps) {
      pool.run(jobGemm, rowChunks, m, grain, rowChunks, Math.max(k, packedSteps), a, ars, acs, packed, n, k, c, 0, adds);
      return;
    }
    // Parts of a long sum side by side, added up in their order; a longer step where there would be too many.
    const steps = partSteps * Math.ceil((chunksOf(k, partSteps) * m * n) / mostPartials);
    const parts = chunksOf(k, steps);
    const grainOfPart = rowGrain(n * steps);
    const chunks = chunksOf(m, grainOfPart);
    const partials = scratch.bytes(parts * m * n * 4);
    pool.run(jobGemm, chunks * parts, m, grainOfPart, chunks, steps, a, ars, acs, packed, n, k, partials, m * n * 4, 0);
    pool.run(jobAddParts, chunksOf(m * n, 4096), m * n, 4096, partials, parts, m * n * 4, c, adds);
  });
}

/** Tensors in, a new tensor out. */
export function matMul(
  tools: { readonly heap: WasmHeap; readonly pool: WasmPool },
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo {
  const { heap } = tools;
  const [m, k] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [inner, n] = transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (k !== inner) throw new RangeError(`matMul: [${m}, ${k}] times [${inner}, ${n}]`);
  const out = heap.output([m, n]);
  gemm(tools, { m, n, k, a: heap.pointerOf(a), transposeA, b: heap.pointerOf(b), transposeB, c: heap.pointerOf(out) });
  return out;
}

/** Products of two stacks of matrices, [count, m, k] times [count, k, n], either stored transposed. */
export function batchMatMul(
  { heap, pool }: { readonly heap: WasmHeap; readonly pool: WasmPool },
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo {
  const { count, m, n, k } = stackedShape(a.shape, b.shape, transposeA, transposeB);
  const out = heap.output([count, m, n]);
  const grain = Math.max(1, Math.floor(chunkWork / (4 * Math.max(m * n * k, 1))));
  const [left, right] = [heap.pointerOf(a), heap.pointerOf(b)];
  const [turnsA, turnsB] = [Number(transposeA), Number(transposeB)];
  pool.run(jobBatchProducts, chunksOf(count, grain), count, grain, m, n, k, left, turnsA, right, turnsB, heap.pointerOf(out));
  return out;
}
