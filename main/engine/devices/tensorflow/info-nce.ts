/** InfoNCE composed of TensorFlow's ops: three products, exponentials, and narrow tables around them. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelPack, Pairs } from '../../device.ts';
import type { Pointer } from './c-api.ts';
import type { Scope, Workspace } from './workspace.ts';

/** Up to this many exponentials (32 MiB) are kept for the gradient; more are computed again, in blocks. */
const mostKept = 1 << 23;

function size(x: TensorInfo): [number, number] {
  return [x.shape[0]!, x.shape[1]!];
}

/** Up to this magnitude of score/τ exponentials need no shift: their sums stay well inside float32. */
const harmless = 40;

/** Exponentials of the scores of a block of queries, and what is left to do with them. */
interface Shares {
  /** exp(score/τ − shift), counts included where `counts` is undefined; [rows, keys]. */
  readonly exponentials: Pointer;
  /** Subtracted from every score of a row; undefined: nothing was. */
  readonly shift: Pointer | undefined;
  /** How often each key stands in the sums, [keys, 1]; undefined where the exponentials hold it. */
  readonly counts: Pointer | undefined;
}

function largestNorm(on: Workspace, x: Pointer): number {
  const squares = on.read(on.reduce('Sum', on.each('Mul', x, x), 1));
  return Math.sqrt(squares.reduce((most, value) => (value > most || Number.isNaN(value) ? value : most), 0));
}

/** Rows are unit as a rule, and scores then lie within ±1/τ; no pass over the scores is spent on a shift. */
function isHarmless(on: Workspace, queries: Pointer, keys: Pointer, temperature: number): boolean {
  return (largestNorm(on, queries) * largestNorm(on, keys)) / temperature <= harmless;
}

function scoresOf(on: Workspace, queries: Pointer, keys: Pointer, temperature: number): Pointer {
  return on.matMul(on.each('Mul', queries, on.session.constant(1 / temperature)), keys, false, true);
}

/** Scores with the logarithm of the counts; a key with none falls out of every sum. */
function countedScores(on: Workspace, queries: Pointer, keys: Pointer, { keyCounts }: Pairs, temperature: number): Pointer {
  const scores = scoresOf(on, queries, keys, temperature);
  return keyCounts.every((count) => count === 1) ? scores : on.each('AddV2', scores, on.floats(keyCounts.map((count) => Math.log(count))));
}

function sharesOf(on: Workspace, queries: Pointer, keys: Pointer, pairs: Pairs, temperature: number, isPlain: boolean): Shares {
  if (isPlain) {
    const exponentials = on.each('Exp', scoresOf(on, queries, keys, temperature));
    return { exponentials, shift: undefined, counts: on.floats(pairs.keyCounts, [pairs.keyCounts.length, 1]) };
  }
  const scores = countedScores(on, queries, keys, pairs, temperature);
  const shift = on.reduce('Max', scores, 1);
  return { exponentials: on.each('Exp', on.each('Sub', scores, shift)), shift, counts: undefined };
}

function blocksOf(rows: number, count: number): { from: number; live: number }[] {
  const block = Math.max(1, Math.floor(mostKept / 2 / Math.max(count, 1)));
  return Array.from({ length: Math.ceil(rows / block) }, (_, b) => ({ from: b * block, live: Math.min(block, rows - b * block) }));
}

/** Dot products of the paired rows, read back. */
function pairDots(on: Workspace, queries: Pointer, keys: Pointer, pairs: Pairs): Float32Array {
  const q = on.gather(queries, on.ints(pairs.queryOf));
  const k = on.gather(keys, on.ints(pairs.keyOf));
  return on.read(on.reduce('Sum', on.each('Mul', q, k), 1));
}

