/**
 * One chunk of a job. Arguments are 64-bit floats, which hold pointers and counts exactly; each case names its own in order. What a
 * chunk covers follows from its number and a grain among the arguments, never from the number of threads.
 */
import { adam } from './adam';
import { bytes, number, pointer, whole } from './arguments';
import { batchProducts } from './batch-products';
import { binary, binaryGrid } from './binary';
import { unary } from './elementwise';
import { gemmRows } from './gemm';
import { packBlock } from './gemm-pack';
import * as job from './job-numbers';
import { copyRuns } from './moves';
import { lessPairsChunk, mutualChunk, mutualGradientChunk, nceChunk, nceSharesChunk } from './nce-jobs';
import { addRange, bprGradient, gatherRows, normaliseRows, normaliseRowsGradient, pairDifferences, rowDots } from './rows';
import { quantiseChunk, screenedChunk } from './screened-rank';
import { foldChunk, placesChunk, spmmChunk, spmmFromChunk, spmmRowsChunk } from './spmm-jobs';
import { addDoubles, addParts, columnSums, rowSums, sumOfSquares } from './sums';
import { rank } from './top-k';

export function run(kernel: i32, chunk: i32, at: usize, scratch: usize): void {
  switch (kernel) {
    case job.jobSpmm: return spmmChunk(chunk, at);
    case job.jobGather: return gatherChunk(chunk, at);
    case job.jobSegmentSum: return segmentChunk(chunk, at);
    case job.jobPackColumns: return packChunk(chunk, at);
    case job.jobGemm: return gemmChunk(chunk, at, scratch);
    case job.jobAddParts: return addPartsChunk(chunk, at);
    case job.jobAdam: return adamChunk(chunk, at);
    case job.jobUnary: return unaryChunk(chunk, at);
    case job.jobBinary: return binaryChunk(chunk, at);
    case job.jobBinaryGrid: return gridChunk(chunk, at);
    case job.jobNormalise: return normaliseChunk(chunk, at);
    case job.jobNormaliseGradient: return normaliseGradientChunk(chunk, at);
    case job.jobBprGradient: return bprChunk(chunk, at);
    case job.jobRowSums: return rowSumsChunk(chunk, at);
    case job.jobColumnSums: return columnSumsChunk(chunk, at);
    case job.jobAddDoubles: return addDoublesChunk(chunk, at);
    case job.jobSquares: return squaresChunk(chunk, at);
    case job.jobCopyRuns: return copyChunk(chunk, at);
    case job.jobFill: return fillChunk(chunk, at);
    case job.jobTopK: return rankChunk(chunk, at, scratch);
    case job.jobQuantise: return quantiseChunk(chunk, at, scratch);
    case job.jobScreenedTopK: return screenedChunk(chunk, at, scratch);
    case job.jobNceForward: return nceChunk(chunk, at, scratch);
    case job.jobNceShares: return nceSharesChunk(chunk, at, scratch);
    case job.jobMutualForward: return mutualChunk(chunk, at, scratch);
    case job.jobMutualGradient: return mutualGradientChunk(chunk, at, scratch);
    case job.jobRowDots: return rowDotsChunk(chunk, at);
    case job.jobFindPlaces: return placesChunk(at);
    case job.jobFoldRows: return foldChunk(chunk, at);
    case job.jobSpmmRows: return spmmRowsChunk(chunk, at);
    case job.jobSpmmFrom: return spmmFromChunk(chunk, at, scratch);
    case job.jobPairDifferences: return pairDifferencesChunk(chunk, at);
    case job.jobLessPairs: return lessPairsChunk(chunk, at);
    case job.jobBatchProducts: return batchProductsChunk(chunk, at);
  }
}

/** count, grain, m, n, k, a, whether it is stored transposed, b, whether it is, out. */
function batchProductsChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const m = whole(at, 2);
  const n = whole(at, 3);
  const k = whole(at, 4);
  batchProducts(
    min(grain, whole(at, 0) - first),
    m,
    n,
    k,
    pointer(at, 5) + bytes(first, m) * <usize>k,
    whole(at, 6) != 0,
    pointer(at, 7) + bytes(first, k) * <usize>n,
    whole(at, 8) != 0,
    pointer(at, 9) + bytes(first, m) * <usize>n,
  );
}

/** count, grain, table, width, rows, out. */
function gatherChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 3);
  gatherRows(pointer(at, 2), width, pointer(at, 4) + bytes(first, 1), min(grain, whole(at, 0) - first), pointer(at, 5) + bytes(first, width));
}

