import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import {
  add,
  concat,
  exp,
  matMul,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  sigmoid,
  slice,
  softplus,
  square,
  step,
  stopGradient,
  sub,
  sum,
} from '#engine/ops/basic.ts';

/** What the views say of the batch's rows: σ(user · unit view row), [rows, views], without gradient. */
export function viewChances(users: Tensor2D, viewRows: readonly Tensor2D[]): Tensor2D {
  const fixed = stopGradient(users);
  return concat(
    viewRows.map((rows): Tensor2D => sigmoid(sum(mul(fixed, stopGradient(rows)), 1, true))),
    1,
  );
}

/**
 * −mean(w⁺ log σ(Δ) + w⁻ log σ(−Δ)) (models.md 2.17). w⁺ falls where the views disagree on the positive; w⁻ turns a row round where they find
 * the positive less likely than the batch's negatives. Chances [rows, views].
 */
export function denoisedBpr(
  users: Tensor2D,
  items: { positive: Tensor2D; negative: Tensor2D },
  chances: { positive: Tensor2D; negative: Tensor2D },
): Scalar {
  const margins = sum(mul(users, sub(items.positive, items.negative)), 1, true) as Tensor2D;
  const views = chances.positive.shape[1];
  const middle = mul(sum(chances.positive, 1, true), 1 / views) as Tensor2D;
  const variance = mul(sum(square(sub(chances.positive, middle)), 1, true), 1 / (views - 1));
  const most = columns(chances.positive).reduce((a, b) => maximum(a, b));
  const usual = mean(chances.negative);
  const clipped = (x: Tensor2D) => minimum(maximum(x, 0), 1) as Tensor2D;
  const believed = clipped(mul(middle, exp(mul(variance, -2))));
  const doubted = mul(step(sub(usual, middle)), clipped(sub(most, usual)));
  return mean(add(mul(believed, softplus(neg(margins))), mul(doubted, softplus(margins)))) as Scalar;
}

/** Shares of a batch's distinct users and items in a mean over all their pairs, [n, 1]; 0 for spare places. */
export interface PairShares {
  readonly users: Tensor2D;
  readonly items: Tensor2D;
}

/**
 * Mean over pairs of both Kullback–Leibler directions between Bernoulli chances σ(a), σ(b) of a = u·x, b = u·y: users [U, w], x and y [I, w].
 * Their sum is (σ(a) − σ(b))(a − b), in which nothing cancels.
 */
export function agreement(
  users: Tensor2D,
  x: Tensor2D,
  y: Tensor2D,
  shares: PairShares,
): { total: Scalar; forward: Scalar; backward: Scalar } {
  const [a, b] = [x, y].map((items) => matMul(users, items, false, true) as Tensor2D);
  const over = (pairs: Tensor2D): Scalar => sum(mul(matMul(pairs, shares.items), shares.users));
  const total = over(mul(sub(sigmoid(a!), sigmoid(b!)), sub(a!, b!)));
  // The directions by themselves are for the record.
  const [fixedA, fixedB] = [stopGradient(a!), stopGradient(b!)];
  const forward = over(add(mul(sigmoid(fixedA), sub(fixedA, fixedB)), sub(softplus(fixedB), softplus(fixedA))));
  return { total, forward, backward: sub(stopGradient(total), forward) };
}

function columns(x: Tensor2D): Tensor2D[] {
  const [rows, count] = x.shape;
  return Array.from({ length: count }, (_, c) => slice(x, [0, c], [rows, 1]));
}
