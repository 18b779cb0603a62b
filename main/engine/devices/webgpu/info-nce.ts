/** InfoNCE from blocks of scores: products in tiles, reductions by rows; no block is kept for the gradient. */
import type { Pairs } from '../../device.ts';
import type { GpuBuffer } from './dawn.ts';
import { multiply } from './products.ts';
import { laneSum, placesByRow, preciseLog, segmentSum } from './rows.ts';
import type { Program, Runner } from './runner.ts';

/** Scores of a block, at most: 32 MiB. */
const mostScores = 1 << 23;

/** Of each row of a block: its largest score and log Σ counts · exp(score − largest), scores divided by the temperature. */
const rowLogs: Program = {
  name: 'infoNce rows',
  buffers: { scores: { of: 'f32' }, counts: { of: 'f32' }, largest: { of: 'f32', writes: true }, logs: { of: 'f32', writes: true } },
  numbers: { rows: 'u32', keys: 'u32', temperature: 'f32', start: 'u32' },
  lanes: 64,
  before: `${laneSum(64)}${preciseLog}
fn laneMax(value: f32, lane: u32) -> f32 {
  shelf[lane] = value;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (lane < half) { shelf[lane] = max(shelf[lane], shelf[lane + half]); }
    workgroupBarrier();
  }
  let most = shelf[0];
  workgroupBarrier();
  return most;
}`,
  body: `
  if (group >= n.rows) { return; }
  var most = -3.0e38;
  for (var k = lane; k < n.keys; k += 64u) {
    if (counts[k] > 0.0) { most = max(most, scores[group * n.keys + k] / n.temperature); }
  }
  most = laneMax(most, lane);
  var sum = 0.0;
  for (var k = lane; k < n.keys; k += 64u) {
    if (counts[k] > 0.0) { sum += counts[k] * exp(scores[group * n.keys + k] / n.temperature - most); }
  }
  sum = laneSum(sum, lane);
  if (lane == 0u) {
    largest[n.start + group] = most;
    logs[n.start + group] = preciseLog(sum);
  }`,
};

/** The largest score is taken off first: what remains of both is small, and their difference keeps its digits. */
const pairLosses: Program = {
  name: 'infoNce pairs',
  buffers: {
    ...({ queries: { of: 'f32' }, keys: { of: 'f32' }, queryOf: { of: 'u32' }, keyOf: { of: 'u32' } } as const),
    ...({ largest: { of: 'f32' }, logs: { of: 'f32' }, losses: { of: 'f32', writes: true } } as const),
  },
  numbers: { pairs: 'u32', width: 'u32', temperature: 'f32' },
  lanes: 64,
  before: laneSum(64),
  body: `
  if (group >= n.pairs) { return; }
  let q = queryOf[group];
  let k = keyOf[group];
  var product = 0.0;
  for (var c = lane; c < n.width; c += 64u) { product += queries[q * n.width + c] * keys[k * n.width + c]; }
  product = laneSum(product, lane);
  if (lane == 0u) { losses[group] = (largest[q] - product / n.temperature) + logs[q]; }`,
};

