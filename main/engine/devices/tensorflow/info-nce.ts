/** InfoNCE composed of TensorFlow's ops: three products, exponentials, and narrow tables around them. Nothing is read back. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelPack, Pairs } from '../../device.ts';
import type { Pointer } from './c-api.ts';
import { scatterSum } from './scatter.ts';
import { types } from './session.ts';
import type { Scope, Workspace } from './workspace.ts';

/** Up to this many exponentials (32 MiB) are kept for the gradient; more are computed again, in blocks. */
const mostKept = 1 << 23;

function size(x: TensorInfo): [number, number] {
  return [x.shape[0]!, x.shape[1]!];
}

/** Scores of unit rows lie within ±1/τ; from this temperature on, exponentials need no shift: their sums stay well inside float32. */
const mildTemperature = 1 / 40;

/** Exponentials of the scores of a block of queries, and what is left to do with them. */
interface Shares {
  /** exp(score/τ − shift), counts included where `counts` is undefined; [rows, keys]. */
  readonly exponentials: Pointer;
  /** Subtracted from every score of a row, [rows, 1]; undefined: nothing was. */
  readonly shift: Pointer | undefined;
  /** How often each key stands in the sums, [keys, 1]; undefined where the exponentials hold it. */
  readonly counts: Pointer | undefined;
}

function countsOf(on: Workspace, { keyCounts }: Pairs): Pointer {
  return on.floats(keyCounts, [keyCounts.length, 1]);
}

function scoresOf(on: Workspace, queries: Pointer, keys: Pointer, temperature: number): Pointer {
  return on.matMul(on.each('Mul', queries, on.session.constant(1 / temperature)), keys, false, true);
}

/** Scores with the logarithm of the counts; a key with none falls out of every sum. */
function countedScores(on: Workspace, queries: Pointer, keys: Pointer, { keyCounts }: Pairs, temperature: number): Pointer {
  return on.each('AddV2', scoresOf(on, queries, keys, temperature), on.each('Log', on.floats(keyCounts)));
}

function sharesOf(on: Workspace, queries: Pointer, keys: Pointer, pairs: Pairs, temperature: number): Shares {
  if (temperature >= mildTemperature) {
    const exponentials = on.each('Exp', scoresOf(on, queries, keys, temperature));
    return { exponentials, shift: undefined, counts: countsOf(on, pairs) };
  }
  const scores = countedScores(on, queries, keys, pairs, temperature);
  const shift = on.reduce('Max', scores, 1);
  return { exponentials: on.each('Exp', on.each('Sub', scores, shift)), shift, counts: undefined };
}

function blocksOf(rows: number, count: number): { from: number; live: number }[] {
  const block = Math.max(1, Math.floor(mostKept / 2 / Math.max(count, 1)));
  return Array.from({ length: Math.ceil(rows / block) }, (_, b) => ({ from: b * block, live: Math.min(block, rows - b * block) }));
}

/** Dot products of the paired rows, float64 [pairs, 1]. */
function pairDots(on: Workspace, queries: Pointer, keys: Pointer, pairs: Pairs): Pointer {
  const q = on.gather(queries, on.ints(pairs.queryOf));
  const k = on.gather(keys, on.ints(pairs.keyOf));
  return on.double(on.reduce('Sum', on.each('Mul', q, k), 1));
}

