/** Which run is next. The order, the hold and each run's own hold live in the store, so a restart changes nothing. */
import type { Store } from '#store/store.ts';
import type { Hub } from './hub.ts';
import type { RunNews, Supervisor } from './supervisor.ts';
import { threadShare } from './threads.ts';

export class Queue {
  readonly #store: Store;
  readonly #supervisor: Supervisor;
  readonly #hub: Hub<RunNews>;
  readonly #concurrency: () => number;
  readonly #beforeFill: () => void;
  #isStarted = false;
  #isResting = false;

  /** `beforeFill`: may put more runs into the queue, e.g. the next trials of a search. */
  constructor(
    store: Store,
    supervisor: Supervisor,
    hub: Hub<RunNews>,
    concurrency: () => number,
    beforeFill: () => void = () => undefined,
  ) {
    this.#beforeFill = beforeFill;
    this.#store = store;
    this.#supervisor = supervisor;
    this.#hub = hub;
    this.#concurrency = concurrency;
  }

  /** From now on runs are started as places are free. */
  start(): void {
    this.#isStarted = true;
    this.fill();
  }

  get isHeld(): boolean {
    return this.#store.preferences.get('queue.held') === true;
  }

  hold(held: boolean): void {
    this.#store.preferences.set('queue.held', held);
    this.fill();
  }

  /** Nothing starts while the folder itself is at work; unlike a hold it is not stored. */
  rest(isResting: boolean): void {
    this.#isResting = isResting;
    if (!isResting) this.fill();
  }

  order(ids: readonly string[]): void {
    this.#store.runs.order(ids);
    this.#hub.tell('queue');
  }

  /** Starts waiting runs while there are places, and tells whoever watches: what called for this changed the queue, held or not. */
  fill(): void {
    const isOpen = this.#isStarted && !this.#isResting;
    if (isOpen) this.#beforeFill();
    if (isOpen && !this.isHeld) {
      const waiting = this.#store.runs.waiting().filter(({ held }) => held !== true);
      // Those that will be at work together share the machine; one that comes later finds them at work.
      const together = Math.min(this.#concurrency(), this.#supervisor.active.length + waiting.length);
      for (const run of waiting) {
        if (this.#supervisor.active.length >= this.#concurrency()) break;
        this.#supervisor.start(run.id, this.#store.searches.isHalted(run.id) ? 'successive-halving' : undefined, threadShare(together));
      }
    }
    this.#hub.tell('queue');
    this.#hub.tell('status');
  }
}
