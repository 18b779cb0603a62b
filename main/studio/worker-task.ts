/** Background work that is no run: inspect, import, demo, calibrate, probe. One process per task, ended when it is cancelled. */
import * as v from 'valibot';
import { ProblemError, type Problem } from '#contract/problem.ts';
import { fromWorkerSchema, type Task } from '#contract/task.ts';
import type { Spawn } from './spawn.ts';

/** How long a cancelled task may take to clean up before it is killed. */
const graceMs = 5000;

export interface TaskRun {
  readonly result: Promise<unknown>;
  /** A question to a task that stays; what it answers is progress. Lost on a task that has not reported yet. */
  ask(value: unknown): void;
  /** Asks it to stop, then makes it. `result` rejects with kind "cancelled". */
  cancel(): void;
}

/** `onProgress` gets unparsed values; whoever asked knows their form. */
export function startTask(
  spawn: Spawn,
  task: Exclude<Task, { kind: 'train' }>,
  onProgress: (value: unknown) => void = () => undefined,
): TaskRun {
  const worker = spawn(task.kind);
  let isCancelled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const result = new Promise<unknown>((resolve, reject) => {
    let outcome: { readonly value: unknown } | undefined;
    let problem: Problem | undefined;
    let output = '';
    worker.onMessage((raw) => {
      const parsed = v.safeParse(fromWorkerSchema, raw);
      if (!parsed.success) return;
      const message = parsed.output;
      if (message.type === 'ready') worker.send({ type: 'start', task });
      else if (message.type === 'progress' && !isCancelled) onProgress(message.value);
      else if (message.type === 'result') outcome = { value: message.value };
      else if (message.type === 'problem') problem = message.problem;
    });
    worker.onOutput((_stream, text) => {
      output = (output + text).slice(-4000);
    });
    worker.onExit(({ code, signal }) => {
      clearTimeout(timer);
      if (isCancelled) reject(new ProblemError({ kind: 'cancelled', code: 'task.cancelled', message: 'Cancelled' }));
      else if (problem !== undefined) reject(new ProblemError(problem));
      else if (outcome !== undefined) resolve(outcome.value);
      else
        reject(
          new ProblemError({
            kind: 'killed',
            code: 'task.ended',
            message: `The ${task.kind} process ended without a result (${signal ?? `exit ${code}`})`,
            ...(output === '' ? {} : { detail: output }),
          }),
        );
    });
  });
  return {
    result,
    ask: (value) => worker.send({ type: 'ask', value }),
    cancel: () => {
      if (isCancelled) return;
      isCancelled = true;
      worker.send({ type: 'stop', keep: false });
      timer = setTimeout(() => worker.kill('SIGKILL'), graceMs);
    },
  };
}