/** height, grain, table, width, values, rows, count, whether the table is cleared first. */
function segmentChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const last = min(whole(at, 0), first + grain);
  const width = whole(at, 3);
  const table = pointer(at, 2);
  if (whole(at, 7) != 0) memory.fill(table + bytes(first, width), 0, bytes(last - first, width));
  addRange(pointer(at, 4), width, pointer(at, 5), whole(at, 6), table, first, last);
}

/** b, brs, bcs, k, n, columns of a chunk (a multiple of 8), chunks of columns, packed. Chunks: those times blocks of steps. */
function packChunk(chunk: i32, at: usize): void {
  const groups = whole(at, 6);
  const p = (chunk / groups) * job.packedSteps;
  const first = (chunk % groups) * whole(at, 5);
  const n = whole(at, 4);
  const padded = (n + 7) & ~7;
  const brs = pointer(at, 1);
  const block = pointer(at, 7) + bytes(p, padded);
  packBlock(pointer(at, 0) + <usize>p * brs, min(job.packedSteps, whole(at, 3) - p), first, min(whole(at, 5), n - first), brs, pointer(at, 2), block);
}

/**
 * m, rows of a chunk, chunks of rows, steps of a part (a multiple of packedSteps), a, ars, acs, packed, n, k, c, bytes from the
 * result of one part to that of the next, whether C is added to. Chunks: those of rows times parts.
 */
function gemmChunk(chunk: i32, at: usize, scratch: usize): void {
  const rowChunks = whole(at, 2);
  const part = chunk / rowChunks;
  const grain = whole(at, 1);
  const first = (chunk % rowChunks) * grain;
  const p = part * whole(at, 3);
  const n = whole(at, 8);
  const padded = (n + 7) & ~7;
  const ars = pointer(at, 5);
  const acs = pointer(at, 6);
  const a = pointer(at, 4) + <usize>first * ars + <usize>p * acs;
  const c = pointer(at, 10) + <usize>part * pointer(at, 11) + bytes(first, n);
  const rows = min(grain, whole(at, 0) - first);
  const steps = min(whole(at, 3), whole(at, 9) - p);
  gemmRows(rows, n, steps, a, ars, acs, pointer(at, 7) + bytes(p, padded), padded, 0, c, bytes(1, n), whole(at, 12) != 0, scratch);
}

/** count, grain, parts, number of parts, bytes from part to part, out, whether out is added to. */
function addPartsChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const from = bytes(first, 1);
  addParts(min(grain, whole(at, 0) - first), pointer(at, 2) + from, whole(at, 3), pointer(at, 4), pointer(at, 5) + from, whole(at, 6) != 0);
}

/** count, grain, parameter, gradient, first, second, beta1, beta2, rest1, rest2, stepSize, inverseCorrection, epsilon. */
function adamChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const from = bytes(first, 1);
  adam(
    min(grain, whole(at, 0) - first),
    pointer(at, 2) + from,
    pointer(at, 3) + from,
    pointer(at, 4) + from,
    pointer(at, 5) + from,
    number(at, 6),
    number(at, 7),
    number(at, 8),
    number(at, 9),
    number(at, 10),
    number(at, 11),
    number(at, 12),
  );
}

/** count, grain, operation, x, upstream (or x again), a number, out. */
function unaryChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const from = bytes(first, 1);
  unary(whole(at, 2), pointer(at, 3) + from, pointer(at, 4) + from, min(grain, whole(at, 0) - first), number(at, 5), pointer(at, 6) + from);
}

/** count, grain, operation, a, b, out, steps of a and of b: 4 where a value follows each, 0 for one value. */
function binaryChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const a = pointer(at, 3) + <usize>first * pointer(at, 6);
  const b = pointer(at, 4) + <usize>first * pointer(at, 7);
  binary(whole(at, 2), a, pointer(at, 6), b, pointer(at, 7), min(grain, whole(at, 0) - first), pointer(at, 5) + bytes(first, 1));
}

/** rows, grain, operation, a, b, out, width, then bytes from row to row and from column to column of a, and of b. */
function gridChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 6);
  const ars = pointer(at, 7);
  const brs = pointer(at, 9);
  const a = pointer(at, 3) + <usize>first * ars;
  const b = pointer(at, 4) + <usize>first * brs;
  const rows = min(grain, whole(at, 0) - first);
  binaryGrid(whole(at, 2), rows, width, a, ars, pointer(at, 8), b, brs, pointer(at, 10), pointer(at, 5) + bytes(first, width));
}

