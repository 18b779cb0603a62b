/**
 * Bounds that no score exceeds, from rows rounded to 8-bit integers (quantise.ts, which says why they bound): products of 4 users and 16
 * items in 16 bits, which wrap around on the way and not at the end.
 */
import { pairsOf, panelItems, tileUsers } from './quantise';

/** Eight sums of two products: bytes of `a` with a sign, those of `b` below 128. */
// @ts-ignore: decorator
@inline
function dots(a: v128, b: v128): v128 {
  // @ts-ignore: a constant of the build
  if (FUSED) return i16x8.relaxed_dot_i8x16_i7x16_s(a, b);
  const even = i16x8.mul(i16x8.shr_s(i16x8.shl(a, 8), 8), v128.and(b, i16x8.splat(255)));
  return i16x8.add(even, i16x8.mul(i16x8.shr_s(a, 8), i16x8.shr_u(b, 8)));
}

/**
 * Products of 4 users and a panel of 16 items, i16, to `out` (rows `stride` bytes apart), from what the panel's corrections say; `users` one
 * tile. Two steps a round: a loop of wasm also looks whether it should stop.
 */
// @ts-ignore: decorator
@inline
function tile(pairs: i32, users: usize, panel: usize, corrections: usize, out: usize, stride: usize): void {
  let c00 = v128.load(corrections);
  let c01 = v128.load(corrections, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  const end = panel + ((<usize>pairs) << 5);
  while (panel < end) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const a0 = v128.load32_splat(users);
    c00 = i16x8.add(c00, dots(b0, a0));
    c01 = i16x8.add(c01, dots(b1, a0));
    const a1 = v128.load32_splat(users, 4);
    c10 = i16x8.add(c10, dots(b0, a1));
    c11 = i16x8.add(c11, dots(b1, a1));
    const a2 = v128.load32_splat(users, 8);
    c20 = i16x8.add(c20, dots(b0, a2));
    c21 = i16x8.add(c21, dots(b1, a2));
    const a3 = v128.load32_splat(users, 12);
    c30 = i16x8.add(c30, dots(b0, a3));
    c31 = i16x8.add(c31, dots(b1, a3));
    const e0 = v128.load(panel, 32);
    const e1 = v128.load(panel, 48);
    const d0 = v128.load32_splat(users, 16);
    c00 = i16x8.add(c00, dots(e0, d0));
    c01 = i16x8.add(c01, dots(e1, d0));
    const d1 = v128.load32_splat(users, 20);
    c10 = i16x8.add(c10, dots(e0, d1));
    c11 = i16x8.add(c11, dots(e1, d1));
    const d2 = v128.load32_splat(users, 24);
    c20 = i16x8.add(c20, dots(e0, d2));
    c21 = i16x8.add(c21, dots(e1, d2));
    const d3 = v128.load32_splat(users, 28);
    c30 = i16x8.add(c30, dots(e0, d3));
    c31 = i16x8.add(c31, dots(e1, d3));
    panel += 64;
    users += 32;
  }
  const o1 = out + stride;
  const o2 = o1 + stride;
  const o3 = o2 + stride;
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(o1, c10);
  v128.store(o1, c11, 16);
  v128.store(o2, c20);
  v128.store(o2, c21, 16);
  v128.store(o3, c30);
  v128.store(o3, c31, 16);
}

