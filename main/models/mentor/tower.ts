import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, addN, concat, leakyRelu, mul } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate, spmm } from '#engine/ops/sparse.ts';
import { xavierNormal } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import { splitNodes } from '../parts/nodes.ts';
import type { Belongings, Table } from '../parts/parameters.ts';
import { leakySlope } from '../parts/preference-tower.ts';
import { withSignNoise } from '../parts/sign-noise.ts';

export interface TowerOf {
  /** Of the parameters: "image", "image.1" for the first noisy copy. */
  readonly name: string;
  readonly users: number;
  /** [N, columns]. */
  readonly features: Tensor2D;
  readonly width: number;
}

export interface TowerGraphs {
  /** Â. */
  readonly nodes: SparseMatrix;
  /** F. */
  readonly items: SparseMatrix;
  readonly hops: number;
}

/** Uniform numbers [M+N, w] for the first hop and for the second. */
export type HopNoise = readonly [first: Float32Array, second: Float32Array];

/** MENTOR's encoder of one modality, of ids or a noisy copy (models.md 2.21, 2.9), with the items' passes over F added. */
export class MentorTower {
  /** P [M, w]. */
  readonly preference: Table;
  readonly #features: Tensor2D;
  readonly #first: Linear;
  readonly #second: Linear;

  constructor(own: Belongings, random: Random, { name, users, features, width }: TowerOf) {
    this.preference = own.table(`preference.${name}`, xavierNormal(random, users, width), users, width);
    this.#first = linear(own, random, `first.${name}`, { in: features.shape[1], out: 4 * width });
    this.#second = linear(own, random, `second.${name}`, { in: 4 * width, out: width });
    this.#features = features;
  }

  /** y [M+N, w]: x + Âx + Â²x, items with Fⁿ y added; with noise, signs times it are added after each hop. */
  view({ nodes, items, hops }: TowerGraphs, noise?: HopNoise): Tensor2D {
    const projected = apply(this.#second, leakyRelu(apply(this.#first, this.#features), leakySlope) as Tensor2D);
    const x = normaliseRows(concat([this.preference, projected], 0));
    const spread = noise === undefined ? (mul(propagate(nodes, x, 2), 3) as Tensor2D) : noisyHops(nodes, x, noise);
    const split = splitNodes(spread, this.preference.shape[0]);
    let passed = split.items;
    for (let hop = 0; hop < hops; hop++) passed = spmm(items, passed);
    return concat([split.users, add(split.items, passed) as Tensor2D], 0);
  }
}

function noisyHops(graph: SparseMatrix, x: Tensor2D, [first, second]: HopNoise): Tensor2D {
  const once = withSignNoise(spmm(graph, x), first);
  const twice = withSignNoise(spmm(graph, once), second);
  return addN([x, once, twice]);
}
