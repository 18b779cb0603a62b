import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Dataset, Modality } from '#data/dataset.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, concat, leakyRelu, matMul } from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { spmm } from '#engine/ops/sparse.ts';
import { xavierNormal } from '../parts/initial.ts';
import { apply, linear } from '../parts/linear.ts';
import type { Linear } from '../parts/linear.ts';
import type { Belongings, Table } from '../parts/parameters.ts';
import { leakySlope } from '../parts/preference-tower.ts';

/** Released: the number of layers is fixed, whatever the configuration says. */
const layers = 3;

interface Layer {
  /** W_l, without bias. */
  readonly convolve: Linear;
  readonly own: Linear;
  /** g_l over [h | y]. */
  readonly join: Linear;
}

/** One modality's graph network over users and items (models.md 2.7). */
export class Tower {
  /** p_m [M, D′]. */
  readonly preference: Table;
  readonly #features: Tensor2D;
  /** Images alone are mapped first. */
  readonly #reduce: Linear | undefined;
  readonly #layers: readonly Layer[];

  constructor(own: Belongings, random: Random, given: TowerOptions) {
    const { dataset, modality, width, dimLatent, trained } = given;
    const { name, width: columns, values } = modality;
    const isImage = name === 'image';
    const entry = isImage ? dimLatent : columns;
    const start = xavierNormal(random, dataset.users, entry);
    const table = `preference.${name}`;
    this.preference = trained ? own.table(table, start, dataset.users, entry) : own.fixedTable(table, start, dataset.users, entry);
    this.#features = own.constant(values, dataset.items, columns);
    this.#reduce = isImage ? linear(own, random, `reduce.${name}`, { in: columns, out: entry }) : undefined;
    this.#layers = Array.from({ length: layers }, (_, l) => {
      const from = l === 0 ? entry : width;
      const normal = { start: xavierNormal };
      const layer = (part: string) => `${part}.${name}.${l + 1}`;
      return {
        convolve: linear(own, random, layer('convolve'), { in: from, out: from, bias: false, ...normal }),
        own: linear(own, random, layer('own'), { in: from, out: width, ...normal }),
        join: linear(own, random, layer('join'), { in: from + width, out: width, ...(l === 0 ? normal : {}) }),
      };
    });
  }

  /** [M+N, w] from means over neighbours and the shared E_id. */
  view(means: SparseMatrix, ids: Tensor2D): Tensor2D {
    const leaky = (x: Tensor2D): Tensor2D => leakyRelu(x, leakySlope);
    const items = this.#reduce === undefined ? this.#features : apply(this.#reduce, this.#features);
    let x = normaliseRows(concat([this.preference, items], 0));
    for (const { convolve, own, join } of this.#layers) {
      const h = leaky(spmm(means, matMul(x, convolve.weight) as Tensor2D));
      const y = add(leaky(apply(own, x)), ids);
      x = leaky(apply(join, concat([h, y], 1) as Tensor2D));
    }
    return x;
  }
}

export interface TowerOptions {
  readonly dataset: Dataset;
  readonly modality: Modality;
  readonly width: number;
  readonly dimLatent: number;
  /** Whether preferences are trained, which the released code forgets. */
  readonly trained: boolean;
}
