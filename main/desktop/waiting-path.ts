/** A folder or file of the person's own on its way to the page, which may not be there yet: macOS names it before the app is ready. */
export class WaitingPath {
  readonly #hand: (path: string) => boolean;
  #path: string | undefined;

  /** `hand` is false where no page is there to take it. */
  constructor(hand: (path: string) => boolean) {
    this.#hand = hand;
  }

  /** Hands it to the page, now or when it is there; a start or a second one without any leaves the one that waits. */
  take(path: string | undefined): void {
    this.#path = path ?? this.#path;
    if (this.#path !== undefined && this.#hand(this.#path)) this.#path = undefined;
  }

  pageCame(): void {
    this.take(undefined);
  }
}
