import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Distinct } from '#data/batch.ts';
import { add, div, expandDims, mul, relu, reshape, softmax, step, stopGradient, sub, sum } from '#engine/ops/basic.ts';
import { gatherParts } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { mutualNce } from '#engine/ops/mutual-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { meanOf, sameEntityNce, withoutRepeats } from '../parts/losses.ts';
import type { Duplicates } from '../parts/losses.ts';
import { positivesOf, usersOf } from '../parts/two-views.ts';
import type { Views } from '../parts/two-views.ts';

/**
 * EGRA's interaction-aware alignment (models.md E6–E8). That the anchor is the interaction context, that weights depend on how
 * well an entity is aligned and grow over epochs is published; every formula here is our reading.
 */
export interface AlignmentOptions {
  readonly align: 'anchor' | 'direct' | 'both';
  readonly anchorForm: 'partner' | 'pair_sum' | 'pair_prod';
  readonly temperature: number;
  readonly duplicates: Duplicates;
  readonly entityWeight: 'softmax' | 'linear' | 'off';
  readonly weightTemperature: number;
}

interface Sides {
  readonly users: Tensor2D;
  readonly items: Tensor2D;
}

interface RowLosses {
  readonly users: Tensor1D;
  readonly items: Tensor1D;
}

/** mean over batch rows of w_u ℓ_u + w_i ℓ_i, for the stacked distinct rows of both views. */
export function alignmentLoss(views: Views, rows: BatchRows, options: AlignmentOptions): Scalar {
  const [b, z] = [normaliseRows(views.behavior), normaliseRows(views.side)];
  const losses = rowLosses({ b: sides(b, rows), z: sides(z, rows) }, views.behavior, rows, options);
  if (options.entityWeight === 'off') return meanOf(add(losses.users, losses.items) as Tensor1D);
  const alignment = stopGradient(expandDims(sum(mul(b, z), 1), 1)) as Tensor2D;
  const [ofUsers, ofItems] = gatherParts(alignment, [rows.userOf, rows.positiveOf]).map((aligned) =>
    entityWeights(reshape(aligned, [rows.userOf.length]), options.entityWeight as 'softmax' | 'linear', options.weightTemperature),
  );
  return meanOf(add(mul(ofUsers!, losses.users), mul(ofItems!, losses.items)) as Tensor1D);
}

/**
 * Weights of batch rows by g = cos(B_x, Z_x) (E7): the poorer aligned, the heavier; mean 1 over the batch.
 * softmax: b·exp(−g/τ_w)/Σ exp(−g/τ_w); linear: (1−g)/mean(1−g). [rows] → [rows].
 */
export function entityWeights(alignment: Tensor1D, rule: 'softmax' | 'linear', temperature: number): Tensor1D {
  const rows = alignment.shape[0];
  if (rule === 'softmax') return mul(softmax(mul(alignment, -1 / temperature)), rows) as Tensor1D;
  const raw = relu(sub(1, alignment));
  const total = sum(raw);
  // Every entity perfectly aligned: nothing to tell apart, all ones.
  const isNothing = sub(1, step(total));
  return div(add(mul(raw, rows), isNothing), add(total, isNothing)) as Tensor1D;
}

/** λ(t) = min(λ_max, λ₀ + (t−1)(λ_max−λ₀)/T_w) for epoch t = 1, 2, … (E8); `epoch` counts from 0. */
export function epochWeight(
  epoch: number,
  options: { rule: 'linear' | 'off'; max: number; startRatio: number; warmEpochs: number },
): number {
  if (options.rule === 'off') return options.max;
  const start = options.max * options.startRatio;
  return Math.min(options.max, start + (epoch * (options.max - start)) / options.warmEpochs);
}

