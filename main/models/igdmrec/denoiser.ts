import type { Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { add, concat, matMul, reshape, tensor2d, zeros } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { spmm } from '#engine/ops/sparse.ts';
import { drawnTable, dropped } from '../parts/dropout.ts';
import { gelu } from '../parts/gelu.ts';
import { xavierNormal } from '../parts/initial.ts';
import type { Belongings, Table } from '../parts/parameters.ts';

const timeHidden = 20;
const biasDeviation = 0.001;

/** A layer whose tables checkpoints hold, but which the run's own optimiser leaves alone. */
interface Layer {
  readonly weight: Table;
  /** [1, out]. */
  readonly bias: Table;
}

export interface DenoiserSizes {
  readonly items: number;
  readonly hidden: number;
  readonly timeWidth: number;
  readonly steps: number;
}

/** What rows are denoised from: x_t [n, N], their conditions [n, N] (absent: none), and each row's step. */
export interface Noisy {
  readonly rows: Tensor2D;
  readonly condition: SparseMatrix | undefined;
  readonly step: Int32Array;
  /** Of the encoded rows and the encoded conditions, [n, hidden]; absent when sampling. */
  readonly masks?: readonly [rows: Float32Array, condition: Float32Array];
}

/** CD-Net (models.md 3.1): from noisy rows of the item graph, their conditions and steps to the rows without noise. */
export class Denoiser {
  readonly parameters = new Map<string, Variable>();
  readonly #sizes: DenoiserSizes;
  readonly #encode: Layer;
  readonly #timeIn: Layer;
  readonly #timeOut: Layer;
  readonly #join: Layer;
  readonly #decode: Layer;
  /** [steps, timeWidth]: cosines, then sines. */
  readonly #waves: Tensor2D;

  constructor(own: Belongings, random: Random, sizes: DenoiserSizes) {
    const { items, hidden, timeWidth, steps } = sizes;
    this.#sizes = sizes;
    const layer = (name: string, given: number, out: number): Layer => {
      const table = (part: string, rows: number, start: Float32Array) => {
        const kept = own.keptTable(`denoiser.${name}.${part}`, rows, out);
        const values = tensor2d(start, [rows, out]);
        kept.assign(values);
        values.dispose();
        this.parameters.set(`denoiser.${name}.${part}`, kept);
        return kept;
      };
      const weight = table('weight', given, xavierNormal(random, given, out));
      return {
        weight,
        bias: table(
          'bias',
          1,
          drawnTable(out, () => biasDeviation * random.normal()),
        ),
      };
    };
    this.#timeIn = layer('time-in', timeWidth, timeHidden);
    this.#timeOut = layer('time-out', timeHidden, timeWidth);
    this.#encode = layer('encode', items, hidden);
    this.#decode = layer('decode', hidden, items);
    this.#join = layer('join', 2 * hidden + timeWidth, hidden);
    const half = timeWidth / 2;
    const waves = new Float32Array(steps * timeWidth);
    for (let t = 0; t < steps; t++) {
      for (let j = 0; j < half; j++) {
        const angle = t * 10000 ** (-j / half);
        waves[t * timeWidth + j] = Math.cos(angle);
        waves[t * timeWidth + half + j] = Math.sin(angle);
      }
    }
    this.#waves = own.constant(waves, steps, timeWidth);
  }

  /** x̂₀ [n, N]. */
  estimate({ rows, condition, step, masks }: Noisy): Tensor2D {
    const { items, hidden } = this.#sizes;
    const times = apply(this.#timeOut, gelu(apply(this.#timeIn, this.#waves)));
    const encoded = normaliseRows(apply(this.#encode, reshape(rows, [step.length, items]) as Tensor2D));
    const asked =
      condition === undefined
        ? (zeros([step.length, hidden]) as Tensor2D)
        : normaliseRows(add(spmm(condition, this.#encode.weight), this.#encode.bias) as Tensor2D);
    const [x, c] = masks === undefined ? [encoded, asked] : [dropped(encoded, masks[0]), dropped(asked, masks[1])];
    return apply(this.#decode, apply(this.#join, concat([x, c, gatherRows(times, step)], 1)));
  }
}

function apply({ weight, bias }: Layer, x: Tensor2D): Tensor2D {
  return add(matMul(x, weight), bias) as Tensor2D;
}
