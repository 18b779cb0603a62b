/** Answers what a split would be like, from one worker process that holds the rows of the source looked at last. */
import * as v from 'valibot';
import { splitAnswerSchema, type SplitAnswer, type SplitSource, type SplitWish } from '#contract/dataset-import.ts';
import { ProblemError } from '#contract/problem.ts';
import type { SplitPreview } from '#contract/split-preview.ts';
import type { Spawn } from './spawn.ts';
import { startTask, type TaskRun } from './worker-task.ts';

/** How long the rows stay in memory after the last question. */
const idleMs = 60_000;

interface Desk {
  readonly key: string;
  readonly run: TaskRun;
  readonly ready: Promise<void>;
  readonly open: Map<number, { readonly resolve: (answer: SplitAnswer) => void; readonly reject: (error: unknown) => void }>;
}

export class SplitDesk {
  readonly #spawn: Spawn;
  #desk: Desk | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #next = 0;

  constructor(spawn: Spawn) {
    this.#spawn = spawn;
  }

  /** `folder` is that of the dataset, for a source that is one. @throws ProblemError split.*, log.*, table.*, dataset.* */
  async preview(source: SplitSource, wish: SplitWish, folder: string | undefined): Promise<SplitPreview> {
    const key = JSON.stringify([source, folder]);
    if (this.#desk?.key !== key) this.#begin(key, source, folder);
    clearTimeout(this.#timer);
    const desk = this.#desk!;
    try {
      await desk.ready;
      const id = this.#next++;
      const answer = await new Promise<SplitAnswer>((resolve, reject) => {
        desk.open.set(id, { resolve, reject });
        desk.run.ask({ id, wish });
      });
      if (answer.preview !== undefined) return answer.preview;
      throw new ProblemError(
        answer.problem ?? { kind: 'internal', code: 'split.no-answer', message: 'The split got no answer', values: {} },
      );
    } finally {
      if (this.#desk === desk) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#end(), idleMs);
        this.#timer.unref();
      }
    }
  }

  async close(): Promise<void> {
    const run = this.#desk?.run;
    this.#end();
    await run?.result.catch(() => undefined);
  }

  #begin(key: string, source: SplitSource, folder: string | undefined): void {
    this.#end();
    const open: Desk['open'] = new Map();
    let isRead: () => void = () => undefined;
    const read = new Promise<void>((resolve) => (isRead = resolve));
    const run = startTask(
      this.#spawn,
      { kind: 'preview-splits', source, ...(folder === undefined ? {} : { datasetFolder: folder }) },
      (value) => {
        if (value === null) return isRead();
        const answer = v.safeParse(splitAnswerSchema, value);
        if (!answer.success) return;
        open.get(answer.output.id)?.resolve(answer.output);
        open.delete(answer.output.id);
      },
    );
    const ended = run.result.then(
      () => Promise.reject(new ProblemError({ kind: 'cancelled', code: 'split.closed', message: 'The preview was closed' })),
      (error: unknown) => Promise.reject(error instanceof Error ? error : new Error(String(error))),
    );
    ended.catch((error: unknown) => {
      for (const { reject } of open.values()) reject(error);
      open.clear();
      if (this.#desk?.run === run) this.#desk = undefined;
    });
    const ready = Promise.race([read, ended]);
    ready.catch(() => undefined);
    this.#desk = { key, run, ready, open };
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#desk?.run.cancel();
    this.#desk = undefined;
  }
}
