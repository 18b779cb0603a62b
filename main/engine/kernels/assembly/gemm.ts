/**
 * C = A·B (+ C), either operand stored transposed, in float32, by tiles of C that stay in registers (gemm-tile.ts) from operands as
 * gemm-pack.ts lays them out, `packedSteps` of the inner dimension at a time. Each value of C is summed in the same order however the
 * rows are divided and whichever tile it is in.
 */
import { packRows } from './gemm-pack';
import { tile, wideTile } from './gemm-tile';
import { packedSteps } from './job-numbers';

const blockRows: i32 = 64;

/** Floats of a thread's scratch that `gemmRows` uses; the rest is the caller's. */
export const packedFloats: i32 = packedSteps * blockRows + 32;

/** The tile at the edge of C, of which `rows` and `columns` are there; `held` has room for a whole one. */
function edgeTile(
  inner: i32,
  a: usize,
  ars: usize,
  acs: usize,
  b: usize,
  c: usize,
  ccs: usize,
  rows: i32,
  columns: i32,
  isAdded: bool,
  held: usize,
): void {
  // Rows that are not there are the last one again: nothing beyond A is read.
  const a1 = rows > 1 ? a + ars : a;
  const a2 = rows > 2 ? a1 + ars : a1;
  tile(inner, a, a1, a2, rows > 3 ? a2 + ars : a2, acs, b, held, 32, false);
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++) {
      const to = c + <usize>r * ccs + ((<usize>j) << 2);
      const value = load<f32>(held + <usize>(r * 32 + j * 4));
      store<f32>(to, isAdded ? load<f32>(to) + value : value);
    }
  }
}

/**
 * Rows of C: c [rows, columns] (row stride `ccs` bytes) = or += A [rows, k] · columns [first, first + columns) of a packed B.
 * `ars` and `acs` are the byte strides of A, one of them 4; `padded` the columns of B rounded up to 8, `first` a multiple of 8.
 */
export function gemmRows(
  rows: i32,
  columns: i32,
  k: i32,
  a: usize,
  ars: usize,
  acs: usize,
  packed: usize,
  padded: i32,
  first: i32,
  c: usize,
  ccs: usize,
  isAdded: bool,
  scratch: usize,
): void {
  const held = scratch + <usize>(packedSteps * blockRows * 4);
  if (k == 0 && !isAdded) {
    for (let r = 0; r < rows; r++) memory.fill(c + <usize>r * ccs, 0, (<usize>columns) << 2);
  }
  const isPacked = acs != 4;
  const step: usize = isPacked ? 64 : 4;
  const row: usize = isPacked ? 4 : ars;
  for (let p = 0; p < k; p += packedSteps) {
    const inner = min(packedSteps, k - p);
    const adds = isAdded || p > 0;
    const panel: usize = (<usize>inner) << 5;
    const block = packed + (((<usize>p * <usize>padded) << 2) + <usize>(first >> 3) * panel);
    for (let i = 0; i < rows; i += blockRows) {
      const live = min(blockRows, rows - i);
      const from = a + <usize>i * ars + <usize>p * acs;
      if (isPacked) packRows(from, live, inner, acs, scratch);
      for (let j = 0; j < columns;) {
        const b = block + <usize>(j >> 3) * panel;
        // @ts-ignore: a constant of the build
        const isWide = WIDE && columns - j >= 16;
        for (let r = 0; r < live; r += 4) {
          const at = isPacked ? scratch + <usize>(r >> 4) * (panel << 1) + ((<usize>(r & 15)) << 2) : from + <usize>r * ars;
          const to = c + <usize>(i + r) * ccs + ((<usize>j) << 2);
          const wanted = min(4, live - r);
          if (wanted < 4 || columns - j < 8) {
            edgeTile(inner, at, row, step, b, to, ccs, wanted, min(8, columns - j), adds, held);
            if (isWide) edgeTile(inner, at, row, step, b + panel, to + 32, ccs, wanted, 8, adds, held);
            continue;
          }
          const a1 = at + row;
          const a2 = a1 + row;
          if (isWide) wideTile(inner, at, a1, a2, a2 + row, step, b, b + panel, to, ccs, adds);
          else tile(inner, at, a1, a2, a2 + row, step, b, to, ccs, adds);
        }
        j += isWide ? 16 : 8;
      }
    }
  }
}
