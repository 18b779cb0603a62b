import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Filled } from '#data/batch.ts';
import { add, addN, concat, exp, log, maximum, mul, neg, slice, stopGradient, sub, tensor1d } from '#engine/ops/basic.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { mutualNce } from '#engine/ops/mutual-nce.ts';
import { meanOf, sameEntityNce, withoutRepeats } from '../parts/losses.ts';
import type { Duplicates } from '../parts/losses.ts';

/**
 * SIGER's dual alignment (models.md G6, G7). That semantic representations are aligned by an anchor-based InfoNCE with behaviour as
 * anchor, and behaviour with the fused semantics by a standard one, is published; every formula here is our reading.
 */
export interface AnchorOptions {
  readonly form: 'joint' | 'separate' | 'triplet';
  /** Whether the entity's own other modalities stay out of the denominator; `joint` alone asks. */
  readonly maskSelf: boolean;
  readonly detachAnchor: boolean;
  readonly temperature: number;
  readonly duplicates: Duplicates;
}

/** Where an anchor finds its keys among the stacked views of all modalities. Made on the host: it differs from batch to batch. */
export interface JointPairs {
  /** Anchor and key of every modality and batch row, modality by modality. */
  readonly queryOf: Int32Array;
  readonly keyOf: Int32Array;
  /** Occurrences in the batch of every key. */
  readonly keyCounts: Float32Array;
  /** Occurrences of the entity of every batch row. */
  readonly occurrences: Float32Array;
}

export function jointPairs({ indexOf, counts }: Filled, modalities: number): JointPairs {
  const rows = indexOf.length;
  const queryOf = new Int32Array(modalities * rows);
  const keyOf = new Int32Array(modalities * rows);
  const keyCounts = new Float32Array(modalities * counts.length);
  for (let m = 0; m < modalities; m++) {
    queryOf.set(indexOf, m * rows);
    keyOf.set(
      indexOf.map((place) => place + m * counts.length),
      m * rows,
    );
    keyCounts.set(counts, m * counts.length);
  }
  return { queryOf, keyOf, keyCounts, occurrences: Float32Array.from(indexOf, (place) => counts[place]!) };
}

/** L_anc of one side (G6), mean over batch rows: unit anchors B [rows, w] towards the unit views s_m [rows, w] of every modality. */
export function anchorLoss(
  anchors: Tensor2D,
  views: readonly Tensor2D[],
  entities: Filled,
  pairs: JointPairs | undefined,
  options: AnchorOptions,
): Scalar {
  const { form, detachAnchor, temperature, duplicates } = options;
  const b = detachAnchor ? stopGradient(anchors) : anchors;
  if (form === 'joint') return jointLoss(b, views, pairs!, options);
  const nce = (queries: Tensor2D, keys: Tensor2D) => meanOf(sameEntityNce(queries, keys, entities, temperature, duplicates));
  const separate = averaged(views.map((view) => nce(b, view)));
  if (form === 'separate' || views.length < 2) return separate;
  // InfoNCE(s_v, s_t); with more modalities the mean over their ordered pairs m < m'.
  const between = views.flatMap((view, m) => views.slice(m + 1).map((other) => nce(view, other)));
  return add(separate, averaged(between));
}

/** With every modality's views among the keys; an entity of the batch that occurs twice counts twice. */
function jointLoss(b: Tensor2D, views: readonly Tensor2D[], pairs: JointPairs, options: AnchorOptions): Scalar {
  const { maskSelf, temperature, duplicates } = options;
  const modalities = views.length;
  const rows = pairs.occurrences.length;
  const keys = views.length === 1 ? views[0]! : (concat([...views], 0) as Tensor2D);
  const all = infoNceRows(b, keys, pairs, temperature);
  if (!maskSelf && duplicates === 'keep') return meanOf(all);
  const losses = views.map((_, m) => slice(all, [m * rows], [rows]) as Tensor1D);
  // ℓ_m = −log p_m, p_m the share of key m in the whole denominator. What is to go is the entity's own part of it, c·Σ p_m' with c
  // occurrences, but for one p_m, or but for one of each: −log(p_m / (1 − c·Σ p_m' + p_m)). All from one pass over the keys.
  const shares = losses.map((loss) => exp(neg(loss)) as Tensor1D);
  const once = shares.length === 1 ? shares[0]! : addN([...shares]);
  const own = mul(once, tensor1d(pairs.occurrences));
  const masked = losses.map((loss, m) => {
    const left = sub(1, sub(own, maskSelf ? shares[m]! : once));
    // The others' part may round to nothing, its logarithm must not.
    return meanOf(add(loss, log(maximum(left, leastPart))) as Tensor1D);
  });
  return mul(addN(masked), 1 / modalities) as Scalar;
}

const leastPart = 1e-6;

/** L_fus of one side (G7), mean over batch rows: b2f anchors query the fused views, f2b the other way, sym the mean of both. */
export function fusedLoss(
  b: Tensor2D,
  fused: Tensor2D,
  entities: Filled,
  { direction, temperature, duplicates }: { direction: 'b2f' | 'f2b' | 'sym'; temperature: number; duplicates: Duplicates },
): Scalar {
  switch (direction) {
    case 'b2f':
      return meanOf(sameEntityNce(b, fused, entities, temperature, duplicates));
    case 'f2b':
      return meanOf(sameEntityNce(fused, b, entities, temperature, duplicates));
    case 'sym': {
      const { indexOf, counts } = entities;
      const pairs = { firstOf: indexOf, secondOf: indexOf, firstCounts: counts, secondCounts: counts };
      const both = mutualNce(b, fused, pairs, temperature);
      return averaged((duplicates === 'keep' ? both : both.map((losses) => withoutRepeats(losses, entities))).map(meanOf));
    }
  }
}

function averaged(losses: readonly Scalar[]): Scalar {
  return losses.length === 1 ? losses[0]! : (mul(addN([...losses]), 1 / losses.length) as Scalar);
}
