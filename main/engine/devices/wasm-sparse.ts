import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Csr, RowsView } from '../device.ts';
import {
  jobBinary,
  jobCopyRuns,
  jobFill,
  jobFindPlaces,
  jobFoldRows,
  jobGather,
  jobSpmm,
  jobSpmmFrom,
  jobSpmmRows,
} from '../kernels/assembly/job-numbers.ts';
import { TwoSided } from './two-sided.ts';
import type { Scratch, WasmHeap } from './wasm-heap.ts';
import { chunksOf } from './wasm-pool.ts';
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
  constructor(heap: WasmHeap, csr: Csr, symmetric: boolean, split?: number) {
    const release = ({ offsets, indices, values, bounds }: WasmCsr): void => {
      for (const pointer of [offsets, indices, values, bounds]) heap.free(pointer);
    };
    super(csr, symmetric, (side) => upload(heap, side), release, split);
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

/** out = scale · (base + matrix · dense); base 0 leaves it out, `places` says which of its rows are there. Pointers, width in floats. */
export function runSpmm(
  pool: WasmPool,
  csr: WasmCsr,
  width: number,
  dense: number,
  base: number,
  scale: number,
  out: number,
  places = 0,
): void {
  pool.run(jobSpmm, csr.chunks, csr.bounds, width, csr.offsets, csr.indices, csr.values, dense, base, scale, out, places);
}

interface Machine {
  readonly heap: WasmHeap;
  readonly pool: WasmPool;
}

/** Where the rows stand that a gradient reaches, or that are wanted; pointers. */
interface Places {
  readonly count: number;
  /** Rows of the whole table. */
  readonly rows: number;
  /** First place of each row of the table, −1 where it has none. */
  readonly places: number;
  /** Next place of the same row, −1 after the last. */
  readonly next: number;
}

/** Rows of a chunk. Their entries vary in number, so chunks are small and whoever is ready takes the next. */
const rowGrain = 128;

function findPlaces(
  { pool }: Machine,
  scratch: Scratch,
  height: number,
  [upper, lower]: readonly [Int32Array, Int32Array],
  split: number,
): Places {
  const count = upper.length + lower.length;
  const rows = scratch.bytes(count * 4);
  const places = scratch.bytes(height * 4);
  const next = scratch.bytes(count * 4);
  const ids = [scratch.copy(upper), scratch.copy(lower)] as const;
  pool.run(jobFindPlaces, 1, height, ids[0], upper.length, ids[1], lower.length, split, rows, places, next);
  return { count, rows, places, next };
}

/** Adds up `values` of rows that repeat, at the first place of each in a table of places, or in the whole table. */
function fold({ pool }: Machine, { count, rows, places, next }: Places, width: number, values: number, out: number, isTable = false): void {
  pool.run(jobFoldRows, chunksOf(count, rowGrain), count, rowGrain, width, rows, places, next, values, out, isTable ? 1 : 0);
}

interface RowsProduct {
  readonly dense: number;
  readonly base: number;
  readonly scale: number;
  readonly out: number;
}

/** {@link runSpmm} for the given rows alone. */
function runSpmmRows({ pool }: Machine, csr: WasmCsr, width: number, at: { rows: number; count: number }, product: RowsProduct): void {
  const { dense, base, scale, out } = product;
  const matrix = [csr.offsets, csr.indices, csr.values] as const;
  pool.run(jobSpmmRows, chunksOf(at.count, rowGrain), at.count, rowGrain, width, ...matrix, dense, base, scale, out, at.rows);
}

/** Rows of LG(G, E, L), then what else the view asks for; see device.ts. */
export function propagateRows(machine: Machine, matrix: WasmMatrix, table: TensorInfo, view: RowsView): TensorInfo[] {
  const { heap, pool } = machine;
  const csr = matrix.side(false);
  const { layers, parts } = view;
  const width = table.shape[1]!;
  const count = parts[0].length + parts[1].length;
  const out = heap.output([count, width]);
  const start = view.withStart ? heap.output([count, width]) : undefined;
  const lower = view.withLower ? heap.output([matrix.rows - matrix.split, width]) : undefined;
  const at = heap.pointerOf(table);
  heap.withScratch((scratch) => {
    const places = findPlaces(machine, scratch, matrix.rows, parts, matrix.split);
    const whole = matrix.rows * width * 4;
    const turns = layers > 2 ? [scratch.bytes(whole), scratch.bytes(whole)] : [layers > 1 ? scratch.bytes(whole) : 0];
    let hop = at;
    for (let l = 1; l < layers; l++) {
      const to = turns[l % turns.length]!;
      runSpmm(pool, csr, width, hop, at, 1, to);
      hop = to;
    }
    const product = { dense: hop, base: at, scale: 1 / (layers + 1), out: heap.pointerOf(out) };
    if (layers > 0) runSpmmRows(machine, csr, width, places, product);
    for (const rows of layers > 0 ? [start] : [out, start]) {
      const chunks = chunksOf(count, rowGrain);
      if (rows !== undefined) pool.run(jobGather, chunks, count, rowGrain, at, width, places.rows, heap.pointerOf(rows));
    }
  });
  if (lower !== undefined) {
    const bytes = width * 4;
    const rows = matrix.rows - matrix.split;
    pool.run(jobCopyRuns, chunksOf(rows, rowGrain), rows, rowGrain, at + matrix.split * bytes, bytes, bytes, heap.pointerOf(lower), bytes);
  }
  return [out, start, lower].filter((tensor) => tensor !== undefined);
}

/** Gradient to the table. The first hop goes over the entries that meet a row of the batch, the later ones over all. */
export function propagateRowsGradient(machine: Machine, matrix: WasmMatrix, upstream: readonly TensorInfo[], view: RowsView): TensorInfo {
  const { heap, pool } = machine;
  const csr = matrix.side(true);
  const { layers, parts, withStart, withLower } = view;
  const [first, ...others] = upstream;
  const width = first!.shape[1]!;
  const out = heap.output([matrix.rows, width]);
  const at = heap.pointerOf(out);
  heap.withScratch((scratch) => {
    const places = findPlaces(machine, scratch, matrix.rows, parts, matrix.split);
    const sums = scratch.bytes(places.count * width * 4);
    fold(machine, places, width, heap.pointerOf(first!), sums);
    const aside = layers > 1 ? scratch.bytes(matrix.rows * width * 4) : 0;
    let hop = 0;
    for (let l = 1; l <= layers; l++) {
      const to = (layers - l) % 2 === 0 ? at : aside;
      const scale = l === layers ? 1 / (layers + 1) : 1;
      if (l === 1) runSpmmFrom(machine, csr, width, { sums, places: places.places, isAdded: true, scale, out: to });
      else runSpmm(pool, csr, width, hop, sums, scale, to, places.places);
      hop = to;
    }
    if (layers === 0) {
      fill(machine, matrix.rows * width, at);
      fold(machine, places, width, heap.pointerOf(first!), at, true);
    }
    if (withStart) fold(machine, places, width, heap.pointerOf(others[0]!), at, true);
    if (withLower)
      addRows(machine, (matrix.rows - matrix.split) * width, heap.pointerOf(others[others.length - 1]!), at + matrix.split * width * 4);
  });
  return out;
}

interface SparseSource {
  /** Rows that are not zero, and the place of each row of the table among them. */
  readonly sums: number;
  readonly places: number;
  /** Whether the row itself is added to its product. */
  readonly isAdded: boolean;
  readonly scale: number;
  readonly out: number;
}

function runSpmmFrom({ pool }: Machine, csr: WasmCsr, width: number, { sums, places, isAdded, scale, out }: SparseSource): void {
  const matrix = [csr.offsets, csr.indices, csr.values] as const;
  pool.run(jobSpmmFrom, csr.chunks, csr.bounds, width, ...matrix, sums, places, isAdded ? 1 : 0, scale, out);
}

const valueGrain = 16_384;

function fill({ pool }: Machine, count: number, out: number): void {
  pool.run(jobFill, chunksOf(count, valueGrain), count, valueGrain, out);
}

/** to += values; the sum is the binary operation 0 (kernels/assembly/binary.ts). */
function addRows({ pool }: Machine, count: number, values: number, to: number): void {
  pool.run(jobBinary, chunksOf(count, valueGrain), count, valueGrain, 0, to, values, to, 4, 4);
}

/** Rows of matrix · dense, [rows, w]. */
export function spmmRows(machine: Machine, matrix: WasmMatrix, dense: TensorInfo, rows: Int32Array): TensorInfo {
  const { heap } = machine;
  const width = dense.shape[1]!;
  const out = heap.output([rows.length, width]);
  heap.withScratch((scratch) => {
    const at = { rows: scratch.copy(rows), count: rows.length };
    runSpmmRows(machine, matrix.side(false), width, at, { dense: heap.pointerOf(dense), base: 0, scale: 1, out: heap.pointerOf(out) });
  });
  return out;
}

/** Its gradient, [columns, w]. */
export function spmmRowsGradient(machine: Machine, matrix: WasmMatrix, upstream: TensorInfo, rows: Int32Array): TensorInfo {
  const { heap } = machine;
  const width = upstream.shape[1]!;
  const out = heap.output([matrix.columns, width]);
  heap.withScratch((scratch) => {
    const { places, ...found } = findPlaces(machine, scratch, matrix.rows, [none, rows], 0);
    const sums = scratch.bytes(rows.length * width * 4);
    fold(machine, { places, ...found }, width, heap.pointerOf(upstream), sums);
    runSpmmFrom(machine, matrix.side(true), width, { sums, places, isAdded: false, scale: 1, out: heap.pointerOf(out) });
  });
  return out;
}

const none = new Int32Array(0);