export function infoNceKernels(scope: Scope): Pick<KernelPack, 'infoNce' | 'infoNceGradient'> {
  return {
    infoNce: (queries, keys, pairs, temperature) =>
      scope((on) => {
        const [[rows, width], [count]] = [size(queries), size(keys)];
        const [q, k] = [on.of(queries), on.of(keys)];
        const isKept = rows * count <= mostKept;
        const logSumExp = new Float32Array(rows);
        const exact = new Float64Array(rows);
        const kept: TensorInfo[] = [];
        const isPlain = isHarmless(on, q, k, temperature);
        for (const { from, live } of isKept ? [{ from: 0, live: rows }] : blocksOf(rows, count)) {
          const here = live === rows ? q : on.rows(q, from, live, width);
          const { exponentials, shift, counts } = sharesOf(on, here, k, pairs, temperature, isPlain);
          const sums = on.read(counts === undefined ? on.reduce('Sum', exponentials, 1) : on.matMul(exponentials, counts));
          const shifts = shift === undefined ? undefined : on.read(shift);
          for (let r = 0; r < live; r++) exact[from + r] = (shifts?.[r] ?? 0) + Math.log(sums[r]!);
          if (!isKept) continue;
          const inverse = on.give(
            sums.map((value) => 1 / value),
            [rows],
          );
          kept.push(on.take(exponentials, [rows, count]), inverse, ...(isPlain ? [on.give(pairs.keyCounts.slice(), [count, 1])] : []));
        }
        logSumExp.set(exact);
        const dots = pairDots(on, q, k, pairs);
        const loss = dots.map((dot, r) => exact[pairs.queryOf[r]!]! - dot / temperature);
        return [on.give(loss, [loss.length]), on.give(logSumExp, [rows]), ...kept];
      }),
    infoNceGradient: (upstream, queries, keys, logSumExp, pairs, temperature, kept) =>
      scope((on) => {
        const [[rows, width], [count]] = [size(queries), size(keys)];
        const [q, k] = [on.of(queries), on.of(keys)];
        const slopes = (on.session.read(on.of(upstream)) as Float32Array).map((value) => value / temperature);
        const weights = new Float64Array(rows);
        pairs.queryOf.forEach((query, r) => (weights[query]! += slopes[r]!));
        const [keptExponentials, inverseSums, keptCounts] = kept;
        // dS = w·e·counts by rows and keys: weights and counts go to the narrow sides of both products.
        const counts = keptCounts === undefined ? undefined : on.of(keptCounts);
        const counted = counts === undefined ? k : on.each('Mul', k, counts);
        const toQueries: Pointer[] = [];
        let toKeys: Pointer | undefined;
        const blocks = keptExponentials === undefined ? blocksOf(rows, count) : [{ from: 0, live: rows }];
        for (const { from, live } of blocks) {
          const here = live === rows ? q : on.rows(q, from, live, width);
          let exponentials: Pointer;
          let inverse: Float32Array | undefined;
          if (keptExponentials === undefined) {
            const lse = (on.session.read(on.of(logSumExp)) as Float32Array).slice(from, from + live);
            const scores = countedScores(on, here, k, pairs, temperature);
            exponentials = on.each('Exp', on.each('Sub', scores, on.floats(lse, [live, 1])));
          } else {
            exponentials = on.of(keptExponentials);
            inverse = on.session.read(on.of(inverseSums!)) as Float32Array;
          }
          const scales = Float32Array.from({ length: live }, (_, r) => weights[from + r]! * (inverse?.[r] ?? 1));
          const by = on.floats(scales, [live, 1]);
          toQueries.push(on.each('Mul', on.matMul(exponentials, counted), by));
          const part = on.matMul(exponentials, on.each('Mul', here, by), true, false);
          toKeys = toKeys === undefined ? part : on.each('AddV2', toKeys, part);
        }
        if (counts !== undefined) toKeys = on.each('Mul', toKeys!, counts);
        const [queryOf, keyOf] = [on.ints(pairs.queryOf), on.ints(pairs.keyOf)];
        const own = on.floats(slopes, [slopes.length, 1]);
        const fromPairs = (table: Pointer, takes: Pointer, gives: Pointer, height: number): Pointer =>
          on.segmentSum(on.each('Mul', on.gather(table, takes), own), gives, height);
        const dq = on.each('Sub', on.concat(toQueries, 0), fromPairs(k, keyOf, queryOf, rows));
        const dk = on.each('Sub', toKeys!, fromPairs(q, queryOf, keyOf, count));
        return [on.take(dq, queries.shape), on.take(dk, keys.shape)];
      }),
  };
}
