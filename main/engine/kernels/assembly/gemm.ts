/**
 * C = A·B (+ C), either operand stored transposed, in float32. B is packed once into panels of 8 columns, blocks of `packedSteps`
 * of the inner dimension one after another; A is packed by the thread that uses it, in panels of 4 rows, padded with zeros. The
 * inner loop keeps a 4 × 8 tile of C in registers. Each value of C is summed in the same order however the rows are divided.
 */
import { madd } from './fused';
import { packedSteps } from './job-numbers';

const blockRows: i32 = 64;

/** Floats of a thread's scratch that `gemmRows` uses; the rest is the caller's. */
export const packedFloats: i32 = packedSteps * blockRows + 32;
/** Panels of 4 rows: out[panel][p][4]. `ars` and `acs` are the byte strides of a row and of an inner step of A. */
function packRows(a: usize, rows: i32, inner: i32, ars: usize, acs: usize, out: usize): void {
  for (let i = 0; i < rows; i += 4) {
    const live = min(4, rows - i);
    const p0 = a + <usize>i * ars;
    if (live == 4 && acs == 4) {
      const p1 = p0 + ars;
      const p2 = p1 + ars;
      const p3 = p2 + ars;
      let p: usize = 0;
      const end: usize = (<usize>inner) << 2;
      for (; p + 16 <= end; p += 16) {
        const x0 = v128.load(p0 + p);
        const x1 = v128.load(p1 + p);
        const x2 = v128.load(p2 + p);
        const x3 = v128.load(p3 + p);
        const a0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
        const a1 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
        const a2 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
        const a3 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
        v128.store(out, v128.shuffle<i64>(a0, a1, 0, 2));
        v128.store(out, v128.shuffle<i64>(a0, a1, 1, 3), 16);
        v128.store(out, v128.shuffle<i64>(a2, a3, 0, 2), 32);
        v128.store(out, v128.shuffle<i64>(a2, a3, 1, 3), 48);
        out += 64;
      }
      for (; p < end; p += 4) {
        store<f32>(out, load<f32>(p0 + p));
        store<f32>(out, load<f32>(p1 + p), 4);
        store<f32>(out, load<f32>(p2 + p), 8);
        store<f32>(out, load<f32>(p3 + p), 12);
        out += 16;
      }
    } else if (live == 4 && ars == 4) {
      let at = p0;
      for (let p = 0; p < inner; p++) {
        v128.store(out, v128.load(at));
        at += acs;
        out += 16;
      }
    } else {
      for (let p = 0; p < inner; p++) {
        for (let r = 0; r < 4; r++) {
          const value: f32 = r < live ? load<f32>(p0 + <usize>r * ars + <usize>p * acs) : 0;
          store<f32>(out + ((<usize>r) << 2), value);
        }
        out += 16;
      }
    }
  }
}

/** Panels of 8 columns: out[panel][p][8]. `brs` and `bcs` are the byte strides of an inner step and of a column of B. */
function packColumns(b: usize, inner: i32, columns: i32, brs: usize, bcs: usize, out: usize): void {
  for (let j = 0; j < columns; j += 8) {
    const live = min(8, columns - j);
    const from = b + <usize>j * bcs;
    if (live == 8 && bcs == 4) {
      let at = from;
      for (let p = 0; p < inner; p++) {
        v128.store(out, v128.load(at));
        v128.store(out, v128.load(at, 16), 16);
        at += brs;
        out += 32;
      }
    } else if (live == 8 && brs == 4) {
      // Two groups of four columns, transposed four steps at a time.
      const end: usize = (<usize>inner) << 2;
      for (let half: usize = 0; half < 2; half++) {
        const q0 = from + (half << 2) * bcs;
        const q1 = q0 + bcs;
        const q2 = q1 + bcs;
        const q3 = q2 + bcs;
        let to = out + (half << 4);
        let p: usize = 0;
        for (; p + 16 <= end; p += 16) {
          const x0 = v128.load(q0 + p);
          const x1 = v128.load(q1 + p);
          const x2 = v128.load(q2 + p);
          const x3 = v128.load(q3 + p);
          const a0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
          const a1 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
          const a2 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
          const a3 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
          v128.store(to, v128.shuffle<i64>(a0, a1, 0, 2));
          v128.store(to, v128.shuffle<i64>(a0, a1, 1, 3), 32);
          v128.store(to, v128.shuffle<i64>(a2, a3, 0, 2), 64);
          v128.store(to, v128.shuffle<i64>(a2, a3, 1, 3), 96);
          to += 128;
        }
        for (; p < end; p += 4) {
          store<f32>(to, load<f32>(q0 + p));
          store<f32>(to, load<f32>(q1 + p), 4);
          store<f32>(to, load<f32>(q2 + p), 8);
          store<f32>(to, load<f32>(q3 + p), 12);
          to += 32;
        }
      }
      out += (<usize>inner) << 5;
    } else {
      for (let p = 0; p < inner; p++) {
        for (let c = 0; c < 8; c++) {
          const value: f32 = c < live ? load<f32>(from + <usize>p * brs + <usize>c * bcs) : 0;
          store<f32>(out + ((<usize>c) << 2), value);
        }
        out += 32;
      }
    }
  }
}

