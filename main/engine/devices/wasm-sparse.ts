import type { Csr } from '../device.ts';
import type { SparseMatrix } from '../engine.ts';
import { transposeCsr } from './reference.ts';
import type { WasmHeap } from './wasm-heap.ts';

/** One orientation of a matrix in wasm memory. */
export interface WasmCsr {
  readonly rows: number;
  readonly offsets: number;
  readonly indices: number;
  readonly values: number;
}

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
    return {
      rows: csr.rows,
      offsets: this.#heap.upload(csr.offsets),
      indices: this.#heap.upload(csr.indices),
      values: this.#heap.upload(csr.values),
    };
  }

  side(transposed: boolean): WasmCsr {
    if (this.#sides === undefined) throw new Error('A sparse matrix was used after dispose().');
    return this.#sides[transposed ? 1 : 0];
  }

  dispose(): void {
    for (const side of new Set(this.#sides ?? [])) {
      for (const pointer of [side.offsets, side.indices, side.values]) this.#heap.free(pointer);
    }
    this.#sides = undefined;
  }
}
