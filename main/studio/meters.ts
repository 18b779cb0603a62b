/** Meters of devices and of the processes of runs: one place that pages, cards and the record of a run read from. */
import type { Meters as MetersView, MeterTrace, RunReading } from '#contract/meter.ts';
import { GraphicsMeter, type FeedStart } from './graphics-meter.ts';
import type { Hub } from './hub.ts';
import { following } from './hub.ts';
import { readTrace, RunTrace } from './meter-trace.ts';
import type { RunNews } from './supervisor.ts';

export interface MetersOptions {
  readonly hub: Hub<RunNews>;
  readonly start: FeedStart;
  readonly runFolder: (runId: string) => string;
  /** The graphics processor a live run computes on; undefined for the processor. */
  readonly graphicsOf: (runId: string) => number | undefined;
  readonly now?: () => number;
}

/** Pushed at most so often. */
const everyMs = 1000;

export class Meters {
  readonly #options: MetersOptions;
  readonly #graphics: GraphicsMeter;
  readonly #runs = new Map<string, { reading: RunReading; readonly trace: RunTrace }>();
  readonly #now: () => number;
  #watchers = 0;
  #isClosed = false;

  constructor(options: MetersOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#graphics = new GraphicsMeter({
      start: options.start,
      onReading: () => options.hub.tell('meters'),
      now: this.#now,
      after: (milliseconds, work) => {
        const timer = setTimeout(work, milliseconds);
        return () => clearTimeout(timer);
      },
    });
  }

  get view(): MetersView {
    return { graphics: this.#graphics.readings, runs: [...this.#runs.values()].map(({ reading }) => reading) };
  }

  /** Now and after each change; while it is followed the driver is asked. */
  async *watch(signal: AbortSignal): AsyncGenerator<MetersView, void, void> {
    this.#watchers += 1;
    this.#ask();
    try {
      yield* following(
        () => this.view,
        (changed) => this.#options.hub.subscribe('meters', changed),
        everyMs,
        signal,
      );
    } finally {
      this.#watchers -= 1;
      this.#ask();
    }
  }

  /** The process of a live run said what it holds; about once a second. */
  heard(id: string, memoryBytes: number, cores: number | undefined): void {
    if (this.#isClosed) return;
    const known = this.#runs.get(id);
    // Where it computes is settled when it starts; who is asked reads the store.
    const graphics = known === undefined ? this.#options.graphicsOf(id) : known.reading.graphics;
    const reading: RunReading = {
      id,
      memoryBytes,
      ...(cores === undefined ? {} : { cores }),
      ...(graphics === undefined ? {} : { graphics }),
    };
    const now = this.#now();
    const trace = known?.trace ?? new RunTrace(this.#options.runFolder(id), now);
    this.#runs.set(id, { reading, trace });
    this.#ask();
    const device = graphics === undefined ? undefined : this.#graphics.readings.find(({ index }) => index === graphics);
    const { utilisation, usedBytes, celsius, watts } = device ?? {};
    const told = Object.entries({ cores, memoryBytes, utilisation, usedBytes, celsius, watts }).filter(([, value]) => value !== undefined);
    trace.add(Object.fromEntries(told), now, device?.name);
    this.#options.hub.tell('meters');
  }

  /** A run is no longer at work. */
  ended(id: string): void {
    this.#runs.get(id)?.trace.save();
    this.#runs.delete(id);
    this.#ask();
    this.#options.hub.tell('meters');
  }

  /** Of a live run what is known until now, else what was kept. */
  trace(id: string): MeterTrace {
    return this.#runs.get(id)?.trace.trace ?? readTrace(this.#options.runFolder(id));
  }

  close(): void {
    this.#isClosed = true;
    for (const { trace } of this.#runs.values()) trace.save();
    this.#runs.clear();
    this.#graphics.close();
  }

  #ask(): void {
    if (!this.#isClosed) this.#graphics.want(this.#watchers > 0 || this.#runs.size > 0);
  }
}
