import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { add, addN, exp, log, mean, mul, neg, reshape, sub, tensor2d } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { frobenius, halfSquares } from '#engine/ops/norms.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import type { Distinct } from '#data/batch.ts';

/** Loss terms of models.md 0.4 that are not an engine op by themselves. */

/** ε in bprε = −mean log(ε + σ(Δ)) of BPR, VBPR and LightGCN. */
export const releasedFloor = 1e-10;

/** RegF: the sum of unsquared norms ‖·‖_F divided by the rows of the last matrix. */
export function regF(gathered: readonly Tensor2D[]): Scalar {
  const rows = gathered[gathered.length - 1]!.shape[0];
  return mul(addN(gathered.map((rowsOf) => frobenius(rowsOf))), 1 / rows) as Scalar;
}

/** Reg2: ½ Σ of squares over all gathered rows divided by the configured batch size, also in the short last batch. */
export function reg2(gathered: readonly Tensor2D[], batchSize: number): Scalar {
  return mul(addN(gathered.map((rowsOf) => halfSquares(rowsOf))), 1 / batchSize) as Scalar;
}

/** RegS: ½ Σ of squares over all gathered rows, not divided. */
export function regS(gathered: readonly Tensor2D[]): Scalar {
  return addN(gathered.map((rowsOf) => halfSquares(rowsOf))) as Scalar;
}

/** Mean over all entries of x². */
export function meanSquare(x: Tensor2D): Scalar {
  return mul(halfSquares(x), 2 / x.size) as Scalar;
}

/** bpr₂ = −mean log₂ σ(Δ) is bpr times this. */
export const perBit = 1 / Math.LN2;

/**
 * InfoNCE of every batch row whose query and key are the same entity, over its distinct rows: queries and keys are unit rows
 * [distinct, w]; a repeated entity stays in the denominator as often as it occurs. Returns [rows].
 */
export function sameEntityNce(
  queries: Tensor2D,
  keys: Tensor2D,
  entities: Distinct,
  temperature: number,
  duplicates: Duplicates = 'keep',
): Tensor1D {
  const pairs = { queryOf: entities.indexOf, keyOf: entities.indexOf, keyCounts: entities.counts };
  const losses = infoNceRows(queries, keys, pairs, temperature);
  return duplicates === 'keep' ? losses : withoutRepeats(losses, entities);
}

/** `nce_duplicates` (models.md 0.4): whether further occurrences of a row's own key stay among its negatives. */
export type Duplicates = 'keep' | 'mask';

/**
 * InfoNCE losses [rows] without the further occurrences of each row's own key: with p = exp(−ℓ) its share of the denominator and c
 * occurrences, ℓ + log(1 − (c−1)·p).
 */
export function withoutRepeats(losses: Tensor1D, { indexOf, counts }: Pick<Distinct, 'indexOf' | 'counts'>): Tensor1D {
  const occurrences = reshape(gatherRows(tensor2d(counts, [counts.length, 1]), indexOf), losses.shape);
  return add(losses, log(sub(1, mul(sub(occurrences, 1), exp(neg(losses))))));
}

export function meanOf(rows: Tensor1D): Scalar {
  return mean(rows) as Scalar;
}