/** The same over two neighbouring panels, for vectors of twice the length (devices/wasm-module.ts). */
// @ts-ignore: decorator
@inline
function wideTile(pairs: i32, users: usize, panel: usize, corrections: usize, out: usize, stride: usize): void {
  let c00 = v128.load(corrections);
  let c01 = v128.load(corrections, 16);
  let c02 = v128.load(corrections, 32);
  let c03 = v128.load(corrections, 48);
  let c10 = c00;
  let c11 = c01;
  let c12 = c02;
  let c13 = c03;
  let c20 = c00;
  let c21 = c01;
  let c22 = c02;
  let c23 = c03;
  let c30 = c00;
  let c31 = c01;
  let c32 = c02;
  let c33 = c03;
  const end = panel + ((<usize>pairs) << 5);
  let next = end;
  while (panel < end) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const b2 = v128.load(next);
    const b3 = v128.load(next, 16);
    const a0 = v128.load32_splat(users);
    c00 = i16x8.add(c00, dots(b0, a0));
    c01 = i16x8.add(c01, dots(b1, a0));
    c02 = i16x8.add(c02, dots(b2, a0));
    c03 = i16x8.add(c03, dots(b3, a0));
    const a1 = v128.load32_splat(users, 4);
    c10 = i16x8.add(c10, dots(b0, a1));
    c11 = i16x8.add(c11, dots(b1, a1));
    c12 = i16x8.add(c12, dots(b2, a1));
    c13 = i16x8.add(c13, dots(b3, a1));
    const a2 = v128.load32_splat(users, 8);
    c20 = i16x8.add(c20, dots(b0, a2));
    c21 = i16x8.add(c21, dots(b1, a2));
    c22 = i16x8.add(c22, dots(b2, a2));
    c23 = i16x8.add(c23, dots(b3, a2));
    const a3 = v128.load32_splat(users, 12);
    c30 = i16x8.add(c30, dots(b0, a3));
    c31 = i16x8.add(c31, dots(b1, a3));
    c32 = i16x8.add(c32, dots(b2, a3));
    c33 = i16x8.add(c33, dots(b3, a3));
    panel += 32;
    next += 32;
    users += 16;
  }
  const o1 = out + stride;
  const o2 = o1 + stride;
  const o3 = o2 + stride;
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out, c02, 32);
  v128.store(out, c03, 48);
  v128.store(o1, c10);
  v128.store(o1, c11, 16);
  v128.store(o1, c12, 32);
  v128.store(o1, c13, 48);
  v128.store(o2, c20);
  v128.store(o2, c21, 16);
  v128.store(o2, c22, 32);
  v128.store(o2, c23, 48);
  v128.store(o3, c30);
  v128.store(o3, c31, 16);
  v128.store(o3, c32, 32);
  v128.store(o3, c33, 48);
}

// @ts-ignore: decorator
@inline
function above(out: usize, ratio: v128, share: v128, slack: v128): void {
  v128.store(out, i16x8.add_sat_s(i16x8.q15mulr_sat_s(v128.load(out), ratio), i16x8.q15mulr_sat_s(share, slack)));
}

/** Turns products of `rows` users with the 16 items of a panel, or 32 of two, into bounds; ratios and shares are those of the panels. */
// @ts-ignore: decorator
@inline
function bound(rows: i32, slacks: usize, ratios: usize, shares: usize, out: usize, stride: usize, isWide: bool): void {
  const r0 = v128.load(ratios);
  const r1 = v128.load(ratios, 16);
  const s0 = v128.load(shares);
  const s1 = v128.load(shares, 16);
  const second: usize = isWide ? 32 : 0;
  const r2 = v128.load(ratios + second);
  const r3 = v128.load(ratios + second, 16);
  const s2 = v128.load(shares + second);
  const s3 = v128.load(shares + second, 16);
  for (let r = 0; r < rows; r++) {
    const slack = v128.load16_splat(slacks);
    above(out, r0, s0, slack);
    above(out + 16, r1, s1, slack);
    if (isWide) {
      above(out + 32, r2, s2, slack);
      above(out + 48, r3, s3, slack);
    }
    slacks += 2;
    out += stride;
  }
}

/**
 * Bounds [rows, count], i16, of tiled users over items [first, first + count), both rounded up to whole tiles and panels; `first` is one of
 * a panel.
 */
export function bounds(
  rows: i32,
  users: usize,
  slacks: usize,
  width: i32,
  packed: usize,
  first: i32,
  count: i32,
  corrections: usize,
  ratios: usize,
  shares: usize,
  out: usize,
  stride: usize,
): void {
  const pairs = pairsOf(width);
  for (let i = first; i < first + count;) {
    const panel = packed + ((<usize>(i >> 4) * <usize>pairs) << 5);
    const at: usize = (<usize>i) << 1;
    const from = out + ((<usize>(i - first)) << 1);
    let to = from;
    // @ts-ignore: a constant of the build
    const isWide = WIDE && first + count - i > panelItems;
    for (let r = 0; r < rows; r += tileUsers) {
      const tiled = users + ((<usize>(r >> 2) * <usize>pairs) << 4);
      if (isWide) wideTile(pairs, tiled, panel, corrections + at, to, stride);
      else tile(pairs, tiled, panel, corrections + at, to, stride);
      to += stride << 2;
    }
    if (isWide) bound(rows, slacks, ratios + at, shares + at, from, stride, true);
    else bound(rows, slacks, ratios + at, shares + at, from, stride, false);
    i += isWide ? 2 * panelItems : panelItems;
  }
}
