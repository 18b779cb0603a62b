/**
 * C = A·B (+ C), either operand stored transposed, in float32. Both operands are packed into panels (4 rows of A, 8 columns of B,
 * padded with zeros) in blocks of the inner dimension; the inner loop keeps a 4 × 8 tile of C in registers.
 */
const blockInner: i32 = 256;
const blockRows: i32 = 64;
const blockColumns: i32 = 512;

/** Bytes of scratch that `gemm` needs. */
export function gemmScratch(): i32 {
  return blockInner * (blockRows + blockColumns) * 4 + 4 * 8 * 4;
}

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
  const end = a + ((<usize>inner) << 4);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    a += 16;
    b += 32;
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

/** C [m, n] = A [m, k] · B [k, n]; transposeA: A stored [k, m]; transposeB: B stored [n, k]; isAdded: C += instead. */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  transposeA: bool,
  b: usize,
  transposeB: bool,
  c: usize,
  isAdded: bool,
  scratch: usize,
): void {
  const ars: usize = transposeA ? 4 : (<usize>k) << 2;
  const acs: usize = transposeA ? (<usize>m) << 2 : 4;
  const brs: usize = transposeB ? 4 : (<usize>n) << 2;
  const bcs: usize = transposeB ? (<usize>k) << 2 : 4;
  const ccs: usize = (<usize>n) << 2;
  const packedA = scratch;
  const packedB = packedA + <usize>(blockInner * blockRows * 4);
  const held = packedB + <usize>(blockInner * blockColumns * 4);
  if (k == 0 && !isAdded) memory.fill(c, 0, <usize>m * ccs);
  for (let j = 0; j < n; j += blockColumns) {
    const columns = min(blockColumns, n - j);
    for (let p = 0; p < k; p += blockInner) {
      const inner = min(blockInner, k - p);
      const adds = isAdded || p > 0;
      packColumns(b + <usize>p * brs + <usize>j * bcs, inner, columns, brs, bcs, packedB);
      for (let i = 0; i < m; i += blockRows) {
        const rows = min(blockRows, m - i);
        packRows(a + <usize>i * ars + <usize>p * acs, rows, inner, ars, acs, packedA);
        const panelB: usize = (<usize>inner) << 5;
        const panelA: usize = (<usize>inner) << 4;
        for (let jj = 0; jj < columns; jj += 8) {
          const bb = packedB + <usize>(jj >> 3) * panelB;
          const liveColumns = min(8, columns - jj);
          for (let ii = 0; ii < rows; ii += 4) {
            const aa = packedA + <usize>(ii >> 2) * panelA;
            const cc = c + <usize>(i + ii) * ccs + ((<usize>(j + jj)) << 2);
            const liveRows = min(4, rows - ii);
            if (liveColumns == 8 && liveRows == 4) tile(inner, aa, bb, cc, ccs, adds);
            else edgeTile(inner, aa, bb, cc, ccs, liveRows, liveColumns, adds, held);
          }
        }
      }
    }
  }
}
