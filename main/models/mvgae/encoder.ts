import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, concat, leakyRelu, matMul } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { spmm } from '#engine/ops/sparse.ts';
import { dropped } from '../parts/dropout.ts';
import { xavierNormal } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import type { Belongings, Table } from '../parts/parameters.ts';
import { leakySlope } from '../parts/preference-tower.ts';

/** A distribution for every node, [M+N, w] each. */
export interface Gaussian {
  readonly mean: Tensor2D;
  readonly logVariance: Tensor2D;
}

interface Step {
  /** W and b of the convolution; the bias is added after the mean over neighbours. */
  readonly convolve: Linear;
  readonly join: Linear;
}

interface Head extends Step {
  readonly own: Linear;
}

export interface EncoderOptions {
  readonly name: string;
  readonly users: number;
  readonly width: number;
  readonly dimLatent: number;
  readonly layers: number;
  /** [N, D]. */
  readonly features: Tensor2D;
}

const leaky = (x: Tensor2D): Tensor2D => leakyRelu(x, leakySlope);

/** One view's encoder: node vectors to means and log-variances (models.md 2.22). */
export class Encoder {
  /** Fixed at its random start, as released. */
  readonly #preference: Table;
  readonly #features: Tensor2D;
  readonly #reduce: Linear;
  readonly #steps: readonly Step[];
  readonly #mean: Head;
  readonly #logVariance: Head;

  constructor(own: Belongings, random: Random, { name, users, width, dimLatent, layers, features }: EncoderOptions) {
    const normal = { start: xavierNormal };
    this.#features = features;
    this.#preference = own.fixedTable(`preference.${name}`, xavierNormal(random, users, dimLatent), users, dimLatent);
    this.#reduce = linear(own, random, `reduce.${name}`, { in: features.shape[1], out: dimLatent });
    const step = (part: string, from: number): Step => ({
      convolve: linear(own, random, `convolve.${name}.${part}`, { in: from, out: width, ...normal }),
      join: linear(own, random, `join.${name}.${part}`, { in: width, out: width, ...normal }),
    });
    const head = (part: string): Head => ({
      ...step(part, width),
      own: linear(own, random, `own.${name}.${part}`, { in: width, out: width, ...normal }),
    });
    this.#steps = Array.from({ length: layers }, (_, l) => step(String(l + 1), l === 0 ? dimLatent : width));
    this.#mean = head('mean');
    this.#logVariance = head('variance');
  }

  /** Convolutions in order: layers, mean, variance; the first of as many masks each, or none in evaluation. */
  get convolutions(): number {
    return this.#steps.length + 2;
  }

  /** `means` averages over neighbours and the node itself; `masks` drop elements of each convolution's output. */
  encode(means: SparseMatrix, masks: readonly Float32Array[] | undefined): Gaussian {
    let convolution = 0;
    const convolve = ({ weight, bias }: Linear, x: Tensor2D): Tensor2D => {
      const out = normaliseRows(add(spmm(means, matMul(x, weight) as Tensor2D), bias!));
      const mask = masks?.[convolution++];
      return leaky(mask === undefined ? out : dropped(out, mask));
    };
    let x = normaliseRows(concat([this.#preference, apply(this.#reduce, this.#features)], 0));
    for (const step of this.#steps) x = leaky(apply(step.join, convolve(step.convolve, x)));
    const read = (head: Head): Tensor2D => add(apply(head.join, convolve(head.convolve, x)), leaky(apply(head.own, x)));
    return { mean: read(this.#mean), logVariance: read(this.#logVariance) };
  }
}
