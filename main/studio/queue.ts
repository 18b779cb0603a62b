/** Which run is next. The order, the hold and each run's own hold live in the store, so a restart changes nothing. */
import type { Store } from '#store/store.ts';
import type { Hub } from './hub.ts';
import type { RunNews, Supervisor } from './supervisor.ts';

export class Queue {
  readonly #store: Store;
  readonly #supervisor: Supervisor;
  readonly #hub: Hub<RunNews>;
  readonly #concurrency: () => number;
  #isStarted = false;

  constructor(store: Store, supervisor: Supervisor, hub: Hub<RunNews>, concurrency: () => number) {
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

  order(ids: readonly string[]): void {
    this.#store.runs.order(ids);
    this.#hub.tell('queue');
  }

  /** Starts waiting runs while there are places, and tells whoever watches: what called for this changed the queue, held or not. */
  fill(): void {
    if (this.#isStarted && !this.isHeld) {
      for (const run of this.#store.runs.waiting()) {
        if (this.#supervisor.active.length >= this.#concurrency()) break;
        if (run.held !== true) this.#supervisor.start(run.id);
      }
    }
    this.#hub.tell('queue');
    this.#hub.tell('status');
  }
}