function rowLosses(unit: { b: Sides; z: Sides }, behavior: Tensor2D, rows: BatchRows, options: AlignmentOptions): RowLosses {
  switch (options.align) {
    case 'direct':
      return directLosses(unit, rows, options);
    case 'anchor':
      return anchorLosses(unit, behavior, rows, options);
    case 'both': {
      const direct = directLosses(unit, rows, options);
      const anchor = anchorLosses(unit, behavior, rows, options);
      return { users: average(direct.users, anchor.users), items: average(direct.items, anchor.items) };
    }
  }
}

/** ℓ_u = ℓ(Z_u; B_u), ℓ_i = ℓ(Z_i; B_i), as MGCN and GUME align. */
function directLosses({ b, z }: { b: Sides; z: Sides }, rows: BatchRows, { temperature, duplicates }: AlignmentOptions): RowLosses {
  return {
    users: sameEntityNce(z.users, b.users, rows.users, temperature, duplicates),
    items: sameEntityNce(z.items, b.items, rows.positives, temperature, duplicates),
  };
}

/** ℓ_x = ½[ℓ(Z_x; a) + ℓ(B_x; a)] with the anchor of the interaction (u, i): the partner's behaviour vector, or one built from both. */
function anchorLosses({ b, z }: { b: Sides; z: Sides }, behavior: Tensor2D, rows: BatchRows, options: AlignmentOptions): RowLosses {
  const { users, positives } = rows;
  const { anchorForm, temperature } = options;
  if (anchorForm === 'partner') {
    const pairs = { firstOf: users.indexOf, secondOf: positives.indexOf, firstCounts: users.counts, secondCounts: positives.counts };
    // ℓ(B_u; B_i) and ℓ(B_i; B_u) read the same cosines.
    const [userBehavior, itemBehavior] = mutualNce(b.users, b.items, pairs, temperature);
    const toItems = { queryOf: users.indexOf, keyOf: positives.indexOf, keyCounts: positives.counts };
    const toUsers = { queryOf: positives.indexOf, keyOf: users.indexOf, keyCounts: users.counts };
    // The keys of users are their items, and the other way round.
    const among = (losses: Tensor1D, keys: Distinct) => (options.duplicates === 'keep' ? losses : withoutRepeats(losses, keys));
    return {
      users: average(among(infoNceRows(z.users, b.items, toItems, temperature), positives), among(userBehavior, positives)),
      items: average(among(infoNceRows(z.items, b.users, toUsers, temperature), users), among(itemBehavior, users)),
    };
  }
  const { keys, keyOf, keyCounts } = pairAnchors(behavior, rows, anchorForm);
  const towards = (queries: Tensor2D, queryOf: Int32Array) => infoNceRows(queries, keys, { queryOf, keyOf, keyCounts }, temperature);
  return {
    users: average(towards(z.users, users.indexOf), towards(b.users, users.indexOf)),
    items: average(towards(z.items, positives.indexOf), towards(b.items, positives.indexOf)),
  };
}

interface Anchors {
  readonly keys: Tensor2D;
  readonly keyOf: Int32Array;
  readonly keyCounts: Float32Array;
}

/** One anchor a batch row: B_u + B_i or B_u ⊙ B_i. No pair comes twice in a batch, so there are no duplicates. */
function pairAnchors(behavior: Tensor2D, rows: BatchRows, form: 'pair_sum' | 'pair_prod'): Anchors {
  const [user, item] = gatherParts(behavior, [rows.userOf, rows.positiveOf]);
  const joined = form === 'pair_sum' ? add(user!, item!) : mul(user!, item!);
  const count = rows.userOf.length;
  return {
    keys: normaliseRows(joined as Tensor2D),
    keyOf: Int32Array.from({ length: count }, (_, row) => row),
    keyCounts: new Float32Array(count).fill(1),
  };
}

function sides(stacked: Tensor2D, rows: BatchRows): Sides {
  return { users: usersOf(stacked, rows), items: positivesOf(stacked, rows) };
}

function average(a: Tensor1D, b: Tensor1D): Tensor1D {
  return mul(add(a, b), 0.5) as Tensor1D;
}
