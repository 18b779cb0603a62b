import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { csrFromEntries, degreeNormalised } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { nearestNeighbours } from '#data/knn.ts';
import type { Neighbours } from '#data/knn.ts';
import { div, maximum, mul, reshape, slice, softmax, sqrt, sum, values } from '#engine/ops/basic.ts';
import { gatherParts, gatherRows, segmentSum } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';

/** Neighbour pairs of every modality, found on the host for the first batch of an epoch: which entries the learned graph keeps. */
export interface LearnedPairs {
  readonly rows: readonly Int32Array[];
  readonly columns: readonly Int32Array[];
}

/** Top-k by cosine of projected features [N, w], the item itself included. */
export function neighboursOf(projected: Tensor2D, k: number): Neighbours {
  const [rows, width] = projected.shape;
  return nearestNeighbours({ rows, width, values: values(projected) }, { k, self: true, search: deviceSearch });
}

export function pairsOf(found: readonly Neighbours[]): LearnedPairs {
  const rows: Int32Array[] = [];
  const columns: Int32Array[] = [];
  for (const { ids, k } of found) {
    const kept = Int32Array.from(ids.keys()).filter((place) => ids[place]! >= 0);
    rows.push(kept.map((place) => Math.floor(place / k)));
    columns.push(kept.map((place) => ids[place]!));
  }
  return { rows, columns };
}

/** The learned graph as a constant [N, N]: Σ_m w_m · cosines, then D^-½ · D^-½ of the mix. */
export function learnedMatrix(found: readonly Neighbours[], weights: ArrayLike<number>): CsrMatrix {
  const { rows, columns } = pairsOf(found);
  const flat = (parts: readonly Int32Array[]) => Int32Array.from(parts.flatMap((part) => [...part]));
  const entries = found.flatMap(({ ids, cosines }, m) =>
    [...cosines].filter((_, place) => ids[place]! >= 0).map((cosine) => weights[m]! * cosine),
  );
  const count = found[0]!.rows;
  return degreeNormalised(csrFromEntries({ rows: count, columns: count }, { rows: flat(rows), columns: flat(columns), values: entries }));
}

/** Softmax over modalities of ω, on the host. */
export function softmaxOf(omega: ArrayLike<number>): number[] {
  const powers = Array.from(omega, (value) => Math.exp(value));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Softmax over modalities of ω, one [1, 1] each. */
export function modalWeights(omega: Tensor1D): Tensor2D[] {
  const count = omega.size;
  const weights = softmax(reshape(omega, [1, count])) as Tensor2D;
  return Array.from({ length: count }, (_, m) => slice(weights, [0, m], [1, 1]));
}

/** One pass of x [N, w] over the learned graph, with gradients to the kept cosines, the row sums, the weights and x. */
export function learnedPass(given: {
  projected: readonly Tensor2D[];
  weights: readonly Tensor2D[];
  pairs: LearnedPairs;
}): (x: Tensor2D) => Tensor2D {
  const { projected, weights, pairs } = given;
  const items = projected[0]!.shape[0];
  const links = projected.map((features, m): Tensor2D => {
    const [a, b] = gatherParts(normaliseRows(features), [pairs.rows[m]!, pairs.columns[m]!]);
    return mul(sum(mul(a!, b!), 1, true), weights[m]!);
  });
  const sums = segmentSum(links, pairs.rows, items);
  const scale = div(1, sqrt(maximum(sums, smallestSum))) as Tensor2D;
  return (x) => {
    const scaled = mul(x, scale) as Tensor2D;
    const passed = links.map((link, m): Tensor2D => mul(gatherRows(scaled, pairs.columns[m]!), link));
    return mul(segmentSum(passed, pairs.rows, items), scale);
  };
}

/** An item whose features project to nothing has no links; its row stays 0. */
const smallestSum = 1e-12;
