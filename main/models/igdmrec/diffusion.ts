import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { selectRows } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import type { Random } from '#data/random.ts';
import type { SparseMatrix } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import type { AdamState } from '#engine/ops/adam.ts';
import { add, mul, square, sub, sum, tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { sparse } from '#engine/ops/sparse.ts';
import type { Loss } from '../define-model.ts';
import { drawnTable, dropoutMask } from '../parts/dropout.ts';
import type { Belongings, Table } from '../parts/parameters.ts';
import { Denoiser } from './denoiser.ts';
import type { Schedule } from './schedule.ts';

/** Share of batches trained without conditions, and of encoded elements dropped; fixed in the released code. */
const unconditional = 0.1;
const dropout = 0.5;

export interface DiffusionOptions {
  /** x₀ [N, N]: rows of the item graph. */
  readonly rows: CsrMatrix;
  /** Conditions [N, N]. */
  readonly conditions: CsrMatrix;
  readonly schedule: Schedule;
  readonly hidden: number;
  readonly timeWidth: number;
  readonly batchRows: number;
  readonly learningRate: number;
  /** How much farther than the conditional estimate one goes from the unconditional one. */
  readonly guidance: number;
  readonly init: Random;
  readonly random: Random;
}

/** Rows that are denoised together. */
interface Block {
  readonly from: number;
  readonly count: number;
  readonly condition: SparseMatrix;
}

export interface NoisyBlock {
  readonly block: Block;
  /** x_t and x₀, [count, N]. */
  readonly noisy: Float32Array;
  readonly clean: Float32Array;
  readonly step: Int32Array;
  readonly masks: readonly [rows: Float32Array, condition: Float32Array];
}

/**
 * Diffusion over the rows of an item graph, conditioned on behaviour (models.md 3.1). Trained by an optimiser of its own, whose state
 * checkpoints hold beside the parameters.
 */
export class ItemDiffusion {
  readonly denoiser: Denoiser;
  readonly blocks: readonly Block[];
  readonly #options: DiffusionOptions;
  readonly #items: number;
  readonly #moments = new Map<string, { readonly first: Table; readonly second: Table }>();
  readonly #steps: Table;

  constructor(own: Belongings, options: DiffusionOptions) {
    const { rows, conditions, schedule, hidden, timeWidth, batchRows } = options;
    this.#options = options;
    this.#items = rows.rows;
    this.denoiser = new Denoiser(own, options.init, { items: rows.rows, hidden, timeWidth, steps: schedule.steps });
    for (const [name, { shape }] of this.denoiser.parameters) {
      const [r, c] = shape as [number, number];
      this.#moments.set(name, { first: own.keptTable(`first.${name}`, r, c), second: own.keptTable(`second.${name}`, r, c) });
    }
    this.#steps = own.keptTable('denoiser.steps', 1, 1);
    this.blocks = Array.from({ length: Math.ceil(rows.rows / batchRows) }, (_, b) => {
      const from = b * batchRows;
      const count = Math.min(batchRows, rows.rows - from);
      const ids = Int32Array.from({ length: count }, (_, place) => from + place);
      return { from, count, condition: own.graph(sparse(selectRows(conditions, ids, count))) };
    });
  }

  /** Passes over all rows; yields after each optimiser step. */
  *train(passes: number): Generator<void, void, void> {
    const adam = new Adam(this.denoiser.parameters);
    try {
      adam.restore(this.#state());
      for (let pass = 0; pass < passes; pass++) {
        for (const block of this.blocks) {
          const drawn = this.draw(block);
          const { gradients } = lossAndGradients(this.denoiser.parameters, () => this.loss(drawn));
          adam.step(gradients, this.#options.learningRate);
          for (const gradient of gradients.values()) gradient?.dispose();
          yield;
        }
      }
      this.#keep(adam.save());
    } finally {
      adam.dispose();
    }
  }

  /** A step for each row, noise, whether the condition is dropped for the whole block, masks: the released order. */
  draw(block: Block): NoisyBlock {
    const { schedule, random, hidden } = this.#options;
    const clean = this.#dense(block);
    const step = new Int32Array(block.count);
    for (let row = 0; row < block.count; row++) step[row] = random.integer(schedule.steps);
    const noisy = drawnTable(clean.length, () => random.normal());
    for (let row = 0; row < block.count; row++) {
      const share = schedule.kept[step[row]!]!;
      const [ofClean, ofNoise] = [Math.sqrt(share), Math.sqrt(1 - share)];
      for (let place = row * this.#items; place < (row + 1) * this.#items; place++) {
        noisy[place] = ofClean * clean[place]! + ofNoise * noisy[place]!;
      }
    }
    const isDropped = random.uniform() < unconditional;
    const mask = () => dropoutMask(random, block.count * hidden, dropout);
    const [ofRows, ofCondition] = [mask(), mask()];
    // An encoded condition of zeros is none.
    return { block, noisy, clean, step, masks: [ofRows, isDropped ? ofCondition.fill(0) : ofCondition] };
  }

  /** Mean over rows of ω_t · mean (x₀ − x̂₀)². */
  loss(drawn: NoisyBlock): Loss {
    return { total: mul(sum(this.rowLosses(drawn)), 1 / drawn.block.count) as Scalar, terms: {} };
  }

  /** [count, 1]. */
  rowLosses(drawn: NoisyBlock): Tensor2D {
    const { count } = drawn.block;
    const weights = Float32Array.from(drawn.step, (t) => this.#options.schedule.weight[t]! / this.#items);
    const apart = sub(this.estimate(drawn), tensor2d(drawn.clean, [count, this.#items]));
    return mul(sum(square(apart), 1, true), tensor2d(weights, [count, 1])) as Tensor2D;
  }

  /** x̂₀ [count, N] in training. */
  estimate({ block, noisy, step, masks }: NoisyBlock): Tensor2D {
    const rows = tensor2d(noisy, [block.count, this.#items]);
    return this.denoiser.estimate({ rows, condition: block.condition, step, masks });
  }

  /** Denoised rows [count, N] from the rows themselves, without noise. */
  sample(block: Block): Float32Array {
    const { schedule, guidance } = this.#options;
    return tidy(() => {
      let rows: Tensor2D = tensor2d(this.#dense(block), [block.count, this.#items]);
      for (let t = schedule.steps - 1; t >= 0; t--) {
        const present = rows;
        rows = tidy(() => {
          const step = new Int32Array(block.count).fill(t);
          const [asked, free] = [block.condition, undefined].map((condition) => this.denoiser.estimate({ rows: present, condition, step }));
          const estimate = sub(mul(asked!, 1 + guidance), mul(free!, guidance));
          return add(mul(estimate, schedule.ofEstimate[t]!), mul(present, schedule.ofPresent[t]!)) as Tensor2D;
        });
        present.dispose();
      }
      return values(rows);
    });
  }

  #dense({ from, count }: Block): Float32Array {
    const { offsets, indices, values: entries } = this.#options.rows;
    const dense = new Float32Array(count * this.#items);
    for (let row = 0; row < count; row++) {
      for (let e = offsets[from + row]!; e < offsets[from + row + 1]!; e++) dense[row * this.#items + indices[e]!] = entries[e]!;
    }
    return dense;
  }

  #state(): AdamState {
    const moments = Object.fromEntries(
      [...this.#moments].map(([name, { first, second }]) => [name, { first: values(first), second: values(second) }]),
    );
    return { step: values(this.#steps)[0]!, moments };
  }

  #keep({ step, moments }: AdamState): void {
    put(this.#steps, Float32Array.of(step));
    for (const [name, { first, second }] of this.#moments) {
      put(first, moments[name]!.first);
      put(second, moments[name]!.second);
    }
  }
}

export function put(table: Table, written: Float32Array): void {
  const next = tensor2d(written, table.shape);
  table.assign(next);
  next.dispose();
}
