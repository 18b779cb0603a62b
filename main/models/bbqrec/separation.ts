import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import { add, concat, div, exp, mul, neg, relu, square, stopGradient, sub, sum, tanh } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import type { Belongings } from '../parts/parameters.ts';

/** MLP(a, h, b): lin ReLU lin. */
type Mlp = readonly [Linear, Linear];

function mlp(own: Belongings, random: Random, name: string, [from, hidden, to]: readonly [number, number, number]): Mlp {
  return [linear(own, random, `${name}.0`, { in: from, out: hidden }), linear(own, random, `${name}.1`, { in: hidden, out: to })];
}

function run([first, second]: Mlp, x: Tensor2D): Tensor2D {
  return apply(second, relu(apply(first, x)));
}

const stopped = ({ weight, bias }: Linear): Linear =>
  ({ weight: stopGradient(weight), ...(bias === undefined ? {} : { bias: stopGradient(bias) }) }) as Linear;

export interface SeparationShape {
  /** D_m. */
  readonly features: number;
  readonly hidden: number;
  readonly width: number;
  readonly reconstructs: boolean;
  readonly bounds: boolean;
}

/** Shared part y and specific part o of one modality's rows. */
export interface Parts {
  readonly shared: Tensor2D;
  readonly specific: Tensor2D;
}

/** Which rows of a batch's distinct items stand for its rows, and each row's partner under π. */
export interface Shuffled {
  readonly rows: Int32Array;
  readonly partners: Int32Array;
}

/** One modality taken apart: what behaviour shares, and the rest (models.md 3.3, 1 and 2). */
export class Separation {
  readonly #shared: Mlp;
  readonly #specific: Mlp;
  readonly #back: Mlp | undefined;
  readonly #bound: { readonly mean: Mlp; readonly logVariance: Mlp } | undefined;

  constructor(own: Belongings, random: Random, name: string, { features, hidden, width, reconstructs, bounds }: SeparationShape) {
    this.#shared = mlp(own, random, `shared.${name}`, [features, hidden, width]);
    this.#specific = mlp(own, random, `specific.${name}`, [features, hidden, width]);
    this.#back = reconstructs ? mlp(own, random, `back.${name}`, [2 * width, hidden, features]) : undefined;
    this.#bound = bounds
      ? {
          mean: mlp(own, random, `bound.${name}.mean`, [width, width, width]),
          logVariance: mlp(own, random, `bound.${name}.log-variance`, [width, width, width]),
        }
      : undefined;
  }

  /** y_m of raw features [n, D_m]: [n, w]. */
  shared(x: Tensor2D): Tensor2D {
    return run(this.#shared, x);
  }

  apart(x: Tensor2D): Parts {
    return { shared: this.shared(x), specific: run(this.#specific, x) };
  }

  /** Σ over rows of weight · mean squared error of X_m made anew from [y_m | o_m]; weights [n, 1]. */
  reconstruction(x: Tensor2D, { shared, specific }: Parts, weights: Tensor2D): Scalar {
    const error = square(sub(run(this.#back!, concat([shared, specific], 1)), x));
    return sum(mul(mul(sum(error, 1, true), 1 / x.shape[1]), weights));
  }

  /**
   * The bound on what y and o say of each other, sampled: mean_i [log q(o_i|y_i) − log q(o_π(i)|y_i)], over batch rows. q's own parameters
   * stand still here: the bound must not be met by spoiling q.
   */
  mutual({ shared, specific }: Parts, { rows, partners }: Shuffled): Scalar {
    const { mean, logVariance } = this.#said(shared, true);
    const own = square(sub(gatherRows(specific, rows), gatherRows(mean, rows)));
    const other = square(sub(gatherRows(specific, partners), gatherRows(mean, rows)));
    const precision = exp(neg(gatherRows(logVariance, rows)));
    // Terms of log q without o cancel.
    return mul(sum(mul(sub(other, own), precision)), 0.5 / rows.length) as Scalar;
  }

  /** −mean log q(o|y) but for a constant, by which q is fitted: the parts stand still, so it moves q alone. Weights [n, 1]. */
  fit({ shared, specific }: Parts, weights: Tensor2D): Scalar {
    const { mean, logVariance } = this.#said(stopGradient(shared), false);
    const error = div(square(sub(stopGradient(specific), mean)), exp(logVariance));
    return mul(sum(mul(sum(add(error, logVariance), 1, true), weights)), 0.5) as Scalar;
  }

  #said(y: Tensor2D, isStill: boolean): { readonly mean: Tensor2D; readonly logVariance: Tensor2D } {
    const of = ([first, second]: Mlp): Mlp => (isStill ? [stopped(first), stopped(second)] : [first, second]);
    return { mean: run(of(this.#bound!.mean), y), logVariance: tanh(run(of(this.#bound!.logVariance), y)) };
  }
}
