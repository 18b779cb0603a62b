/**
 * Whether the threads help. On a busy machine a thread may be put aside in the middle of a chunk that the caller then waits for; where
 * the waits cost more than the help brings, the caller works alone for a while and then tries again. Results do not depend on it.
 */

/** Milliseconds of shared work that are judged together. */
const windowMs = 20;
const shortestPauseMs = 50;
const longestPauseMs = 1000;

export interface SharedJob {
  /** Times in milliseconds: begun, the caller's own chunks done, all chunks done. */
  readonly started: number;
  readonly worked: number;
  readonly ended: number;
  /** The part of the chunks that the caller did itself, 0 … 1. */
  readonly share: number;
}

export class Help {
  #taken = 0;
  #alone = 0;
  #pauseMs = shortestPauseMs;
  #pausedUntil = 0;

  /** False while the caller should work alone. */
  isWorthwhile(now: number): boolean {
    return now >= this.#pausedUntil;
  }

  note({ started, worked, ended, share }: SharedJob): void {
    this.#taken += ended - started;
    // Alone the caller would have done all chunks at the pace of its own.
    this.#alone += share > 0 ? (worked - started) / share : ended - started;
    if (this.#taken < windowMs) return;
    if (this.#taken > this.#alone) {
      this.#pausedUntil = ended + this.#pauseMs;
      this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
    } else {
      this.#pauseMs = shortestPauseMs;
    }
    this.#taken = 0;
    this.#alone = 0;
  }
}
