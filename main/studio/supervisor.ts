/**
 * Which run works in which process, and what becomes of a run when its process ends. One process per run: a crash harms no other
 * run, and goes on from the last checkpoint, at most twice without a new epoch; then the run has failed (killed).
 */
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import type { LaneId } from '#contract/lane.ts';
import type { Problem } from '#contract/problem.ts';
import type { ConsoleLine, Estimate, Series, ToldReason } from '#contract/run.ts';
import type { TrainTask } from '#contract/task.ts';
import type { Store } from '#store/store.ts';
import type { Applied } from '#store/training-events.ts';
import { appendLines } from './console-log.ts';
import { crashProblem } from './crash-problem.ts';
import type { HomeFolders } from './home-folders.ts';
import type { Hub } from './hub.ts';
import { RunProcess, type AttemptEnd } from './run-process.ts';
import { pinnedUsers } from './samples.ts';
import type { Spawn } from './spawn.ts';
import { threadShare } from './threads.ts';

/** What a live view of a run hears. */
export interface RunNews {
  readonly series?: readonly Series[];
  readonly lines?: readonly ConsoleLine[];
}

export interface SupervisorOptions {
  readonly store: Store;
  readonly hub: Hub<RunNews>;
  readonly spawn: Spawn;
  readonly folders: HomeFolders;
  readonly codeVersion: string;
  readonly eventIntervalMs: number;
  /** What a run will take, asked as it starts for the first time: stored beside what it then takes. */
  readonly estimate: (runId: string) => Estimate | undefined;
  readonly libraryFolder: () => string | undefined;
  /** The lane of a run that is started without one being named, and what its process is told of graphics processors. */
  readonly laneOf: (runId: string) => LaneId;
  readonly graphicsFor: (runId: string, lane: LaneId) => number | undefined;
  readonly keepLastCheckpoint: () => boolean;
  /** Epochs of a run were stored. */
  readonly onEpochs: (runId: string) => void;
  /** A run is finished, and its record stored. */
  readonly onEnded: (runId: string) => void;
  /** The process of a live run said what it holds, about once a second. */
  readonly onMeter?: (runId: string, memoryBytes: number, cores: number | undefined) => void;
  /** A run is no longer at work. */
  readonly onIdle?: (runId: string) => void;
  /** A process ended: a place is free. */
  readonly onFree: () => void;
}

const restartsWithoutProgress = 2;

interface Working {
  process: RunProcess;
  /** Where it computes. */
  readonly lane: LaneId;
  /** Threads it was given. */
  readonly share: number;
  restarts: number;
  discards: boolean;
  /** Why it only has to evaluate and keep what it has. */
  stopsKeeping: ToldReason | undefined;
  /** Somebody asked it to pause: whatever becomes of its process, it does not train on. */
  pauses: boolean;
  memoryBytes: number;
}

const pausing = 'runs.pausing';

function pausingRuns({ preferences }: Store): readonly string[] {
  const ids = preferences.get(pausing);
  return Array.isArray(ids) ? ids.map(String) : [];
}

/** Runs that were asked to pause and had not when their owner ended; asked once, they are forgotten. */
export function takePausing(store: Store): ReadonlySet<string> {
  const ids = pausingRuns(store);
  if (ids.length > 0) store.preferences.set(pausing, []);
  return new Set(ids);
}

export interface StartOptions {
  /** Only to evaluate and keep what a paused run has. */
  readonly stopsKeeping?: ToldReason;
  /** Its threads, where it asks for none in particular. */
  readonly share?: number;
  readonly lane?: LaneId;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #working = new Map<string, Working>();
  #isClosing = false;
  #idleWaiters: (() => void)[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get active(): readonly string[] {
    return [...this.#working.keys()];
  }

