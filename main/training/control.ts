import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ToldReason } from '#contract/run.ts';

/** What the owner asked of a running training. Set by messages, looked at between batches. */
export class TrainControl {
  #stop: 'keep' | 'discard' | undefined;
  #isPauseWanted = false;
  #isNow = false;
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

  /** Ends training after the running epoch, with a checkpoint to resume from; `now` drops the epoch begun and leaves the last one written. */
  pause(now = false): void {
    this.#isPauseWanted = true;
    this.#isNow ||= now;
  }

  get stopWanted(): 'keep' | 'discard' | undefined {
    return this.#stop;
  }

  get isPauseWanted(): boolean {
    return this.#isPauseWanted;
  }

  /** Whether the epoch begun is to be dropped for a pause. A stop that was asked for too has its own way with it. */
  get isDropWanted(): boolean {
    return this.#isNow && this.#stop === undefined;
  }
}

/** Lets messages, timers and the heartbeat have their turn between two pieces of blocking work. */
export async function breathe(): Promise<void> {
  await nextTurn();
}

/** Leaves a piece of work in which an epoch is dropped, e.g. its ranking. */
export class EpochDropped extends Error {}

/** Breathes, and throws {@link EpochDropped} where the work is to be left. */
export function breatheOrDrop(control: TrainControl): () => Promise<void> {
  return async () => {
    await breathe();
    if (control.isDropWanted) throw new EpochDropped();
  };
}
