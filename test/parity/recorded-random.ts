import { randomStream, randomStreams } from '#data/random.ts';
import type { Random, Streams } from '#data/random.ts';
import type { Draw } from './vectors.ts';

/** From what a reference recorded to the number that a model draws to get it. */
const numbers: Readonly<Record<string, (value: number) => number>> = {
  uniform: (value) => value,
  np_uniform: (value) => value,
  // Models keep where a uniform number is at least p.
  dropout_mask: (kept) => (kept === 1 ? 1 - Number.EPSILON : 0),
  // Models draw −log(−log u).
  gumbel: (value) => Math.exp(-Math.exp(-value)),
  normal: (value) => value,
  randint: (value) => value,
};

/** Answers draws with recorded ones, in order; anything that was not recorded is an error, so no draw goes unnoticed. */
class RecordedRandom implements Random {
  #draws: Draw[] = [];
  #place = 0;

  /** Begins a phase of the record; what was left of the last one is no longer asked for. */
  begin(draws: readonly Draw[]): void {
    this.#draws = [...draws];
    this.#place = 0;
  }

  sampleWithoutReplacement(_weights: ArrayLike<number>, count: number): Int32Array {
    const draw = this.#draws.shift();
    if (draw === undefined || draw.kind !== 'multinomial') throw new Error(`a draw of ${count} edges was not recorded`);
    if (draw.values.length !== count) throw new Error(`${count} edges are drawn, the reference drew ${draw.values.length}`);
    return Int32Array.from(draw.values);
  }

  /** Masks that keep everything may stay unasked: with a rate of 0 nothing is drawn. */
  get left(): number {
    return this.#draws.filter(({ kind, values }) => kind !== 'dropout_mask' || values.some((kept) => kept !== 1)).length;
  }

  uniform(): number {
    return this.#next('a uniform draw', ['uniform', 'np_uniform', 'dropout_mask', 'gumbel']);
  }

  uniformRows({ rows, width }: { readonly rows: number; readonly width: number }, wanted: Int32Array): Float64Array {
    const whole = Float64Array.from({ length: rows * width }, () => this.uniform());
    return Float64Array.from({ length: wanted.length * width }, (_, i) => whole[wanted[Math.floor(i / width)]! * width + (i % width)]!);
  }

  integer(below: number): number {
    const value = this.#next('an integer draw', ['randint']);
    if (value >= below) throw new Error(`an integer below ${below} is drawn, the reference drew ${value}`);
    return value;
  }

  normal(): number {
    return this.#next('a normal draw', ['normal']);
  }

  shuffle(): void {
    throw new Error('a shuffle was not recorded');
  }

  save(): readonly number[] {
    return [];
  }

  #next(what: string, kinds: readonly string[]): number {
    const draw = this.#draws[0];
    if (draw === undefined || !kinds.includes(draw.kind))
      throw new Error(`${what} was not recorded${draw === undefined ? '' : `, but a ${draw.kind}`}`);
    const value = numbers[draw.kind]!(draw.values[this.#place]!);
    this.#place += 1;
    if (this.#place === draw.values.length) {
      this.#draws.shift();
      this.#place = 0;
    }
    return value;
  }
}

export type Phase = 'pre' | 'loss' | 'score';

/** Streams that give what was recorded: edges and neighbours from `graph`, negatives from `negatives`, all else from `dropout`. */
export interface Recorded {
  readonly streams: Streams;
  /** Before each use of a phase: the same draws again, or others in their place. */
  begin(phase: Phase, others?: readonly Draw[]): void;
  /** Draws of the phase that were not asked for. */
  left(): number;
}

interface Drawn {
  readonly negatives?: readonly Draw[] | undefined;
  /** Draws for graphs were not recorded, and need not be: the result does not depend on them. */
  readonly freeGraph?: boolean | undefined;
}

/** Starting values are drawn freely: they are overwritten. */
export function recordedStreams(
  noise: Readonly<Partial<Record<Phase, readonly Draw[]>>>,
  { negatives: drawnNegatives = [], freeGraph = false }: Drawn = {},
): Recorded {
  const graph = new RecordedRandom();
  const dropout = new RecordedRandom();
  const negatives = new RecordedRandom();
  return {
    streams: { ...randomStreams(0), init: randomStream(0, 'init'), ...(freeGraph ? {} : { graph }), dropout, negatives },
    begin: (phase, others) => {
      (phase === 'pre' ? graph : dropout).begin(others ?? noise[phase] ?? []);
      if (phase === 'loss') negatives.begin(drawnNegatives);
    },
    left: () => graph.left + dropout.left + negatives.left,
  };
}
