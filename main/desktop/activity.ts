import { powerSaveBlocker } from 'electron';
import type { Studio } from '#studio/studio.ts';

/** Keeps the machine awake while runs are active, and only then; the screen may still go dark. */
export class Activity {
  readonly #abort = new AbortController();
  #blocker: number | undefined;

  constructor(studio: Promise<Studio>) {
    void studio.then((opened) => this.#follow(opened)).catch(() => this.#setActive(false));
  }

  async #follow(studio: Studio): Promise<void> {
    for await (const { running } of studio.link().stream('studio.watch', {}, this.#abort.signal)) this.#setActive(running > 0);
  }

  #setActive(isActive: boolean): void {
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
