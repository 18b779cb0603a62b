/**
 * Measures this machine in worker processes, one way to compute after the other, only while nothing else is at work: a run that starts
 * ends what is being measured, which is begun anew when all is quiet again.
 */
import * as v from 'valibot';
import { ProblemError, toProblem } from '#contract/problem.ts';
import { calibrationSchema } from '#contract/task.ts';
import type { Job, Jobs } from './jobs.ts';
import type { DeviceName, SpeedBook, Way } from './speeds.ts';
import type { TaskRun } from './worker-task.ts';

export interface MeasuringOptions {
  readonly speeds: SpeedBook;
  readonly jobs: Jobs;
  /** Starts the worker for a way; progress is told from 0 to 1. */
  readonly start: (way: Way, onProgress: (fraction: number) => void) => TaskRun;
  /** A run is at work. */
  readonly isRunning: () => boolean;
  /** What the figures say, or what is at work, has changed. */
  readonly onChange: () => void;
  /** Of a device, as a probe told it; kept beside a failure, so that the same library is not tried again and again. */
  readonly version: (device: DeviceName) => string | undefined;
  readonly now: () => number;
  /** Calls back after so long; gives back how to call it off. */
  readonly after: (milliseconds: number, work: () => void) => () => void;
}

/** The first window is painted by then, on any machine that one would train on. */
const quietStartMs = 4000;
/** A way that takes longer is of no use for training. */
const limitMs = 30_000;

interface Current {
  readonly way: Way;
  readonly run: TaskRun;
  fraction: number;
  isInterrupted: boolean;
}

export class Measuring {
  readonly #options: MeasuringOptions;
  #pending: readonly Way[] = [];
  /** Of the ways asked for together, how many. */
  #total = 0;
  #current: Current | undefined;
  #job: Job | undefined;
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #callOff: (() => void) | undefined;
  #waiters: { readonly device: DeviceName; readonly done: () => void }[] = [];
  #isClosed = false;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  get state(): 'idle' | 'waiting' | 'measuring' {
    if (this.#current !== undefined) return 'measuring';
    return this.#pending.length > 0 ? 'waiting' : 'idle';
  }

  get fraction(): number {
    if (this.#total === 0) return 0;
    return (this.#total - this.#pending.length + (this.#current?.fraction ?? 0)) / this.#total;
  }

  /** Measures what was never tried on this machine, some seconds from now: the first window comes first. */
  begin(): void {
    this.#callOff?.();
    this.#callOff = this.#options.after(quietStartMs, () => this.missing());
  }

  /** Measures what was never tried, as soon as all is quiet. */
  missing(): void {
    const { speeds } = this.#options;
    this.#ask(speeds.ways().filter((way) => speeds.outcome(way) === undefined && !speeds.isMissing(way.device)));
  }

  /** Measures everything anew; each figure stands until its new one is there. */
  again(): void {
    this.#ask(this.#options.speeds.ways());
  }

  cancel(): void {
    this.#callOff?.();
    this.#pending = [];
    this.#current?.run.cancel();
    this.#poke();
    this.#changed();
  }

  /**
   * For an estimate: resolves when something is known of a device, measured now and first where it was never tried. Where other work is
   * in the way it resolves at once: nobody waits for hours, and figures taken beside a run would be wrong.
   */
  async need(device: DeviceName): Promise<void> {
    const { speeds } = this.#options;
    if (this.#isClosed || speeds.isTried(device) || this.#isBusy) return;
    const way = { device, threads: speeds.usual(device) };
    const known = new Promise<void>((done) => this.#waiters.push({ device, done }));
    const isCurrent = this.#current?.way.device === device;
    if (!isCurrent) this.#ask([way], true);
    await known;
  }

  /** Something else has started or ended: make room, or go on. */
  noticed(): void {
    if (this.#isBusy) this.#interrupt();
    else this.#poke();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.cancel();
    await this.#loop;
  }

  get #isBusy(): boolean {
    const own = this.#job?.id;
    return this.#options.isRunning() || this.#options.jobs.list.some(({ id }) => id !== own);
  }

  #ask(ways: readonly Way[], first = false): void {
    if (this.#isClosed || ways.length === 0) return;
    const wasIdle = this.state === 'idle';
    const asked = ways.filter((way) => !this.#pending.some((other) => isSame(way, other)));
    const left = first ? this.#pending.filter((way) => !ways.some((other) => isSame(way, other))) : this.#pending;
    // What is being measured stays first: its place is looked up when it ends.
    this.#pending = first ? [...ways, ...left] : [...left, ...asked];
    this.#total = wasIdle ? this.#pending.length : Math.max(this.#total, this.#pending.length);
    this.#loop ??= this.#work().finally(() => (this.#loop = undefined));
    this.#poke();
    this.#changed();
  }

  async #work(): Promise<void> {
    for (;;) {
      const [way] = this.#pending;
      if (way === undefined || this.#isClosed) break;
      if (this.#isBusy) {
        this.#endJob();
        this.#release(() => true);
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      await this.#measure(way);
    }
    this.#total = 0;
    this.#endJob();
    this.#release(() => true);
    this.#changed();
  }

  async #measure(way: Way): Promise<void> {
    const { start, speeds, jobs, now, after } = this.#options;
    this.#job ??= jobs.begin('Measuring devices', () => this.cancel());
    const run = start(way, (fraction) => {
      current.fraction = fraction;
      this.#job?.progress(this.fraction);
      this.#changed();
    });
    const current: Current = { way, run, fraction: 0, isInterrupted: false };
    this.#current = current;
    this.#changed();
    let isLate = false;
    const callOff = after(limitMs, () => {
      isLate = true;
      run.cancel();
    });
    try {
      speeds.keep(way, v.parse(calibrationSchema, await run.result), now());
    } catch (error) {
      const isCancelled = error instanceof ProblemError && error.problem.kind === 'cancelled';
      if (isLate || !isCancelled) {
        const { message, fix } = toProblem(error);
        const version = this.#options.version(way.device);
        speeds.keep(
          way,
          {
            missing: isLate ? `No result within ${limitMs / 1000} s` : message,
            ...(fix === undefined || isLate ? {} : { remedy: fix }),
            ...(version === undefined ? {} : { version }),
          },
          now(),
        );
      }
    } finally {
      callOff();
      this.#current = undefined;
    }
    if (!current.isInterrupted) {
      // Where a device cannot run at all, other threads do not help.
      const isOver = (other: Way) => isSame(other, way) || (other.device === way.device && speeds.isMissing(way.device));
      this.#pending = this.#pending.filter((other) => !isOver(other));
    }
    this.#job?.progress(this.fraction);
    this.#release((device) => device === way.device);
    this.#changed();
  }

  #interrupt(): void {
    if (this.#current === undefined || this.#current.isInterrupted) return;
    this.#current.isInterrupted = true;
    this.#current.run.cancel();
  }

  #poke(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #endJob(): void {
    const job = this.#job;
    this.#job = undefined;
    job?.end();
  }

  #release(isKnown: (device: DeviceName) => boolean): void {
    const ready = this.#waiters.filter(({ device }) => isKnown(device));
    this.#waiters = this.#waiters.filter(({ device }) => !isKnown(device));
    for (const { done } of ready) done();
  }

  #changed(): void {
    this.#options.onChange();
  }
}

function isSame(a: Way, b: Way): boolean {
  return a.device === b.device && a.threads === b.threads;
}
