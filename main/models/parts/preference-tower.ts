import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Dataset, Modality } from '#data/dataset.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { concat, leakyRelu, mul } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { propagate } from '#engine/ops/sparse.ts';
import { xavierNormal } from './initial.ts';
import { apply, linear } from './linear.ts';
import type { Linear } from './linear.ts';
import type { Belongings, Table } from './parameters.ts';

/** Slope of leaky everywhere (models.md 0.1). */
export const leakySlope = 0.01;

/**
 * One modality's view of users and items (DualGNN, DRAGON; models.md 2.9): x = nrm([P_m ; lin(4w→w) leaky(lin(D_m→4w) X_m)]),
 * y_m = x + Âx + Â²x, [M+N, w].
 */
export class PreferenceTower {
  readonly name: string;
  /** P_m [M, w]. */
  readonly preference: Table;
  readonly #features: Tensor2D;
  readonly #first: Linear;
  readonly #second: Linear;

  constructor(own: Belongings, random: Random, given: { dataset: Dataset; modality: Modality; width: number }) {
    const { dataset, modality, width } = given;
    const { name, width: columns } = modality;
    this.name = name;
    this.preference = own.table(`preference.${name}`, xavierNormal(random, dataset.users, width), dataset.users, width);
    this.#first = linear(own, random, `first.${name}`, { in: columns, out: 4 * width });
    this.#second = linear(own, random, `second.${name}`, { in: 4 * width, out: width });
    this.#features = own.constant(modality.values, dataset.items, columns);
  }

  view(graph: SparseMatrix): Tensor2D {
    const items = apply(this.#second, leakyRelu(apply(this.#first, this.#features), leakySlope) as Tensor2D);
    const x = normaliseRows(concat([this.preference, items], 0));
    return mul(propagate(graph, x, 2), 3);
  }
}

/** w [rows, modalities]: XN, then one softmax over the modalities of a row, at the start alone. */
export function softmaxedStart(random: Random, rows: number, modalities: number): Float32Array {
  const start = xavierNormal(random, rows, modalities);
  for (let r = 0; r < rows; r++) {
    const row = start.subarray(r * modalities, (r + 1) * modalities);
    const powers = row.map((value) => Math.exp(value));
    const total = powers.reduce((sum, value) => sum + value, 0);
    row.set(powers.map((value) => value / total));
  }
  return start;
}
