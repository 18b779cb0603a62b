import { randomStream, randomStreams } from '#data/random.ts';
import type { Random, Streams } from '#data/random.ts';
import type { Draw } from './vectors.ts';

/** Answers draws with recorded ones, in order; anything that was not recorded is an error, so no draw goes unnoticed. */
class RecordedRandom implements Random {
  readonly #draws: Draw[];

  constructor(draws: readonly Draw[]) {
    this.#draws = [...draws];
  }

  sampleWithoutReplacement(_weights: ArrayLike<number>, count: number): Int32Array {
    const draw = this.#draws.shift();
    if (draw === undefined || draw.kind !== 'multinomial') throw new Error(`a draw of ${count} edges was not recorded`);
    if (draw.values.length !== count) throw new Error(`${count} edges are drawn, the reference drew ${draw.values.length}`);
    return Int32Array.from(draw.values);
  }

  get left(): number {
    return this.#draws.length;
  }

  uniform(): number {
    throw new Error('a uniform draw was not recorded');
  }

  integer(): number {
    throw new Error('an integer draw was not recorded');
  }

  normal(): number {
    throw new Error('a normal draw was not recorded');
  }

  shuffle(): void {
    throw new Error('a shuffle was not recorded');
  }

  save(): readonly number[] {
    return [];
  }
}

/** Streams whose graph and dropout draws are the recorded ones. Starting values are drawn freely: they are overwritten. */
export function recordedStreams(recorded: { pre: readonly Draw[]; loss: readonly Draw[] }): { streams: Streams; left: () => number } {
  const graph = new RecordedRandom(recorded.pre);
  const dropout = new RecordedRandom(recorded.loss);
  const streams = { ...randomStreams(0), init: randomStream(0, 'init'), graph, dropout };
  return { streams, left: () => graph.left + dropout.left };
}