/** rows, grain, x, width, epsilon, out. */
function normaliseChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 3);
  const from = bytes(first, width);
  normaliseRows(pointer(at, 2) + from, width, min(grain, whole(at, 0) - first), load<f64>(at, 32), pointer(at, 5) + from);
}

/** rows, grain, x, width, epsilon, out, upstream. */
function normaliseGradientChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 3);
  const from = bytes(first, width);
  const rows = min(grain, whole(at, 0) - first);
  normaliseRowsGradient(pointer(at, 6) + from, pointer(at, 2) + from, width, rows, load<f64>(at, 32), pointer(at, 5) + from);
}

/** rows, grain, width, upstream, slope, users, positives, negatives, then the three gradients. */
function bprChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 2);
  const from = bytes(first, width);
  bprGradient(
    number(at, 3),
    pointer(at, 4) + bytes(first, 1),
    pointer(at, 5) + from,
    pointer(at, 6) + from,
    pointer(at, 7) + from,
    width,
    min(grain, whole(at, 0) - first),
    pointer(at, 8) + from,
    pointer(at, 9) + from,
    pointer(at, 10) + from,
  );
}

/** rows, grain, x, width, out. */
function rowSumsChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 3);
  rowSums(pointer(at, 2) + bytes(first, width), min(grain, whole(at, 0) - first), width, pointer(at, 4) + bytes(first, 1));
}

/** rows, grain, x, width, sums: f64 [chunks, width], those of each chunk. */
function columnSumsChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 3);
  const sums = pointer(at, 4) + (bytes(chunk, width) << 1);
  columnSums(pointer(at, 2) + bytes(first, width), min(grain, whole(at, 0) - first), width, sums);
}

/** width, grain, parts: f64 [count, width], count, out, whether out is f32 rather than f64. */
function addDoublesChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  addDoubles(pointer(at, 2), whole(at, 3), whole(at, 0), first, min(grain, whole(at, 0) - first), pointer(at, 4), whole(at, 5) != 0);
}

/** count, grain, x, sums: f64 of each chunk. */
function squaresChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  store<f64>(pointer(at, 3) + ((<usize>chunk) << 3), sumOfSquares(pointer(at, 2) + bytes(first, 1), min(grain, whole(at, 0) - first)));
}

/** rows, grain, x, bytes of a run, bytes from run to run in x, out, and there. */
function copyChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const x = pointer(at, 2) + <usize>first * pointer(at, 4);
  const out = pointer(at, 5) + <usize>first * pointer(at, 6);
  copyRuns(x, min(grain, whole(at, 0) - first), pointer(at, 3), pointer(at, 4), out, pointer(at, 6));
}

/** count, grain, out: zeros. */
function fillChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  memory.fill(pointer(at, 2) + bytes(first, 1), 0, bytes(min(grain, whole(at, 0) - first), 1));
}

/** rows, grain (at most 32), users, width, packed items, item count, offsets and ids of the mask, k, lists of ids, of scores. */
function rankChunk(chunk: i32, at: usize, scratch: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 3);
  const k = whole(at, 8);
  rank(
    min(grain, whole(at, 0) - first),
    first,
    pointer(at, 2) + bytes(first, width),
    width,
    pointer(at, 4),
    whole(at, 5),
    pointer(at, 6),
    pointer(at, 7),
    k,
    pointer(at, 9) + bytes(first, k),
    pointer(at, 10) + bytes(first, k),
    scratch,
  );
}

/** count, grain, a, rowsA, b, rowsB, width, out f64. */
function rowDotsChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const from = bytes(first, 1);
  const out = pointer(at, 7) + (from << 1);
  rowDots(pointer(at, 2), pointer(at, 3) + from, pointer(at, 4), pointer(at, 5) + from, whole(at, 6), min(grain, whole(at, 0) - first), out);
}

/** rows, grain, users, positives, negatives, width, out f64. */
function pairDifferencesChunk(chunk: i32, at: usize): void {
  const grain = whole(at, 1);
  const first = chunk * grain;
  const width = whole(at, 5);
  const from = bytes(first, width);
  const out = pointer(at, 6) + ((<usize>first) << 3);
  pairDifferences(pointer(at, 2) + from, pointer(at, 3) + from, pointer(at, 4) + from, width, min(grain, whole(at, 0) - first), out);
}
