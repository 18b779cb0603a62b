import { powerSaveBlocker } from 'electron';
import { toProblem } from '#contract/problem.ts';
import type { Studio } from '#studio/studio.ts';

/** Keeps the machine awake while runs are active, and only then; the screen may still go dark. */
export class Activity {
  readonly #abort = new AbortController();
  #blocker: number | undefined;
  #isActive = false;
  #isAllowed = true;

  constructor(studio: Promise<Studio>) {
    // A studio that does not open has no runs; whoever opened it says why.
    void studio.then((opened) => this.#follow(opened)).catch(() => undefined);
  }

  /** The owner of the folder may end and this app take its place, or another: the runs go on, and so does this. */
  async #follow(studio: Studio): Promise<void> {
    for (let isAnswered = true; isAnswered && !this.#abort.signal.aborted;) {
      isAnswered = false;
      try {
        for await (const { running } of studio.link().stream('studio.watch', {}, this.#abort.signal)) {
          isAnswered = true;
          this.#setActive(running > 0);
        }
      } catch (error) {
        if (toProblem(error).code !== 'link.closed') break;
      }
    }
    this.#setActive(false);
  }

  /** False lets the machine sleep whatever runs. */
  set isAllowed(isAllowed: boolean) {
    this.#isAllowed = isAllowed;
    this.#setActive(this.#isActive);
  }

  #setActive(isRunning: boolean): void {
    this.#isActive = isRunning;
    const isActive = isRunning && this.#isAllowed;
    if (isActive && this.#blocker === undefined) this.#blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!isActive && this.#blocker !== undefined) {
      powerSaveBlocker.stop(this.#blocker);
      this.#blocker = undefined;
    }
  }

  end(): void {
    this.#abort.abort();
    this.#setActive(false);
  }
}
