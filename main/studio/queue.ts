/** Which run is next, and on which device. The order, the hold, each run's own hold and its pin live in the store, so a restart changes nothing. */
import type { LaneId, Wait } from '#contract/lane.ts';
import type { Store } from '#store/store.ts';
import type { Hub } from './hub.ts';
import type { Lanes } from './lanes.ts';
import { place, type Room } from './placing.ts';
import type { RunNews, Supervisor } from './supervisor.ts';
import { threadShare } from './threads.ts';

export interface QueueOptions {
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly hub: Hub<RunNews>;
  readonly lanes: Lanes;
  /** What a run is expected to take of a lane's memory at its peak. */
  readonly need: (runId: string, lane: LaneId) => number | undefined;
  /** May put more runs into the queue, e.g. the next trials of a search. */
  readonly beforeFill?: () => void;
}

export class Queue {
  readonly #options: QueueOptions;
  #isStarted = false;
  #isResting = false;
  #waits: ReadonlyMap<string, Wait> = new Map();

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** From now on runs are started as places are free. */
  start(): void {
    this.#isStarted = true;
    this.fill();
  }

  get isHeld(): boolean {
    return this.#options.store.preferences.get('queue.held') === true;
  }

  /** What keeps runs whose turn has come, by run. */
  get waits(): ReadonlyMap<string, Wait> {
    return this.#waits;
  }

  hold(held: boolean): void {
    this.#options.store.preferences.set('queue.held', held);
    this.fill();
  }

  /** Nothing starts while the folder itself is at work; unlike a hold it is not stored. */
  rest(isResting: boolean): void {
    this.#isResting = isResting;
    if (!isResting) this.fill();
  }

  order(ids: readonly string[]): void {
    this.#options.store.runs.order(ids);
    // Where one waits for memory another may come first now, that fits.
    if (this.#waits.size > 0) this.fill();
    else this.#options.hub.tell('queue');
  }

  /** Each lane with its runs at work. */
  rooms(): Room[] {
    const { lanes, supervisor } = this.#options;
    const { working } = supervisor;
    // A driver that no tool lists has its lane while a run is at work on it, or wants to be.
    const ids = [...new Set([...lanes.ids, ...working.map(({ lane }) => lane)])];
    return ids.map((id) => this.#room(id, working));
  }

  /** Runs that train side by side, at most. */
  atOnce(): number {
    return this.rooms().reduce((sum, { slots }) => sum + slots, 0);
  }

  #room(id: LaneId, working: Supervisor['working']): Room {
    const { lanes, need } = this.#options;
    const own = working.filter(({ lane }) => lane === id);
    // A process says what it holds of main memory, not of a graphics processor's.
    const taken = own.map((run) => Math.max(need(run.id, id) ?? 0, id === 'cpu' ? run.memoryBytes : 0));
    return {
      id,
      slots: lanes.slots(id),
      running: own.length,
      budgetBytes: lanes.budget(id).bytes,
      takenBytes: taken.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  /** Starts waiting runs while there are places, and tells whoever watches: what called for this changed the queue, held or not. */
  fill(): void {
    const { store, supervisor, hub, beforeFill } = this.#options;
    const isOpen = this.#isStarted && !this.#isResting;
    if (isOpen) beforeFill?.();
    this.#waits = new Map();
    if (isOpen && !this.isHeld) {
      const { starts, waits } = this.#placed();
      this.#waits = waits;
      // Those that will be at work together share the machine; one that comes later finds them at work.
      const together = supervisor.active.length + starts.length;
      for (const { id, lane } of starts)
        supervisor.start(id, {
          lane,
          share: threadShare(together),
          ...(store.searches.isHalted(id) ? { stopsKeeping: 'successive-halving' } : {}),
        });
    }
    hub.tell('queue');
    hub.tell('status');
  }

  #placed() {
    const { store, lanes, need } = this.#options;
    const waiting = store.runs
      .waiting()
      .filter(({ held }) => held !== true)
      .map((run) => ({ id: run.id, pin: run.pin, lanes: lanes.of(run), need: (lane: LaneId) => need(run.id, lane) }));
    const rooms = this.rooms();
    const present = new Set(rooms.map(({ id }) => id));
    const unlisted = new Set(waiting.flatMap((run) => (run.pin === undefined ? (run.lanes ?? []) : [])).filter((id) => !present.has(id)));
    return place(waiting, [...rooms, ...[...unlisted].map((id) => this.#room(id, []))]);
  }
}
