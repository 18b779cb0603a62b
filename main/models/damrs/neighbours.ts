import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { add, addN, exp, log, matMul, mul, neg, reshape, softmax, sub, sum, tensor2d, tidy } from '#engine/ops/basic.ts';
import { gatherParts, gatherRows } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { topKOfScores } from '#engine/ops/top-k.ts';

/** Of the discrimination; the probabilities that choose neighbours have temperature 1. */
const temperature = 0.2;
/** Inside the logarithms, as released. */
const floor = 1e-9;
/** Items compared with all others at once. */
const blockRows = 256;

/** Neighbours of the batch's distinct items in one view: those all views find near, and those only this one does; [items, n] each. */
export interface PseudoNeighbours {
  readonly shared: Int32Array;
  readonly own: Int32Array;
}

/**
 * Chosen on the host before the step, from the views as they are: π_g = softmax over all items of cos(h_g,x, h_g). `units` are the views
 * [N, w] at unit length.
 */
export function pseudoNeighbours(units: readonly Tensor2D[], items: Int32Array, count: number): PseudoNeighbours[] {
  const found = units.map((): PseudoNeighbours => ({
    shared: new Int32Array(items.length * count),
    own: new Int32Array(items.length * count),
  }));
  for (let from = 0; from < items.length; from += blockRows) {
    const block = items.subarray(from, from + blockRows);
    tidy(() => {
      const chances = units.map((unit) => softmax(matMul(gatherRows(unit, block), unit, false, true)) as Tensor2D);
      const total: Tensor2D = addN(chances);
      chances.forEach((chance, g) => {
        const nothing = { offsets: new Int32Array(block.length + 1), indices: new Int32Array(0) };
        const shared = topKOfScores(add(total, chance), nothing, count).items;
        const own = topKOfScores(chance, rowsSorted(shared, count), count).items;
        found[g]!.shared.set(shared, from * count);
        found[g]!.own.set(own, from * count);
      });
    });
  }
  return found;
}

function rowsSorted(lists: Int32Array, count: number): { offsets: Int32Array; indices: Int32Array } {
  const indices = lists.slice();
  for (let from = 0; from < indices.length; from += count) indices.subarray(from, from + count).sort();
  return { offsets: Int32Array.from({ length: lists.length / count + 1 }, (_, row) => row * count), indices };
}

/** What a view's discrimination reads. */
export interface Discrimination {
  /** The batch's distinct items, and each as often as it has neighbours in a list. */
  readonly items: Int32Array;
  readonly repeated: Int32Array;
  /** Rows 0 … items−1. */
  readonly places: Int32Array;
  /** 1 for every item of the dataset. */
  readonly once: Float32Array;
  /** What each distinct item weighs in the mean: 1/items, 0 for spare places. */
  readonly shares: Float32Array;
}

/**
 * Mean over items of −log(S₁/S) − log(S₂/(S − S₁)), S the sum over all items of exp(cos/.2), S₁ and S₂ over the neighbours. S is a
 * log-sum-exp in blocks; the rest are products of rows.
 */
export function neighbourLoss(unit: Tensor2D, { shared, own }: PseudoNeighbours, given: Discrimination): Scalar {
  const { items, repeated, places, once, shares } = given;
  const count = repeated.length / items.length;
  const [query, queries, first, second] = gatherParts(unit, [items, repeated, shared, own]);
  // log S − cos(x, x)/.2: against an item's cosine with itself all exponents are small, and little is rounded.
  const all = reshape(infoNceRows(query!, unit, { queryOf: places, keyOf: items, keyCounts: once }, temperature), [items.length, 1]);
  const part = (keys: Tensor2D): Tensor2D => {
    const beside = reshape(sum(mul(queries!, sub(keys, queries!)), 1), [items.length, count]);
    return sum(exp(sub(mul(beside, 1 / temperature), all)), 1, true);
  };
  const [s1, s2] = [part(first!), part(second!)];
  // S₂/(S − S₁) with both divided by S.
  const rest = exp(sub(log(s2), log(sub(1, s1)))) as Tensor2D;
  const losses = neg(add(log(add(s1, floor)), log(add(rest, floor)))) as Tensor2D;
  return sum(mul(losses, tensor2d(shares, [items.length, 1])));
}
