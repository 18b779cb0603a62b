import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { addN, mean, mul } from '#engine/ops/basic.ts';
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
export function sameEntityNce(queries: Tensor2D, keys: Tensor2D, entities: Distinct, temperature: number): Tensor1D {
  const pairs = { queryOf: entities.indexOf, keyOf: entities.indexOf, keyCounts: entities.counts };
  return infoNceRows(queries, keys, pairs, temperature);
}

export function meanOf(rows: Tensor1D): Scalar {
  return mean(rows) as Scalar;
}
