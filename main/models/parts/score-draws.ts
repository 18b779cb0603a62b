import { restoreStream } from '#data/random.ts';
import type { Random } from '#data/random.ts';
import { tensor2d, values } from '#engine/ops/basic.ts';
import type { Belongings, Table } from './parameters.ts';

/** A 32-bit word as two numbers that float32 holds exactly. */
const half = 0x10000;
const words = 4;

/**
 * Draws for models whose released scorer draws too. They are made anew at the first scoring after an epoch's last batch; from where the
 * stream stood then is kept in checkpoints, so that a reload scores the same (models.md 0.2).
 */
export class ScoreDraws {
  readonly #random: Random;
  /** [settled, halves of the stream's four words]; settled 0: the next scoring draws anew. */
  readonly #state: Table;

  constructor(own: Belongings, random: Random) {
    this.#random = random;
    this.#state = own.keptTable('scored.draws', 1, 1 + 2 * words);
  }

  /** An epoch's last batch has come. */
  renew(): void {
    this.#write(new Float32Array(1 + 2 * words));
  }

  /** The stream of uniform numbers for the present scoring; the same numbers until {@link renew}. */
  stream(): Random {
    const [settled, ...halves] = values(this.#state);
    if (settled === 1) {
      return restoreStream(Array.from({ length: words }, (_, word) => halves[2 * word]! * half + halves[2 * word + 1]!));
    }
    const state = this.#random.save();
    const written = new Float32Array(1 + 2 * words);
    written[0] = 1;
    for (let word = 0; word < words; word++) {
      const whole = state[word] ?? 0;
      written[1 + 2 * word] = Math.floor(whole / half);
      written[2 + 2 * word] = whole % half;
    }
    this.#write(written);
    return this.#random;
  }

  #write(written: Float32Array): void {
    const next = tensor2d(written, this.#state.shape);
    this.#state.assign(next);
    next.dispose();
  }
}
