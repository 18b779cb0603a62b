/** One attempt of one run in its own process: named, pinged, its messages parsed and stored before anyone hears of them. */
import * as v from 'valibot';
import type { Problem } from '#contract/problem.ts';
import type { ToldReason } from '#contract/run.ts';
import { fromWorkerSchema, type TrainTask } from '#contract/task.ts';
import type { Applied, SequencedEvent } from '#store/training-events.ts';
import type { Store } from '#store/store.ts';
import { memoryKills, type MemoryKills } from './memory-kills.ts';
import type { Spawn, WorkerExit, WorkerProcess } from './spawn.ts';
import { storeProblem } from './store-problem.ts';

// A utility process cannot see its owner die; four silent seconds tell it.
const pingEveryMs = 1000;
/** A worker computes in one thread and answers between batches; ten minutes without an answer is not a long batch. */
const unansweredLimit = 600;
/** After a discard, before the process is killed. */
const discardGraceMs = 10_000;

type Wish =
  { readonly type: 'stop'; readonly keep: boolean; readonly reason: ToldReason } | { readonly type: 'pause'; readonly now: boolean };

/** How an attempt ended. */
export type AttemptEnd =
  /** It said so itself: finished, paused or failed is stored. */
  | { readonly kind: 'told'; readonly how: 'finished' | 'paused' | 'failed' }
  /** The process is gone without a last word. */
  | {
      readonly kind: 'crashed';
      readonly exit: WorkerExit;
      /** It was killed because it gave no sign of life. */
      readonly isSilent: boolean;
      readonly isOutOfMemory: boolean;
      readonly output: string;
    }
  /** A problem outside training, e.g. a task that could not be read. */
  | { readonly kind: 'problem'; readonly problem: Problem };

export interface AttemptListener {
  onApplied(applied: Applied): void;
  onOutput(stream: 'stdout' | 'stderr', text: string): void;
  onMemory(bytes: number, cores: number | undefined): void;
  onEnd(end: AttemptEnd, newEpochs: number): void;
}

export class RunProcess {
  readonly task: TrainTask;
  readonly #worker: WorkerProcess;
  readonly #store: Store;
  readonly #listener: AttemptListener;
  #ping: ReturnType<typeof setInterval> | undefined;
  #killTimer: ReturnType<typeof setTimeout> | undefined;
  #unanswered = 0;
  #isSilent = false;
  #isReady = false;
  #wish: Wish | undefined;
  #told: 'finished' | 'paused' | 'failed' | undefined;
  #problem: Problem | undefined;
  #newEpochs = 0;
  #output = '';
  readonly #kills: MemoryKills;
  /** Of the system, before this process. */
  readonly #killsBefore: number | undefined;

  constructor(spawn: Spawn, store: Store, task: TrainTask, listener: AttemptListener, kills = memoryKills) {
    this.task = task;
    this.#kills = kills;
    this.#killsBefore = kills();
    this.#store = store;
    this.#listener = listener;
    this.#worker = spawn(task.runId);
    this.#worker.onMessage((raw) => this.#take(raw));
    this.#worker.onOutput((stream, text) => {
      this.#output = (this.#output + text).slice(-4000);
      listener.onOutput(stream, text);
    });
    this.#worker.onExit((exit) => this.#end(exit));
  }

  get pid(): number | undefined {
    return this.#worker.pid;
  }

  /** Evaluates and keeps the best so far, or leaves at once. */
  stop(keep: boolean, reason: ToldReason = 'stopped-by-user'): void {
    this.#ask({ type: 'stop', keep, reason });
    if (!keep) this.#killTimer ??= setTimeout(() => this.#worker.kill('SIGKILL'), discardGraceMs);
  }

  /** Ends after the running epoch, with a checkpoint, or `now` without that epoch. */
  pause(now: boolean): void {
    this.#ask({ type: 'pause', now });
  }

  kill(): void {
    this.#worker.kill('SIGKILL');
  }

  #ask(wish: Wish): void {
    this.#wish = wish;
    if (this.#isReady) this.#worker.send(wish);
  }

  #take(raw: unknown): void {
    this.#unanswered = 0;
    const parsed = v.safeParse(fromWorkerSchema, raw);
    if (!parsed.success) {
      const issue = parsed.issues[0];
      this.#listener.onOutput(
        'stderr',
        `A message of the worker did not have the agreed form: ${v.getDotPath(issue) ?? 'message'}: ${issue.message}\n`,
      );
      return;
    }
    const message = parsed.output;
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#worker.send({ type: 'start', task: this.task });
        if (this.#wish !== undefined) this.#worker.send(this.#wish);
        this.#ping = setInterval(() => this.#pingOnce(), pingEveryMs);
        return;
      case 'events': {
        if (message.runId === this.task.runId) this.#record(message.attempt, message.events);
        return;
      }
      case 'problem':
        this.#problem = message.problem;
        return;
      case 'heartbeat':
        this.#listener.onMemory(message.memoryBytes, message.cores);
        return;
      case 'progress':
      case 'result':
        return;
      default:
        message satisfies never;
    }
  }

  /** Stored before shown. What cannot be stored ends the attempt: training on would lose its record. */
  #record(attempt: number, events: readonly SequencedEvent[]): void {
    if (this.#problem !== undefined) return;
    let applied: Applied;
    try {
      applied = this.#store.events.apply(this.task.runId, attempt, events);
    } catch (error) {
      this.#problem = storeProblem(error);
      this.#worker.kill('SIGKILL');
      return;
    }
    this.#newEpochs += applied.newEpochs;
    this.#told = applied.ended ?? this.#told;
    this.#listener.onApplied(applied);
  }

  #pingOnce(): void {
    this.#unanswered += 1;
    if (this.#unanswered > unansweredLimit) {
      this.#isSilent = true;
      this.#worker.kill('SIGKILL');
    } else this.#worker.send({ type: 'ping' });
  }

  /** Killed from outside while the system ended processes for their memory. */
  #wasKilledForMemory({ signal }: WorkerExit): boolean {
    return signal === 'SIGKILL' && !this.#isSilent && this.#killsBefore !== undefined && (this.#kills() ?? 0) > this.#killsBefore;
  }

  #end(exit: WorkerExit): void {
    clearInterval(this.#ping);
    clearTimeout(this.#killTimer);
    const end: AttemptEnd =
      this.#told !== undefined
        ? { kind: 'told', how: this.#told }
        : this.#problem !== undefined
          ? { kind: 'problem', problem: this.#problem }
          : {
              kind: 'crashed',
              exit,
              isSilent: this.#isSilent,
              isOutOfMemory: /heap out of memory|Allocation failed|std::bad_alloc/.test(this.#output) || this.#wasKilledForMemory(exit),
              output: this.#output,
            };
    this.#listener.onEnd(end, this.#newEpochs);
  }
}
