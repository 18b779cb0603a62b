/** Progress values of worker tasks as streams. Leaving one cancels its task and waits until it has ended. */
import type { Task } from '#contract/task.ts';
import type { Spawn } from '../spawn.ts';
import { startTask, type TaskRun } from '../worker-task.ts';

export class TaskStreams {
  readonly #spawn: Spawn;
  readonly #running = new Set<TaskRun>();

  constructor(spawn: Spawn) {
    this.#spawn = spawn;
  }

  /** @throws ProblemError of the task; nothing where `signal` ended it */
  async *follow<T>(
    task: Exclude<Task, { kind: 'train' }>,
    parse: (value: unknown) => T,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, void> {
    const values: unknown[] = [];
    let wake: (() => void) | undefined;
    let failure: unknown;
    let isOver = false;
    const poke = () => {
      wake?.();
      wake = undefined;
    };
    const run = startTask(this.#spawn, task, (value) => {
      values.push(value);
      poke();
    });
    this.#running.add(run);
    const ended = run.result
      .then(() => undefined)
      .catch((error: unknown) => (failure = error))
      .finally(() => {
        isOver = true;
        this.#running.delete(run);
        poke();
      });
    const cancel = () => {
      run.cancel();
      poke();
    };
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      while (!signal.aborted) {
        if (values.length > 0) yield parse(values.shift());
        else if (isOver) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      if (failure !== undefined && !signal.aborted) throw failure;
    } finally {
      signal.removeEventListener('abort', cancel);
      if (!isOver) run.cancel();
      await ended;
    }
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    for (const run of running) run.cancel();
    await Promise.allSettled(running.map((run) => run.result));
  }
}
