/** What can be taken back, newest last, and what was taken back: one stack over data and layout (Ctrl+Z, Ctrl+Shift+Z). */
export interface Deed {
  /** What was done, for the buttons: "3 runs moved to the trash". */
  readonly label: string;
  readonly undo: () => void | Promise<void>;
  /** Without it the deed cannot be done again once it was taken back. */
  readonly redo?: () => void | Promise<void>;
}

const kept = 100;

export class History {
  #done = $state.raw<readonly Deed[]>([]);
  #undone = $state.raw<readonly Deed[]>([]);
  /** One step at a time: a second press waits for the first to be answered. */
  #working: Promise<void> = Promise.resolve();

  get undoable(): Deed | undefined {
    return this.#done[this.#done.length - 1];
  }

  get redoable(): Deed | undefined {
    return this.#undone[this.#undone.length - 1];
  }

  holds(deed: Deed): boolean {
    return this.#done.includes(deed);
  }

  /** A new deed ends the way back to what was undone before. */
  push(deed: Deed): void {
    this.#done = [...this.#done.slice(1 - kept), deed];
    this.#undone = [];
  }

  /** Takes back the last deed, or the one given: a message offers its own. */
  undo(deed = this.undoable): Promise<void> {
    if (deed === undefined || !this.#done.includes(deed)) return this.#working;
    this.#done = this.#done.filter((other) => other !== deed);
    return this.#step(async () => {
      await deed.undo();
      if (deed.redo !== undefined) this.#undone = [...this.#undone, deed];
    });
  }

  redo(): Promise<void> {
    const deed = this.redoable;
    if (deed?.redo === undefined) return this.#working;
    this.#undone = this.#undone.slice(0, -1);
    const again = deed.redo;
    return this.#step(async () => {
      await again();
      this.#done = [...this.#done, deed];
    });
  }

  #step(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(work, work);
    return this.#working;
  }
}

export const history = new History();
