import type { Hub } from './hub.ts';

/** How often somebody changed what lists show since the start, runs at work aside: a list in another window asks again when it rises. */
export class Edits {
  readonly #hub: Pick<Hub, 'tell'>;
  #count = 0;

  constructor(hub: Pick<Hub, 'tell'>) {
    this.#hub = hub;
  }

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
    this.#hub.tell('status');
  }
}
