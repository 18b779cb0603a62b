import type { ToWorker, TrainTask } from '#contract/task.ts';
import type { Store } from '#store/store.ts';
import type { WorkerExit, WorkerProcess } from '#studio/spawn.ts';

/** A worker by hand: what a real one can hardly be made to do (nonsense, a full disk beside it, an abort) is said here. */
export class HandWorker implements WorkerProcess {
  readonly pid = 1;
  readonly heard: ToWorker[] = [];
  readonly signals: string[] = [];
  #message: (message: unknown) => void = () => undefined;
  #output: (stream: 'stdout' | 'stderr', text: string) => void = () => undefined;
  #exit: (exit: WorkerExit) => void = () => undefined;

  send(message: ToWorker): void {
    this.heard.push(message);
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#message = listener;
  }
  onOutput(listener: (stream: 'stdout' | 'stderr', text: string) => void): void {
    this.#output = listener;
  }
  onExit(listener: (exit: WorkerExit) => void): void {
    this.#exit = listener;
  }
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal);
    this.#exit({ code: null, signal });
  }
  say(message: unknown): void {
    this.#message(message);
  }
  exit(code: number): void {
    this.#exit({ code, signal: null });
  }
  aborts(words: string): void {
    this.#output('stderr', words);
    this.#exit({ code: null, signal: 'SIGABRT' });
  }
}

/** The task of a stored run's next attempt. */
export function nextAttempt(store: Store, runId: string): TrainTask {
  return {
    kind: 'train',
    runId,
    attempt: store.runs.beginAttempt(runId, 1),
    config: store.runs.config(runId)!,
    datasetFolder: '/d',
    runFolder: '/r',
    cacheFolder: '/c',
    codeVersion: '1',
    resume: false,
    goesOn: false,
    eventIntervalMs: 0,
  };
}
