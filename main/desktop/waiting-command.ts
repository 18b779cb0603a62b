import type { HostCommand } from '#contract/host.ts';

/**
 * A command on its way to the page, which may not be there yet: a link or a file opened while the app starts, and macOS names a file
 * before the app is ready. The last one counts.
 */
export class WaitingCommand {
  readonly #hand: (command: HostCommand) => boolean;
  #command: HostCommand | undefined;

  /** `hand` is false where no page is there to take it. */
  constructor(hand: (command: HostCommand) => boolean) {
    this.#hand = hand;
  }

  /** Hands it to the page, now or when it is there; a start or a second one without any leaves the one that waits. */
  take(command: HostCommand | undefined): void {
    this.#command = command ?? this.#command;
    if (this.#command !== undefined && this.#hand(this.#command)) this.#command = undefined;
  }

  pageCame(): void {
    this.take(undefined);
  }
}
