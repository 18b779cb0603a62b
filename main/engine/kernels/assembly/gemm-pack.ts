/**
 * Operands of a product laid out as its tiles read them. B once, in panels of 8 columns; a transposed A by the thread that uses it, in
 * panels of 16 rows, so that every step reads a whole cache line. An A whose rows lie as they are summed is read where it lies.
 */

/** Panels of 16 rows of A stored [inner, rows], whose steps are `acs` bytes apart: out[panel][p][16], padded with zeros. */
export function packRows(a: usize, rows: i32, inner: i32, acs: usize, out: usize): void {
  const panel: usize = (<usize>inner) << 6;
  const whole = <usize>(rows >> 4) * panel;
  let at = a;
  // A step after the other, whose rows lie together: steps of a large A are pages apart.
  for (let p = 0; p < inner; p++) {
    let from = at;
    for (let q: usize = 0; q < whole; q += panel) {
      const to = out + q;
      const x0 = v128.load(from);
      const x1 = v128.load(from, 16);
      const x2 = v128.load(from, 32);
      const x3 = v128.load(from, 48);
      v128.store(to, x0);
      v128.store(to, x1, 16);
      v128.store(to, x2, 32);
      v128.store(to, x3, 48);
      from += 64;
    }
    at += acs;
    out += 64;
  }
  out += whole - panel;
  const live = rows & 15;
  if (live > 0) {
    at = a + ((<usize>(rows - live)) << 2);
    for (let p = 0; p < inner; p++) {
      for (let r = 0; r < 16; r++) store<f32>(out + ((<usize>r) << 2), r < live ? load<f32>(at + ((<usize>r) << 2)) : 0);
      at += acs;
      out += 64;
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

/** Packs columns [first, first + columns) of B over `inner` steps into a block of `height` rounded columns; see `packedAt`. */
export function packBlock(b: usize, inner: i32, first: i32, columns: i32, brs: usize, bcs: usize, block: usize): void {
  const panel: usize = (<usize>inner) << 5;
  packColumns(b + <usize>first * bcs, inner, columns, brs, bcs, block + <usize>(first >> 3) * panel);
}
