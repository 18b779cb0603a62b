import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ToldReason } from '#contract/run.ts';

/** What the owner asked of a running training. Set by messages, looked at between batches. */
export class TrainControl {
  #stop: 'keep' | 'discard' | undefined;
  #isPauseWanted = false;
  #reason: ToldReason = 'stopped-by-user';

  /** Ends training before the next batch: keep evaluates the best epoch so far, discard leaves at once. A discard wins over a keep. */
  stop(how: 'keep' | 'discard', reason: ToldReason = 'stopped-by-user'): void {
    if (this.#stop === undefined) this.#reason = reason;
    if (this.#stop !== 'discard') this.#stop = how;
  }

  /** Why it was asked to stop: the first reason given. */
  get reason(): ToldReason {
    return this.#reason;
  }

  /** Ends training after the running epoch, with a checkpoint to resume from. */
  pause(): void {
    this.#isPauseWanted = true;
  }

  get stopWanted(): 'keep' | 'discard' | undefined {
    return this.#stop;
  }

  get isPauseWanted(): boolean {
    return this.#isPauseWanted;
  }
}

/** Lets messages, timers and the heartbeat have their turn between two pieces of blocking work. */
export async function breathe(): Promise<void> {
  await nextTurn();
}
