/** What a task that stays was asked, in order; ends when the task is told to stop. */
export class Questions implements AsyncIterable<unknown> {
  readonly #waiting: unknown[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;

  add(question: unknown): void {
    this.#waiting.push(question);
    this.#poke();
  }

  close(): void {
    this.#isClosed = true;
    this.#poke();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, void> {
    for (;;) {
      if (this.#isClosed) return;
      if (this.#waiting.length > 0) yield this.#waiting.shift();
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #poke(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