export function infoNceKernels(scope: Scope): Pick<KernelPack, 'infoNce' | 'infoNceGradient'> {
  return {
    infoNce: (queries, keys, pairs, temperature) =>
      scope((on) => {
        const [[rows, width], [count]] = [size(queries), size(keys)];
        const [q, k] = [on.of(queries), on.of(keys)];
        const isKept = rows * count <= mostKept;
        const exact: Pointer[] = [];
        const kept: TensorInfo[] = [];
        for (const { from, live } of isKept ? [{ from: 0, live: rows }] : blocksOf(rows, count)) {
          const here = live === rows ? q : on.rows(q, from, live, width);
          const { exponentials, shift, counts } = sharesOf(on, here, k, pairs, temperature);
          const sums = counts === undefined ? on.reduce('Sum', exponentials, 1) : on.matMul(exponentials, counts);
          const logs = on.eachDouble('Log', on.double(sums));
          exact.push(shift === undefined ? logs : on.eachDouble('AddV2', logs, on.double(shift)));
          if (isKept) kept.push(on.take(exponentials, [rows, count]), on.take(on.each('Reciprocal', sums), [rows, 1]));
        }
        const all = on.concat(exact, 0, types.double);
        const dots = on.eachDouble('Mul', pairDots(on, q, k, pairs), on.session.constantDouble(1 / temperature));
        const loss = on.single(on.eachDouble('Sub', on.gather(all, on.ints(pairs.queryOf), types.double), dots));
        const pairCount = pairs.queryOf.length;
        return [on.take(on.reshape(loss, [pairCount]), [pairCount]), on.take(on.reshape(on.single(all), [rows]), [rows]), ...kept];
      }),
    infoNceGradient: (upstream, queries, keys, logSumExp, pairs, temperature, kept) =>
      scope((on) => {
        const [[rows, width], [count]] = [size(queries), size(keys)];
        const [q, k] = [on.of(queries), on.of(keys)];
        const [queryOf, keyOf] = [on.ints(pairs.queryOf), on.ints(pairs.keyOf)];
        const slopes = on.each('Mul', on.reshape(on.of(upstream), [pairs.queryOf.length, 1]), on.session.constant(1 / temperature));
        const weights = on.segmentSum(on.double(slopes), queryOf, rows, types.double);
        const [keptExponentials, inverseSums] = kept;
        const isCounted = keptExponentials === undefined || temperature < mildTemperature;
        // dS = w·e·counts by rows and keys: weights and counts go to the narrow sides of both products.
        const counts = isCounted ? undefined : countsOf(on, pairs);
        const counted = counts === undefined ? k : on.each('Mul', k, counts);
        const scales = on.single(
          inverseSums === undefined ? weights : on.eachDouble('Mul', weights, on.double(on.reshape(on.of(inverseSums), [rows, 1]))),
        );
        const toQueries: Pointer[] = [];
        let toKeys: Pointer | undefined;
        const blocks = keptExponentials === undefined ? blocksOf(rows, count) : [{ from: 0, live: rows }];
        const lse = keptExponentials === undefined ? on.reshape(on.of(logSumExp), [rows, 1]) : undefined;
        for (const { from, live } of blocks) {
          const part = (x: Pointer, columns: number): Pointer => (live === rows ? x : on.rows(x, from, live, columns));
          const here = part(q, width);
          const exponentials =
            lse === undefined
              ? on.of(keptExponentials!)
              : on.each('Exp', on.each('Sub', countedScores(on, here, k, pairs, temperature), part(lse, 1)));
          const by = part(scales, 1);
          toQueries.push(on.each('Mul', on.matMul(exponentials, counted), by));
          const added = on.matMul(exponentials, on.each('Mul', here, by), true, false);
          toKeys = toKeys === undefined ? added : on.each('AddV2', toKeys, added);
        }
        if (counts !== undefined) toKeys = on.each('Mul', toKeys!, counts);
        const fromPairs = (table: Pointer, takes: Pointer, gives: Int32Array, height: number): Pointer =>
          scatterSum(on, on.each('Mul', on.gather(table, takes), slopes), [gives], height);
        const dq = on.each('Sub', on.concat(toQueries, 0), fromPairs(k, keyOf, pairs.queryOf, rows));
        const dk = on.each('Sub', toKeys!, fromPairs(q, queryOf, pairs.keyOf, count));
        return [on.take(dq, queries.shape), on.take(dk, keys.shape)];
      }),
  };
}
