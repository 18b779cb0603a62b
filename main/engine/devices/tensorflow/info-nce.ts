/** InfoNCE composed of TensorFlow's ops: products, and log-sum-exp around each row's largest score. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelPack, Pairs } from '../../device.ts';
import type { Pointer } from './c-api.ts';
import type { Scope, Workspace } from './workspace.ts';

/** Up to this many exponentials (32 MiB) are kept for the gradient; more are computed again, in blocks. */
const mostKept = 1 << 23;

function size(x: TensorInfo): [number, number] {
  return [x.shape[0]!, x.shape[1]!];
}

/** The logarithm of the counts; a key with none falls out of every sum. */
function logCounts(counts: Float32Array): Float32Array | undefined {
  return counts.every((count) => count === 1) ? undefined : counts.map((count) => Math.log(count));
}

/** score/τ + log count, [rows, keys]. */
function logits(on: Workspace, queries: Pointer, keys: Pointer, pairs: Pairs, temperature: number): Pointer {
  const scaled = on.each('Mul', queries, on.session.constant(1 / temperature));
  const scores = on.matMul(scaled, keys, false, true);
  const counts = logCounts(pairs.keyCounts);
  return counts === undefined ? scores : on.each('AddV2', scores, on.floats(counts));
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
        for (const { from, live } of isKept ? [{ from: 0, live: rows }] : blocksOf(rows, count)) {
          const all = logits(on, live === rows ? q : on.rows(q, from, live, width), k, pairs, temperature);
          const largest = on.reduce('Max', all, 1);
          const exponentials = on.each('Exp', on.each('Sub', all, largest));
          const sums = on.reduce('Sum', exponentials, 1);
          const [top, sum] = [on.read(largest), on.read(sums)];
          for (let r = 0; r < live; r++) exact[from + r] = top[r]! + Math.log(sum[r]!);
          if (isKept)
            kept.push(
              on.take(exponentials, [rows, count]),
              on.give(
                sum.map((value) => 1 / value),
                [rows],
              ),
            );
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
        const [keptExponentials, inverseSums] = kept;
        const toQueries: Pointer[] = [];
        let toKeys: Pointer | undefined;
        const blocks = keptExponentials === undefined ? blocksOf(rows, count) : [{ from: 0, live: rows }];
        for (const { from, live } of blocks) {
          const here = live === rows ? q : on.rows(q, from, live, width);
          // dS = w·e by rows, so the weights go to the narrow side of both products.
          let [exponentials, inverse]: [Pointer, Float32Array | undefined] = [0n, undefined];
          if (keptExponentials === undefined) {
            const all = logits(on, here, k, pairs, temperature);
            const lse = (on.session.read(on.of(logSumExp)) as Float32Array).slice(from, from + live);
            exponentials = on.each('Exp', on.each('Sub', all, on.floats(lse, [live, 1])));
          } else {
            exponentials = on.of(keptExponentials);
            inverse = on.session.read(on.of(inverseSums!)) as Float32Array;
          }
          const by = on.floats(
            Float32Array.from({ length: live }, (_, r) => weights[from + r]! * (inverse?.[r] ?? 1)),
            [live, 1],
          );
          toQueries.push(on.each('Mul', on.matMul(exponentials, k), by));
          const part = on.matMul(exponentials, on.each('Mul', here, by), true, false);
          toKeys = toKeys === undefined ? part : on.each('AddV2', toKeys, part);
        }
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
