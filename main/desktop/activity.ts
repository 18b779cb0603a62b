import { powerSaveBlocker } from 'electron';
import type { Studio } from '#studio/studio.ts';
import { keepFollowing } from './keep-following.ts';

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

  async #follow(studio: Studio): Promise<void> {
    await keepFollowing({
      open: () => studio.link().stream('studio.watch', {}, this.#abort.signal),
      take: ({ running }) => this.#setActive(running > 0),
      onLost: () => this.#setActive(false),
      signal: this.#abort.signal,
    });
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
