/** What is done where the window's page ends by itself or hangs; runs go on without it either way. */
export interface PageEndsOptions {
  /** Loads the page again, at the place it was at, and has it say so. */
  readonly reload: () => void;
  /** Ends a page that hangs. */
  readonly end: () => void;
  readonly close: () => void;
  readonly ask: (question: { readonly message: string; readonly detail: string; readonly buttons: readonly string[] }) => Promise<number>;
  /** Among the crash reports, where Settings keep them. */
  readonly keep: (text: string) => void;
  readonly now?: () => number;
}

/** So many ends within so long, and loading it once more would hardly help. */
const many = 3;
const shortMs = 60_000;

const goesOn = 'Runs go on, and what was saved is there.';

export class PageEnds {
  readonly #options: PageEndsOptions;
  #ends: readonly number[] = [];
  #isAsking = false;
  /** How many pages there were: a question may be answered when the one it was about is gone. */
  #pages = 1;

  constructor(options: PageEndsOptions) {
    this.#options = options;
  }

  /** Its process is gone, for one of Electron's reasons. */
  async ended(reason: string): Promise<void> {
    const { reload, close, keep, now = Date.now } = this.#options;
    if (reason === 'clean-exit') return;
    keep(`page ended (${reason})`);
    this.#pages++;
    this.#ends = [...this.#ends.filter((at) => now() - at < shortMs), now()];
    if (this.#ends.length < many || this.#isAsking) return reload();
    this.#ends = [];
    const message = `The page of this window ended ${many} times within a minute (${reason})`;
    const answer = await this.#ask(message, `${goesOn} Memory that is full, or a graphics driver, ends pages.`, 'Close the window');
    if (answer === 0) reload();
    else if (answer === 1) close();
  }

  async hangs(): Promise<void> {
    const page = this.#pages;
    const answer = await this.#ask('The page of this window does not answer', `${goesOn} It may be busy, and answer again soon.`, 'Wait');
    if (answer === 0 && page === this.#pages) this.#options.end();
  }

  async #ask(message: string, detail: string, other: string): Promise<number | undefined> {
    if (this.#isAsking) return undefined;
    this.#isAsking = true;
    return this.#options.ask({ message, detail, buttons: ['Load it again', other] }).finally(() => (this.#isAsking = false));
  }
}
