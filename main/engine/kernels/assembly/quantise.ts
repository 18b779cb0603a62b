/**
 * A first look at scores in 8-bit integers: a bound that no score exceeds, so that only the few items whose bound reaches a user's k-th
 * best score are computed in float32 (choose.ts). Each row x is rounded to whole multiples of a step of its own, q ≈ x / step, with
 * ‖q‖ ≤ 181: by Cauchy and Schwarz a product of two such rows fits into 16 bits, however its terms come and wrap around on the way.
 *
 * With û, x̂ the rounded rows, u·x = û·x̂ + (u − û)·x + û·(x − x̂), and what a kernel sums in float32 lies within γ‖u‖‖x‖ of u·x, so
 *
 *     score ≤ û·x̂ + ‖u − û‖‖x‖ + ‖û‖‖x − x̂‖ + γ‖u‖‖x‖.
 *
 * Bounds are held in units of (user's step) × (largest step of an item): what belongs to an item comes as two fractions of 2¹⁵, its
 * step and its share of the largest slack. Fractions are rounded such that four units cover what they lose.
 */
import { packedSteps } from './job-numbers';

/** Items of a panel: out[panel][pair of columns][item][2]. */
export const panelItems: i32 = 16;
/** Users whose bounds are computed at once. */
export const tileUsers: i32 = 4;
const mostNorm: f64 = 181 * 181;
/** Beside it a double has no places for fractions: added and taken away it rounds, and a sum's low bits are the whole number. */
const wholes: f64 = 6755399441055744;
/** Added to what is rounded of a user, which must not be negative where it is multiplied. */
const shift: i32 = 64;

/** Pairs of columns, an even number of them: what is beyond the width is zero. */
// @ts-ignore: decorator
@inline
export function pairsOf(width: i32): i32 {
  return ((width + 3) >> 2) << 1;
}