const addLogs: Program = {
  name: 'infoNce log-sum-exp',
  buffers: { largest: { of: 'f32' }, logs: { of: 'f32' }, out: { of: 'f32', writes: true } },
  numbers: { count: 'u32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  out[place] = largest[place] + logs[place];`,
};

/** Scores become their part of the gradient: g_q · counts · exp(score − log-sum-exp) / τ. */
const shares: Program = {
  name: 'infoNce shares',
  buffers: { weights: { of: 'f32' }, counts: { of: 'f32' }, logSumExp: { of: 'f32' }, scores: { of: 'f32', writes: true } },
  numbers: { count: 'u32', keys: 'u32', temperature: 'f32', start: 'u32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  let q = n.start + place / n.keys;
  let share = exp(scores[place] / n.temperature - logSumExp[q]);
  let count = counts[place % n.keys];
  scores[place] = select(0.0, weights[q] * count * share / n.temperature, count > 0.0);`,
};

/** Takes off each pair's own row of the other table: out_row −= Σ upstream · other_row / τ. */
const pullPairs: Program = {
  name: 'infoNce pull',
  buffers: {
    ...({ offsets: { of: 'u32' }, order: { of: 'u32' }, otherOf: { of: 'u32' }, up: { of: 'f32' }, other: { of: 'f32' } } as const),
    out: { of: 'f32', writes: true },
  },
  numbers: { count: 'u32', width: 'u32', temperature: 'f32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  let row = place / n.width;
  var sum = 0.0;
  for (var e = offsets[row]; e < offsets[row + 1u]; e++) {
    let pair = order[e];
    sum += up[pair] * other[otherOf[pair] * n.width + place % n.width];
  }
  out[place] -= sum / n.temperature;`,
};

export interface Tables {
  readonly queries: GpuBuffer;
  readonly keys: GpuBuffer;
  /** Rows of each and their common width. */
  readonly queryRows: number;
  readonly keyRows: number;
  readonly width: number;
}

/** Runs `work` over blocks of queries, each with its scores [count, keyRows]. */
function blocks(gpu: Runner, tables: Tables, work: (scores: GpuBuffer, from: number, count: number) => void): void {
  const { queries, keys, queryRows, keyRows, width } = tables;
  const most = Math.max(1, Math.floor(mostScores / Math.max(keyRows, 1)));
  for (let from = 0; from < queryRows; from += most) {
    const count = Math.min(most, queryRows - from);
    const scores = gpu.scratch(count * keyRows * 4);
    const shape = { rows: count, inner: width, columns: keyRows, transposeB: true };
    multiply(gpu, { buffer: queries, from: from * width }, { buffer: keys }, { buffer: scores }, shape);
    work(scores, from, count);
  }
}

/** Losses [pairs] and log-sum-exp [queries]; see ops/info-nce.ts. */
export function infoNce(
  gpu: Runner,
  tables: Tables,
  pairs: Pairs,
  temperature: number,
  out: { readonly losses: GpuBuffer; readonly logSumExp: GpuBuffer },
): void {
  const [largest, logs] = [gpu.scratch(tables.queryRows * 4), gpu.scratch(tables.queryRows * 4)];
  const counts = gpu.put(pairs.keyCounts);
  blocks(gpu, tables, (scores, from, count) => {
    gpu.run(rowLogs, [scores, counts, largest, logs], [count, tables.keyRows, temperature, from], count);
  });
  const count = pairs.queryOf.length;
  const buffers = [tables.queries, tables.keys, gpu.put(pairs.queryOf), gpu.put(pairs.keyOf), largest, logs, out.losses];
  gpu.run(pairLosses, buffers, [count, tables.width, temperature], count);
  gpu.each(addLogs, [largest, logs, out.logSumExp], [tables.queryRows], tables.queryRows);
}

/** dS[q,k] = (g_q p_qk − Σ upstream of pairs (q,k))/τ with g_q = Σ upstream over the pairs of q; dQ = dS·K, dK = dSᵀ·Q. */
export function infoNceGradient(
  gpu: Runner,
  tables: Tables,
  pairs: Pairs,
  temperature: number,
  given: { readonly upstream: GpuBuffer; readonly logSumExp: GpuBuffer; readonly toQueries: GpuBuffer; readonly toKeys: GpuBuffer },
): void {
  const { queries, keys, queryRows, keyRows, width } = tables;
  const { upstream, logSumExp, toQueries, toKeys } = given;
  const weights = gpu.scratch(queryRows * 4);
  segmentSum(gpu, upstream, pairs.queryOf, queryRows, weights, 1);
  const counts = gpu.put(pairs.keyCounts);
  blocks(gpu, tables, (scores, from, count) => {
    gpu.each(shares, [weights, counts, logSumExp, scores], [count * keyRows, keyRows, temperature, from], count * keyRows);
    const ofBlock = { buffer: toQueries, from: from * width };
    multiply(gpu, { buffer: scores }, { buffer: keys }, ofBlock, { rows: count, inner: keyRows, columns: width });
    const shape = { rows: keyRows, inner: count, columns: width, transposeA: true, adds: from > 0 };
    multiply(gpu, { buffer: scores }, { buffer: queries, from: from * width }, { buffer: toKeys }, shape);
  });
  const pull = (own: Int32Array, rows: number, other: Int32Array, table: GpuBuffer, out: GpuBuffer): void => {
    const { offsets, order } = placesByRow(own, rows);
    const buffers = [gpu.put(offsets), gpu.put(order), gpu.put(other), upstream, table, out];
    gpu.each(pullPairs, buffers, [rows * width, width, temperature], rows * width);
  };
  pull(pairs.queryOf, queryRows, pairs.keyOf, keys, toQueries);
  pull(pairs.keyOf, keyRows, pairs.queryOf, queries, toKeys);
}
