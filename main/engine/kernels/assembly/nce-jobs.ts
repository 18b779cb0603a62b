/** The jobs of InfoNCE, a chunk each; arguments in their order. */
import { bytes, number, pointer, whole } from './arguments';
import { gemmRows } from './gemm';
import { expBoth, expSums, shares } from './info-nce';
import { bothShares, scaleLessPairs, subtractPairs } from './nce-slopes';

/** Products of rows [first, first + rows) of q with all keys, packed, into `scores`. */
// @ts-ignore: decorator
@inline
function dotProducts(q: usize, width: i32, first: i32, rows: i32, packed: usize, keys: i32, scores: usize, scratch: usize): void {
  const stride = bytes(1, width);
  gemmRows(rows, keys, width, q + bytes(first, width), stride, 4, packed, (keys + 7) & ~7, 0, scores, bytes(1, keys), false, scratch);
}

/** queries, grain, q, width, packed keys, keys, counts, 1/τ, largest, sums, scores: counts·exp(score/τ − largest) in the end. */
export function nceChunk(chunk: i32, at: usize, scratch: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const rows = min(grain, whole(at, 0) - first);
  const keys = whole(at, 5);
  const scores = pointer(at, 10) + bytes(first, keys);
  dotProducts(pointer(at, 2), whole(at, 3), first, rows, pointer(at, 4), keys, scores, scratch);
  const doubles: usize = (<usize>first) << 3;
  expSums(scores, rows, keys, pointer(at, 6), number(at, 7), pointer(at, 8) + doubles, pointer(at, 9) + doubles);
}

/** queries, grain, q, width, packed keys, keys, counts, 1/τ, log-sum-exps, scores: counts·exp(score/τ − log-sum-exp) in the end. */
export function nceSharesChunk(chunk: i32, at: usize, scratch: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const rows = min(grain, whole(at, 0) - first);
  const keys = whole(at, 5);
  const scores = pointer(at, 9) + bytes(first, keys);
  dotProducts(pointer(at, 2), whole(at, 3), first, rows, pointer(at, 4), keys, scores, scratch);
  shares(scores, rows, keys, pointer(at, 6), number(at, 7), pointer(at, 8) + bytes(first, 1));
}

/** rows, grain, table, width, scale or 0, rowOf, other table, otherOf, by, pairs. */
export function lessPairsChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const last = min(whole(at, 0), first + grain);
  scaleLessPairs(pointer(at, 2), whole(at, 3), first, last, pointer(at, 4), pointer(at, 5), pointer(at, 6), pointer(at, 7), pointer(at, 8), whole(at, 9));
}

/**
 * rows, grain, first table, width, packed second table, its rows (keys), 1/τ, shift, rowCounts, keyCounts, exponentials [rows, keys],
 * rowSums f64, keySums f64 [chunks, keys].
 */
export function mutualChunk(chunk: i32, at: usize, scratch: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const rows = min(grain, whole(at, 0) - first);
  const keys = whole(at, 5);
  const scores = pointer(at, 10) + bytes(first, keys);
  dotProducts(pointer(at, 2), whole(at, 3), first, rows, pointer(at, 4), keys, scores, scratch);
  const keySums = pointer(at, 12) + (bytes(chunk, keys) << 1);
  memory.fill(keySums, 0, bytes(1, keys) << 1);
  const rowSums = pointer(at, 11) + ((<usize>first) << 3);
  expBoth(scores, rows, keys, number(at, 6), number(at, 7), pointer(at, 8) + bytes(first, 1), pointer(at, 9), rowSums, keySums);
}

/**
 * rows, grain, exponentials, keys, width, rowCounts, rowScale, keyCounts, keyScale, slopes dS [rows, keys], packed second table, gradient
 * of the first, pairs, firstOf, secondOf, slope of each pair.
 */
export function mutualGradientChunk(chunk: i32, at: usize, scratch: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const rows = min(grain, whole(at, 0) - first);
  const keys = whole(at, 3);
  const width = whole(at, 4);
  const slopes = pointer(at, 9) + bytes(first, keys);
  const row = bytes(first, 1);
  bothShares(pointer(at, 2) + bytes(first, keys), slopes, rows, keys, pointer(at, 5) + row, pointer(at, 6) + row, pointer(at, 7), pointer(at, 8));
  subtractPairs(slopes, first, rows, keys, pointer(at, 13), pointer(at, 14), pointer(at, 15), whole(at, 12));
  const out = pointer(at, 11) + bytes(first, width);
  gemmRows(rows, width, keys, slopes, bytes(1, keys), 4, pointer(at, 10), (width + 7) & ~7, 0, out, bytes(1, width), false, scratch);
}