// @ts-ignore: decorator
@inline
function sum2(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** Columns 2p and 2p + 1 as doubles. */
// @ts-ignore: decorator
@inline
function pair(x: usize, width: i32, p: i32): v128 {
  const at = x + ((<usize>p) << 3);
  if (2 * p >= width) return f64x2.splat(0);
  return f64x2.promote_low_f32x4(2 * p + 1 < width ? v128.load64_zero(at) : v128.load32_zero(at));
}

/**
 * Rounds row x [width] to whole numbers of at most `most`, written as bytes with `shift` added, to `out` (an even number of them).
 * `facts` gets three doubles: the step, ‖x‖ and ‖x − step·q‖. A row that is zero or not finite has step 0.
 */
function quantise(x: usize, width: i32, most: f64, added: i32, out: usize, facts: usize): void {
  const pairs = pairsOf(width);
  let squares = f64x2.splat(0);
  let peak = f64x2.splat(0);
  for (let p = 0; p < pairs; p++) {
    const value = pair(x, width, p);
    squares = f64x2.add(squares, f64x2.mul(value, value));
    peak = f64x2.pmax(peak, f64x2.abs(value));
  }
  const norm = sqrt(sum2(squares));
  const largest = max(f64x2.extract_lane(peak, 0), f64x2.extract_lane(peak, 1));
  let step: f64 = norm > 0 && norm < Infinity ? max(norm / 180, largest / most) : 0;
  // A row without a step may hold what is no number, which would not round to zero.
  const isThere = i64x2.splat(step > 0 ? -1 : 0);
  const high = f64x2.splat(most);
  const low = f64x2.splat(-most);
  for (;;) {
    const inverse = f64x2.splat(step > 0 ? 1 / step : 0);
    const size = f64x2.splat(step);
    let length = f64x2.splat(0);
    let missed = f64x2.splat(0);
    for (let p = 0; p < pairs; p++) {
      const value = pair(x, width, p);
      const sized = f64x2.mul(v128.and(value, isThere), inverse);
      const rounded = f64x2.add(f64x2.pmax(low, f64x2.pmin(high, sized)), f64x2.splat(wholes));
      const whole = f64x2.sub(rounded, f64x2.splat(wholes));
      const rest = f64x2.sub(value, f64x2.mul(size, whole));
      length = f64x2.add(length, f64x2.mul(whole, whole));
      missed = f64x2.add(missed, f64x2.mul(rest, rest));
      const first = (i32x4.extract_lane(rounded, 0) + added) & 255;
      store<u16>(out + ((<usize>p) << 1), <u16>(first | ((i32x4.extract_lane(rounded, 2) + added) << 8)));
    }
    if (sum2(length) <= mostNorm) {
      store<f64>(facts, step);
      store<f64>(facts, norm, 8);
      // The last factor covers how these sums round.
      store<f64>(facts, sqrt(sum2(missed)) * (1 + 1e-9) + norm * 1e-12, 16);
      return;
    }
    step *= 1.03;
  }
}

/**
 * Rounds items [first, first + rows) of a table, `first` a multiple of 16: their panels of `packed`, their corrections (what the shift of
 * a user adds to a product, taken off), i16, and three doubles each among the facts. Panels are filled up with zeros.
 */
export function quantiseItems(
  items: usize,
  width: i32,
  first: i32,
  rows: i32,
  packed: usize,
  corrections: usize,
  facts: usize,
  scratch: usize,
): void {
  const pairs = pairsOf(width);
  for (let i = first; i < first + ((rows + panelItems - 1) & ~(panelItems - 1)); i++) {
    const panel = packed + ((<usize>(i >> 4) * <usize>pairs) << 5) + (<usize>(i & 15) << 1);
    let sum = 0;
    if (i < first + rows) quantise(items + ((<usize>i * <usize>width) << 2), width, 127, 0, scratch, facts + <usize>i * 24);
    else memory.fill(scratch, 0, (<usize>pairs) << 1);
    for (let p: usize = 0; p < <usize>pairs; p++) {
      const two = scratch + (p << 1);
      sum += <i32>load<i8>(two) + <i32>load<i8>(two, 1);
      store<u16>(panel + (p << 5), load<u16>(two));
    }
    store<i16>(corrections + ((<usize>i) << 1), <i16>(-shift * sum));
  }
}

/**
 * Rounds users into tiles of 4: out[tile][pair of columns][user][2, twice]. `units` gets the double in which each user's bounds
 * count, `slacks` its largest slack in it (i16). `largest` are three doubles: step, norm and error of the items. NaN is the unit of a user
 * that cannot be bounded: whose values are not finite or whose scores might overflow.
 */
export function quantiseUsers(
  users: usize,
  width: i32,
  rows: i32,
  largest: usize,
  out: usize,
  units: usize,
  slacks: usize,
  scratch: usize,
): void {
  const pairs = pairsOf(width);
  const itemStep = load<f64>(largest);
  const itemNorm = load<f64>(largest, 8);
  const itemError = load<f64>(largest, 16);
  // Sums of `width` products in float32, one block of steps after another.
  const gamma = <f64>(width + width / packedSteps + 8) * 6.0e-8;
  const facts = scratch + ((<usize>pairs) << 1) + 16;
  const tiled = (rows + tileUsers - 1) & ~(tileUsers - 1);
  for (let r = 0; r < tiled; r++) {
    const tile = out + ((<usize>(r >> 2) * <usize>pairs) << 4) + (<usize>(r & 3) << 2);
    if (r < rows) quantise(users + ((<usize>r * <usize>width) << 2), width, 63, shift, scratch, facts);
    for (let p: usize = 0; p < <usize>pairs; p++) store<u32>(tile + (p << 4), <u32>load<u16>(scratch + (p << 1)) * 65537);
    if (r >= rows) continue;
    const norm = load<f64>(facts, 8);
    const error = load<f64>(facts, 16);
    const unit = load<f64>(facts) * itemStep;
    const slack = (((error + gamma * norm) * itemNorm + (norm + error) * itemError) / unit) * (1 + 1e-9) + 1;
    // Also false where one of them is no number.
    const isBounded = slack < 32000 && norm * itemNorm < 1e38;
    store<f64>(units + ((<usize>r) << 3), isBounded ? unit : NaN);
    store<i16>(slacks + ((<usize>r) << 1), isBounded ? <i16>ceil(slack) : 0);
  }
}

