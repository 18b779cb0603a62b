import type { Csr } from '../device.ts';
import { jobSpmm } from '../kernels/assembly/job-numbers.ts';
import { TwoSided } from './two-sided.ts';
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

/** A matrix and its transpose in wasm memory. */
export class WasmMatrix extends TwoSided<WasmCsr> {
  constructor(heap: WasmHeap, csr: Csr, symmetric: boolean) {
    const release = ({ offsets, indices, values, bounds }: WasmCsr): void => {
      for (const pointer of [offsets, indices, values, bounds]) heap.free(pointer);
    };
    super(csr, symmetric, (side) => upload(heap, side), release);
  }
}

function upload(heap: WasmHeap, csr: Csr): WasmCsr {
  const bounds = boundsOf(csr.offsets, csr.rows);
  return {
    rows: csr.rows,
    offsets: heap.upload(csr.offsets),
    indices: heap.upload(csr.indices),
    values: heap.upload(csr.values),
    bounds: heap.upload(bounds),
    chunks: bounds.length - 1,
  };
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
