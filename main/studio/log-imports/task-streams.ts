/** Progress values of worker tasks as streams. Leaving one cancels its task and waits until it has ended. */
import type { Task } from '#contract/task.ts';
import type { Spawn } from '../spawn.ts';
import { taskStream } from '../task-stream.ts';
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
    let run: TaskRun | undefined;
    const reported = taskStream<unknown>({
      start: (report) => {
        run = startTask(this.#spawn, task, report);
        this.#running.add(run);
        return run;
      },
      signal,
      ended: () => void this.#running.delete(run!),
    });
    for await (const value of reported) yield parse(value);
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    for (const run of running) run.cancel();
    await Promise.allSettled(running.map((run) => run.result));
  }
}
