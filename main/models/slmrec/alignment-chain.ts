import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Filled } from '#data/batch.ts';
import type { Random } from '#data/random.ts';
import { addN, matMul, mul, sub, sum, tensor2d, transpose } from '#engine/ops/basic.ts';
import { columnLogSumExp } from '#engine/ops/column-max.ts';
import { xavierUniform } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import type { Belongings } from '../parts/parameters.ts';

interface Link {
  /** Carries what was recognised so far on to this modality's space; the identity chain for the first. */
  readonly carry: Linear;
  /** Narrows it for the comparison, from the second modality on. */
  readonly narrow: Linear | undefined;
  /** Of the modality. Its bias would be the same for every key of a query, and cancels in the softmax: left out. */
  readonly key: Linear;
}

/**
 * FAC: ids recognise the first modality of the same item among the batch's items, then what both say recognises the next. Dot products
 * of unnormalised vectors, cross-entropy within the batch (models.md 2.11).
 */
export class AlignmentChain {
  readonly #links: readonly Link[];
  readonly #temperature: number;

  constructor(own: Belongings, random: Random, given: { names: readonly string[]; width: number; temperature: number }) {
    const { names, width, temperature } = given;
    this.#temperature = temperature;
    this.#links = names.map((name, place) => {
      const out = place === 0 ? width : Math.floor(width / 2);
      const start = { start: xavierUniform };
      return {
        carry: linear(own, random, `carry.${name}`, { in: width, out: width, ...start }),
        narrow: place === 0 ? undefined : linear(own, random, `narrow.${name}`, { in: width, out, ...start }),
        key: linear(own, random, `key.${name}`, { in: width, out, bias: false, ...start }),
      };
    });
  }

  /** `views` are H_id and H_m of the distinct positives [P, w]; each counts as often as it occurs in the batch of `rows`. */
  loss([ids, ...modal]: readonly Tensor2D[], positives: Filled, rows: number): Scalar {
    const counts = tensor2d(positives.counts, [positives.counts.length, 1]);
    let carried = ids!;
    const losses = this.#links.map(({ carry, narrow, key }, m) => {
      carried = apply(carry, carried);
      const query = narrow === undefined ? carried : apply(narrow, carried);
      const keys = apply(key, modal[m]!);
      // Keys down, queries across, so that the largest and the sums are taken over rows.
      const logits = mul(matMul(keys, query, false, true), 1 / this.#temperature) as Tensor2D;
      const own = mul(sum(mul(query, keys), 1, true), 1 / this.#temperature) as Tensor2D;
      const each = sub(transpose(columnLogSumExp(logits, counts)), own);
      return mul(sum(mul(each, counts)), 1 / rows) as Scalar;
    });
    return addN<Scalar>(losses);
  }
}