/** One 4 × 8 tile: c (row stride `ccs` bytes) = or += panelA · panelB over `inner` steps. */
// @ts-ignore: decorator
@inline
function tile(inner: i32, a: usize, b: usize, c: usize, ccs: usize, isAdded: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  // Two steps a round: a loop of wasm also looks whether it should stop.
  const end = a + ((<usize>inner & ~1) << 4);
  while (a < end) {
    const b00 = v128.load(b);
    const b10 = v128.load(b, 16);
    const a00 = v128.load32_splat(a);
    c00 = madd(a00, b00, c00);
    c01 = madd(a00, b10, c01);
    const a10 = v128.load32_splat(a, 4);
    c10 = madd(a10, b00, c10);
    c11 = madd(a10, b10, c11);
    const a20 = v128.load32_splat(a, 8);
    c20 = madd(a20, b00, c20);
    c21 = madd(a20, b10, c21);
    const a30 = v128.load32_splat(a, 12);
    c30 = madd(a30, b00, c30);
    c31 = madd(a30, b10, c31);
    const b01 = v128.load(b, 32);
    const b11 = v128.load(b, 48);
    const a01 = v128.load32_splat(a, 16);
    c00 = madd(a01, b01, c00);
    c01 = madd(a01, b11, c01);
    const a11 = v128.load32_splat(a, 20);
    c10 = madd(a11, b01, c10);
    c11 = madd(a11, b11, c11);
    const a21 = v128.load32_splat(a, 24);
    c20 = madd(a21, b01, c20);
    c21 = madd(a21, b11, c21);
    const a31 = v128.load32_splat(a, 28);
    c30 = madd(a31, b01, c30);
    c31 = madd(a31, b11, c31);
    a += 32;
    b += 64;
  }
  if (inner & 1) {
    const b00 = v128.load(b);
    const b10 = v128.load(b, 16);
    const a00 = v128.load32_splat(a);
    c00 = madd(a00, b00, c00);
    c01 = madd(a00, b10, c01);
    const a10 = v128.load32_splat(a, 4);
    c10 = madd(a10, b00, c10);
    c11 = madd(a10, b10, c11);
    const a20 = v128.load32_splat(a, 8);
    c20 = madd(a20, b00, c20);
    c21 = madd(a20, b10, c21);
    const a30 = v128.load32_splat(a, 12);
    c30 = madd(a30, b00, c30);
    c31 = madd(a30, b10, c31);
  }
  const r1 = c + ccs;
  const r2 = r1 + ccs;
  const r3 = r2 + ccs;
  if (isAdded) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(r1));
    c11 = f32x4.add(c11, v128.load(r1, 16));
    c20 = f32x4.add(c20, v128.load(r2));
    c21 = f32x4.add(c21, v128.load(r2, 16));
    c30 = f32x4.add(c30, v128.load(r3));
    c31 = f32x4.add(c31, v128.load(r3, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(r1, c10);
  v128.store(r1, c11, 16);
  v128.store(r2, c20);
  v128.store(r2, c21, 16);
  v128.store(r3, c30);
  v128.store(r3, c31, 16);
}

function edgeTile(inner: i32, a: usize, b: usize, c: usize, ccs: usize, rows: i32, columns: i32, isAdded: bool, held: usize): void {
  tile(inner, a, b, held, 32, false);
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++) {
      const to = c + <usize>r * ccs + ((<usize>j) << 2);
      const value = load<f32>(held + <usize>(r * 32 + j * 4));
      store<f32>(to, isAdded ? load<f32>(to) + value : value);
    }
  }
}

/** Packs columns [first, first + columns) of B over `inner` steps into a block of `height` rounded columns; see `packedAt`. */
export function packBlock(b: usize, inner: i32, first: i32, columns: i32, brs: usize, bcs: usize, block: usize): void {
  const panel: usize = (<usize>inner) << 5;
  packColumns(b + <usize>first * bcs, inner, columns, brs, bcs, block + <usize>(first >> 3) * panel);
}

/**
 * Rows of C: c [rows, columns] (row stride `ccs` bytes) = or += A [rows, k] · columns [first, first + columns) of a packed B.
 * `ars` and `acs` are the byte strides of A, `padded` the columns of B rounded up to 8, `first` a multiple of 8.
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
  for (let p = 0; p < k; p += packedSteps) {
    const inner = min(packedSteps, k - p);
    const adds = isAdded || p > 0;
    const panelB: usize = (<usize>inner) << 5;
    const panelA: usize = (<usize>inner) << 4;
    const blockB = packed + (((<usize>p * <usize>padded) << 2) + <usize>(first >> 3) * panelB);
    for (let i = 0; i < rows; i += blockRows) {
      const liveBlock = min(blockRows, rows - i);
      packRows(a + <usize>i * ars + <usize>p * acs, liveBlock, inner, ars, acs, scratch);
      for (let j = 0; j < columns; j += 8) {
        const bb = blockB + <usize>(j >> 3) * panelB;
        const liveColumns = min(8, columns - j);
        for (let ii = 0; ii < liveBlock; ii += 4) {
          const aa = scratch + <usize>(ii >> 2) * panelA;
          const cc = c + <usize>(i + ii) * ccs + ((<usize>j) << 2);
          const liveRows = min(4, liveBlock - ii);
          if (liveColumns == 8 && liveRows == 4) tile(inner, aa, bb, cc, ccs, adds);
          else edgeTile(inner, aa, bb, cc, ccs, liveRows, liveColumns, adds, held);
        }
      }
    }
  }
}
