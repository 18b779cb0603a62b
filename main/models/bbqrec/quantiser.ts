import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import { add, addN, concat, div, matMul, mul, step, stopGradient, sub, sum, square, transpose } from '#engine/ops/basic.ts';
import { columnMax } from '#engine/ops/column-max.ts';
import { xavierNormal } from '../parts/initial.ts';
import type { Belongings, Table } from '../parts/parameters.ts';

export interface Quantised {
  /** Σ_l C_l[c_l], [n, w]. */
  readonly values: Tensor2D;
  /** c_l of each row and level, [n, levels], as whole floats. */
  readonly codes: Tensor2D;
  /** Σ_l ‖sg r^{l−1} − C_l[c_l]‖² + commitment · ‖r^{l−1} − sg C_l[c_l]‖² of each row, [n, 1]. */
  readonly distance: Tensor2D;
}

/** Residual quantisation with one codebook a level, shared by whatever is quantised (models.md 3.3, 3). */
export class ResidualQuantiser {
  readonly codebooks: readonly Table[];
  readonly #commitment: number;
  readonly #numbers: Tensor2D;

  constructor(
    own: Belongings,
    random: Random,
    { levels, codes, width, commitment }: { levels: number; codes: number; width: number; commitment: number },
  ) {
    this.codebooks = Array.from({ length: levels }, (_, level) =>
      own.table(`codebook.${level}`, xavierNormal(random, codes, width), codes, width),
    );
    this.#commitment = commitment;
    this.#numbers = own.constant(
      Float32Array.from({ length: codes }, (_, code) => code),
      codes,
      1,
    );
  }

  /** Rows of y [n, w] as sums of codes. Gradients reach y by the second half of the distance alone, codes by the first. */
  quantise(y: Tensor2D): Quantised {
    let rest = y;
    const chosen: Tensor2D[] = [];
    const codes: Tensor2D[] = [];
    const distances: Tensor2D[] = [];
    for (const codebook of this.codebooks) {
      const nearest = nearestCodes(stopGradient(rest), stopGradient(codebook));
      const found = matMul(nearest, codebook) as Tensor2D;
      const far = (x: Tensor2D): Tensor2D => sum(square(x), 1, true);
      distances.push(add(far(sub(stopGradient(rest), found)), mul(far(sub(rest, stopGradient(found))), this.#commitment)));
      chosen.push(found);
      codes.push(matMul(nearest, this.#numbers) as Tensor2D);
      rest = sub(rest, found);
    }
    return { values: addN<Tensor2D>(chosen), codes: concat(codes, 1), distance: addN<Tensor2D>(distances) };
  }
}

/** ŷ = ΣC in value with the gradient of y: straight-through. */
export function straightThrough(y: Tensor2D, values: Tensor2D): Tensor2D {
  return add(y, stopGradient(sub(values, y)));
}

/**
 * The nearest of k codes for each row: [n, k], 1 at its place and 0 elsewhere. Of codes that are equally near each counts in equal parts:
 * codes start at random, so only equal ones can be, and their mean is the code itself.
 */
export function nearestCodes(x: Tensor2D, codes: Tensor2D): Tensor2D {
  // ‖x − C‖² less ‖x‖², halved and negated: x·C − ½‖C‖², [k, n], so that the largest of each column is wanted.
  const nearness = sub(matMul(codes, x, false, true), mul(sum(square(codes), 1, true), 0.5)) as Tensor2D;
  const isNearest = sub(1, step(sub(columnMax(nearness), nearness)));
  return transpose(div(isNearest, sum(isNearest, 0, true)));
}
