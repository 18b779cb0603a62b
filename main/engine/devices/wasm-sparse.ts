import type { Csr } from '../device.ts';
import type { SparseMatrix } from '../engine.ts';
import { jobSpmm } from '../kernels/assembly/job-numbers.ts';
import { transposeCsr } from './reference.ts';
import type { WasmHeap } from './wasm-heap.ts';
import type { WasmPool } from './wasm-pool.ts';

/** One orientation of a matrix in wasm memory. */
export interface WasmCsr {
  readonly rows: number;
  readonly offsets: number;
  readonly indices: number;
  readonly values: number;
  /** First row of each chunk, and the end. */
  readonly bounds: number;
  readonly chunks: number;
}

/** Non-zeros and rows of a chunk together: about a tenth of a millisecond at width 64. */
const chunkEntries = 4096;

/** A matrix and its transpose in wasm memory; a symmetric one has one copy for both. */
export class WasmMatrix implements SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly nonZeros: number;
  readonly #heap: WasmHeap;
  #sides: readonly [WasmCsr, WasmCsr] | undefined;

  constructor(heap: WasmHeap, csr: Csr, symmetric: boolean) {
    this.rows = csr.rows;
    this.columns = csr.columns;
    this.nonZeros = csr.values.length;
    this.#heap = heap;
    const forward = this.#upload(csr);
    this.#sides = [forward, symmetric ? forward : this.#upload(transposeCsr(csr))];
  }

  #upload(csr: Csr): WasmCsr {
    const bounds = boundsOf(csr.offsets, csr.rows);
    return {
      rows: csr.rows,
      offsets: this.#heap.upload(csr.offsets),
      indices: this.#heap.upload(csr.indices),
      values: this.#heap.upload(csr.values),
      bounds: this.#heap.upload(bounds),
      chunks: bounds.length - 1,
    };
  }

  side(transposed: boolean): WasmCsr {
    if (this.#sides === undefined) throw new Error('A sparse matrix was used after dispose().');
    return this.#sides[transposed ? 1 : 0];
  }

  dispose(): void {
    for (const side of new Set(this.#sides ?? [])) {
      for (const pointer of [side.offsets, side.indices, side.values, side.bounds]) this.#heap.free(pointer);
    }
    this.#sides = undefined;
  }
}

/** Rows in chunks of about equal work, a row being as much as an entry. */
function boundsOf(offsets: Int32Array, rows: number): Int32Array {
  const bounds = [0];
  let begun = 0;
  for (let row = 1; row <= rows; row++) {
    const work = offsets[row]! + row;
    if (work - begun >= chunkEntries || row === rows) {
      bounds.push(row);
      begun = work;
    }
  }
  return Int32Array.from(bounds);
}

/** out = scale · (base + matrix · dense); base 0 leaves it out. Pointers, width in floats. */
export function runSpmm(pool: WasmPool, csr: WasmCsr, width: number, dense: number, base: number, scale: number, out: number): void {
  pool.run(jobSpmm, csr.chunks, csr.bounds, width, csr.offsets, csr.indices, csr.values, dense, base, scale, out);
}
