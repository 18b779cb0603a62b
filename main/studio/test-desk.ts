/** Runs paired tests in a worker process, so that no page waits for them, and keeps the last answers: α or a correction asks nothing new. */
import * as v from 'valibot';
import { testAnswersSchema, type TestAnswers, type TestTask } from '#contract/statistics.ts';
import type { Jobs } from './jobs.ts';
import type { Spawn } from './spawn.ts';
import { startTask, type TaskRun } from './worker-task.ts';

/** Answers kept; a family of pairs over many columns is some hundred kilobytes. */
const kept = 12;

export class TestDesk {
  readonly #spawn: Spawn;
  readonly #jobs: Jobs;
  readonly #answers = new Map<string, TestAnswers>();
  readonly #running = new Set<TaskRun>();

  constructor(spawn: Spawn, jobs: Jobs) {
    this.#spawn = spawn;
    this.#jobs = jobs;
  }

  /** @throws ProblemError cancelled once `signal` is aborted, statistics.* */
  async run(task: TestTask, onProgress: (fraction: number) => void = () => undefined, signal?: AbortSignal): Promise<TestAnswers> {
    if (task.pairs.length === 0) return [];
    // Finished runs do not change their files, and a run that is run again has another value somewhere.
    const key = JSON.stringify(task);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const job = this.#jobs.begin(`Testing ${task.pairs.length} ${task.pairs.length === 1 ? 'comparison' : 'comparisons'}`);
    const run = startTask(this.#spawn, { kind: 'statistics', request: task }, (fraction) => {
      if (typeof fraction !== 'number') return;
      job.progress(fraction);
      onProgress(fraction);
    });
    const cancel = () => run.cancel();
    this.#running.add(run);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
    try {
      const answers = v.parse(testAnswersSchema, await run.result);
      this.#answers.set(key, answers);
      for (const oldest of [...this.#answers.keys()].slice(0, -kept)) this.#answers.delete(oldest);
      return answers;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#running.delete(run);
      job.end();
    }
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    for (const run of running) run.cancel();
    await Promise.allSettled(running.map((run) => run.result));
  }
}
