import { setImmediate as nextTurn } from 'node:timers/promises';

/** What the owner asked of a running training. Set by messages, looked at between batches. */
export class TrainControl {
  #stop: 'keep' | 'discard' | undefined;
  #isPauseWanted = false;

  /** Ends training before the next batch: keep evaluates the best epoch so far, discard leaves at once. A discard wins over a keep. */
  stop(how: 'keep' | 'discard'): void {
    if (this.#stop !== 'discard') this.#stop = how;
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
