/** Runs paired tests and profiles in a worker process, so that no page waits for them, and keeps the last answers: α or a correction asks nothing new. */
import * as v from 'valibot';
import { profileAnswersSchema, type ProfileTask, type RunProfile } from '#contract/profile.ts';
import { testAnswersSchema, type TestAnswers, type TestTask } from '#contract/statistics.ts';
import type { Task } from '#contract/task.ts';
import type { Jobs } from './jobs.ts';
import type { Spawn } from './spawn.ts';
import { startTask, type TaskRun } from './worker-task.ts';

/** Answers kept; a family of pairs over many columns is some hundred kilobytes. */
const kept = 12;

export class TestDesk {
  readonly #spawn: Spawn;
  readonly #jobs: Jobs;
  readonly #answers = new Map<string, unknown>();
  /** Asked by somebody who does not leave: whoever asks the same meanwhile waits for it. */
  readonly #open = new Map<string, Promise<unknown>>();
  readonly #running = new Set<TaskRun>();

  constructor(spawn: Spawn, jobs: Jobs) {
    this.#spawn = spawn;
    this.#jobs = jobs;
  }

  /** @throws ProblemError cancelled once `signal` is aborted, statistics.* */
  async run(task: TestTask, onProgress: (fraction: number) => void = () => undefined, signal?: AbortSignal): Promise<TestAnswers> {
    if (task.pairs.length === 0) return [];
    const text = `Testing ${task.pairs.length} ${task.pairs.length === 1 ? 'comparison' : 'comparisons'}`;
    return v.parse(testAnswersSchema, await this.#answer({ kind: 'statistics', request: task }, text, onProgress, signal));
  }

  /** Lists and segments of runs, in the order of the task. @throws ProblemError dataset.* */
  async profile(task: ProfileTask): Promise<RunProfile[]> {
    const runs = task.datasets.reduce((sum, dataset) => sum + dataset.runs.length, 0);
    if (runs === 0) return [];
    const text = `Reading the lists of ${runs} ${runs === 1 ? 'run' : 'runs'}`;
    return v.parse(profileAnswersSchema, await this.#answer({ kind: 'profile', request: task }, text));
  }

  async #answer(
    task: Extract<Task, { kind: 'statistics' | 'profile' }>,
    text: string,
    onProgress: (fraction: number) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<unknown> {
    // Finished runs do not change their files, and a run that is run again has another value somewhere.
    const key = JSON.stringify(task);
    const known = this.#answers.get(key) ?? this.#open.get(key);
    if (known !== undefined) return known;
    const answer = this.#ask(key, task, { text, onProgress, signal });
    if (signal !== undefined) return answer;
    this.#open.set(key, answer);
    try {
      return await answer;
    } finally {
      this.#open.delete(key);
    }
  }

  async #ask(
    key: string,
    task: Extract<Task, { kind: 'statistics' | 'profile' }>,
    {
      text,
      onProgress,
      signal,
    }: { readonly text: string; readonly onProgress: (fraction: number) => void; readonly signal: AbortSignal | undefined },
  ): Promise<unknown> {
    const job = this.#jobs.begin(text, () => run.cancel());
    const run = startTask(this.#spawn, task, (fraction) => {
      if (typeof fraction !== 'number') return;
      job.progress(fraction);
      onProgress(fraction);
    });
    const cancel = () => run.cancel();
    this.#running.add(run);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
    try {
      const answer = await run.result;
      this.#answers.set(key, answer);
      for (const oldest of [...this.#answers.keys()].slice(0, -kept)) this.#answers.delete(oldest);
      return answer;
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