  /** Runs at work with their lanes and what their processes hold of main memory, as far as they said. */
  get working(): readonly { readonly id: string; readonly lane: LaneId; readonly memoryBytes: number }[] {
    return [...this.#working].map(([id, { lane, memoryBytes }]) => ({ id, lane, memoryBytes }));
  }

  /** The lane of a run at work. */
  lane(runId: string): LaneId | undefined {
    return this.#working.get(runId)?.lane;
  }

  /** Processes of live runs by run id, for tests that kill them and for the status bar. */
  pid(runId: string): number | undefined {
    return this.#working.get(runId)?.process.pid;
  }

  memoryBytes(): number {
    let sum = 0;
    for (const { memoryBytes } of this.#working.values()) sum += memoryBytes;
    return sum;
  }

  /** Begins the next attempt of a run. */
  start(runId: string, options: StartOptions = {}): void {
    if (this.#working.has(runId) || this.#isClosing) return;
    const { stopsKeeping, share = threadShare(this.#working.size + 1), lane = this.#options.laneOf(runId) } = options;
    const process = this.#launch(runId, share, lane);
    this.#working.set(runId, { process, lane, share, restarts: 0, discards: false, stopsKeeping, pauses: false, memoryBytes: 0 });
    if (stopsKeeping !== undefined) this.#working.get(runId)!.process.stop(true, stopsKeeping);
    this.#changed(runId);
  }

  #launch(runId: string, share: number, lane: LaneId): RunProcess {
    const { store, folders, codeVersion, eventIntervalMs } = this.#options;
    const config = store.runs.config(runId)!;
    const goesOn = store.runs.wasStopped(runId);
    const attempt = store.runs.beginAttempt(runId, Date.now());
    const estimate = attempt === 1 ? this.#options.estimate(runId) : undefined;
    if (estimate !== undefined) store.runs.estimate(runId, estimate);
    const libraryFolder = this.#options.libraryFolder();
    const graphics = this.#options.graphicsFor(runId, lane);
    const sampleUsers = pinnedUsers(store, config.dataset);
    const task: TrainTask = {
      kind: 'train',
      runId,
      attempt,
      config,
      // A damaged one is in no list; where it lies, its own fault is found.
      datasetFolder: store.datasets.get(config.dataset)?.folder ?? join(folders.datasets, config.dataset),
      runFolder: folders.run(runId),
      cacheFolder: folders.cache,
      codeVersion,
      // A first attempt has no checkpoint; saying so keeps a folder left by an earlier life out of it.
      resume: attempt > 1,
      goesOn,
      eventIntervalMs,
      threadShare: share,
      ...(sampleUsers.length === 0 ? {} : { sampleUsers }),
      ...(libraryFolder === undefined ? {} : { libraryFolder }),
      ...(config.source === undefined ? {} : { ownFolder: join(folders.models, config.model) }),
      ...(graphics === undefined ? {} : { graphics }),
    };
    return new RunProcess(this.#options.spawn, store, task, {
      onApplied: (applied) => this.#applied(runId, applied),
      onOutput: (stream, text) => this.#output(runId, stream, text),
      onMemory: (bytes, cores) => {
        const working = this.#working.get(runId);
        if (working === undefined) return;
        working.memoryBytes = bytes;
        this.#options.onMeter?.(runId, bytes, cores);
      },
      onEnd: (end, newEpochs) => this.#ended(runId, end, newEpochs),
    });
  }

  /** Stops a live run; false where it is not live. */
  stop(runId: string, keep: boolean, reason: ToldReason = 'stopped-by-user'): boolean {
    const working = this.#working.get(runId);
    if (working === undefined) return false;
    working.discards = !keep;
    working.stopsKeeping = keep ? (working.stopsKeeping ?? reason) : undefined;
    working.process.stop(keep, reason);
    return true;
  }

  pause(runId: string, now: boolean): boolean {
    const working = this.#working.get(runId);
    if (working === undefined) return false;
    working.pauses = true;
    this.#keepPausing();
    working.process.pause(now);
    return true;
  }

  #keepPausing(): void {
    const { store } = this.#options;
    const ids = [...this.#working].flatMap(([id, { pauses }]) => (pauses ? [id] : []));
    if (ids.join() !== pausingRuns(store).join()) store.preferences.set(pausing, ids);
  }

  /** Resolves when no run is at work. */
  idle(): Promise<void> {
    if (this.#working.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Ends all processes at once; their runs stay "running" in the store, so that the next owner picks them up. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const gone = this.idle();
    for (const { process } of this.#working.values()) process.kill();
    await gone;
  }

  #applied(runId: string, applied: Applied): void {
    const { store, hub, folders } = this.#options;
    appendLines(folders.run(runId), applied.lines);
    // Before anyone hears that it is finished: what follows from it stands beside it.
    if (applied.ended === 'finished') this.#options.onEnded(runId);
    const isShown = store.runs.isTestShown(runId);
    const series = isShown ? applied.series : applied.series.filter(({ key }) => !key.startsWith('test/'));
    hub.tell(`run ${runId}`, { series, lines: applied.lines });
    hub.tell('queue');
    if (applied.newEpochs > 0 && applied.ended === undefined) this.#options.onEpochs(runId);
  }

  #output(runId: string, stream: 'stdout' | 'stderr', text: string): void {
    const lines = text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line): ConsoleLine => ({ at: Date.now(), level: stream === 'stderr' ? 'warn' : 'info', text: line, by: 'program' }));
    this.#lines(runId, lines);
  }

  #lines(runId: string, lines: readonly ConsoleLine[]): void {
    appendLines(this.#options.folders.run(runId), lines);
    this.#options.hub.tell(`run ${runId}`, { lines });
  }

  #ended(runId: string, end: AttemptEnd, newEpochs: number): void {
    const { store } = this.#options;
    const working = this.#working.get(runId);
    if (working === undefined) return;
    if (end.kind === 'crashed' && !this.#isClosing && !working.discards) {
      store.runs.endAttempt(
        runId,
        end.exit.signal === null ? `the process ended (exit ${end.exit.code})` : `the process was killed (${end.exit.signal})`,
      );
      if (newEpochs > 0) working.restarts = 0;
      if (!end.isOutOfMemory && working.restarts < restartsWithoutProgress) {
        working.restarts += 1;
        const how = end.exit.signal ?? `exit ${end.exit.code}`;
        const { epoch = 0, stageIndex = 0 } = store.runs.summary(runId)?.progress ?? {};
        const next = epoch + stageIndex === 0 ? 'it begins again' : 'going on from the last checkpoint';
        this.#lines(runId, [{ at: Date.now(), level: 'warn', by: 'studio', text: `The process ended unexpectedly (${how}); ${next}.` }]);
        working.process = this.#launch(runId, working.share, working.lane);
        if (working.stopsKeeping !== undefined) working.process.stop(true, working.stopsKeeping);
        // From its checkpoint, without another epoch.
        else if (working.pauses) working.process.pause(true);
        this.#changed(runId);
        return;
      }
      store.runs.setState(runId, 'failed', { problem: crashProblem(end), endedAt: Date.now() });
    }
    if (end.kind === 'problem' && !this.#isClosing) this.#fail(runId, end.problem);
    if (working.discards) this.#discard(runId);
    else if (end.kind === 'told' && end.how === 'finished' && !this.#options.keepLastCheckpoint()) this.#forgetLast(runId);
    this.#working.delete(runId);
    // Ended by the owner's own end it would have paused: the next owner is to know.
    if (!this.#isClosing) this.#keepPausing();
    this.#options.onIdle?.(runId);
    this.#changed(runId);
    this.#options.onFree();
    if (this.#working.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** Where not even this can be written the run stays "running" in the store and is found lost at the next start. */
  #fail(runId: string, problem: Problem): void {
    const { store } = this.#options;
    try {
      store.runs.endAttempt(runId, `failed: ${problem.kind}`, Date.now());
      store.runs.setState(runId, 'failed', { problem, endedAt: Date.now() });
    } catch {
      this.#options.hub.tell('status');
    }
  }

  /** Stopped and not wanted: to the trash, from where it can be restored. */
  #discard(runId: string): void {
    const { store } = this.#options;
    store.transaction(() => {
      store.runs.endAttempt(runId, 'stopped and discarded', Date.now());
      store.runs.setState(runId, 'stopped', { endedAt: Date.now() });
      store.trash.move([runId], Date.now());
    });
  }

  #forgetLast(runId: string): void {
    const { store, folders } = this.#options;
    for (const artifact of store.runs.artifacts(runId)) {
      if (artifact.name !== 'checkpoint-last') continue;
      rmSync(`${folders.run(runId)}/${artifact.file}`, { force: true });
      store.artifacts.forget(runId, artifact.name);
    }
  }

  #changed(runId: string): void {
    this.#options.hub.tell(`run ${runId}`, {});
    this.#options.hub.tell('queue');
    this.#options.hub.tell('status');
  }
}
