import type { OwnerChannel } from './owner-channel.ts';

const tickMs = 1000;
/** Ticks without a ping after which a utility process takes an owner that pinged before for dead. */
const silentTicks = 4;

/**
 * Calls `onGone` within five seconds after the owner died, however it died. Ticks are counted, not seconds: a machine that slept or
 * a batch that blocked this process for long is not a dead owner.
 */
export class OwnerWatch {
  readonly #channel: OwnerChannel;
  readonly #timer: NodeJS.Timeout;
  readonly #parent = process.ppid;
  #silence = 0;
  #isPinged = false;

  constructor(channel: OwnerChannel, onGone: (why: string) => void) {
    this.#channel = channel;
    channel.onClosed(() => onGone('channel closed'));
    this.#timer = setInterval(() => {
      this.#silence += 1;
      if (this.#channel.kind === 'utility') {
        if (this.#isPinged && this.#silence > silentTicks) onGone('no ping');
      } else if (process.ppid !== this.#parent) onGone('parent process gone');
    }, tickMs);
  }

  /** The owner said that it lives. Short tasks are not pinged; they end by themselves. */
  pinged(): void {
    this.#isPinged = true;
    this.#silence = 0;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
