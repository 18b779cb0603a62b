/** Background work that the status bar shows: the demo being drawn, imports. */
import type { Problem } from '#contract/problem.ts';
import type { Status } from '#contract/view.ts';
import type { Hub } from './hub.ts';
import type { RunNews } from './supervisor.ts';

export interface Job {
  readonly id: string;
  progress(fraction: number): void;
  /** With a `problem` that nobody else was told, it stays listed as failed until it is put away. */
  end(problem?: Problem): void;
}

interface Entry {
  readonly id: string;
  readonly text: string;
  fraction: number;
  readonly cancel: (() => void) | undefined;
  readonly makes: 'dataset' | undefined;
}

export class Jobs {
  readonly #hub: Hub<RunNews>;
  readonly #jobs = new Map<string, Entry>();
  readonly #failed = new Map<string, Status['failedJobs'][number]>();
  #next = 1;
  #exports = 0;

  constructor(hub: Hub<RunNews>) {
    this.#hub = hub;
  }

  get list(): Status['jobs'] {
    return [...this.#jobs.values()].map(({ cancel, makes, ...job }) => ({
      ...job,
      canCancel: cancel !== undefined,
      ...(makes === undefined ? {} : { makes }),
    }));
  }

  /** Work that ended with a problem while nobody followed it, oldest first. */
  get failed(): Status['failedJobs'] {
    return [...this.#failed.values()];
  }

  /** Exports that are being made or written: too short to be listed, but not to be cut off. */
  get exports(): number {
    return this.#exports;
  }

  async exporting<T>(work: () => Promise<T>): Promise<T> {
    this.#exports += 1;
    try {
      return await work();
    } finally {
      this.#exports -= 1;
    }
  }

  /** Ends the work, where it can be; work that has ended meanwhile is as good. */
  cancel(id: string): void {
    this.#jobs.get(id)?.cancel?.();
  }

  /** Lists failed work no more; what was put away elsewhere is as good. */
  putAway(id: string): void {
    this.#failed.delete(id);
    this.#hub.tell('status');
  }

  /** Lists work that the status bar shows until it ends; `fraction` from 0 to 1. What `makes` a dataset stands among the datasets too. */
  begin(text: string, cancel?: () => void, makes?: 'dataset'): Job {
    const id = `job-${this.#next++}`;
    const job: Entry = { id, text, fraction: 0, cancel, makes };
    this.#jobs.set(id, job);
    this.#hub.tell('status');
    return {
      id,
      progress: (fraction) => {
        job.fraction = fraction;
        this.#hub.tell('status');
      },
      end: (problem) => {
        this.#jobs.delete(id);
        if (problem !== undefined) {
          this.#failed.set(id, { id, text, problem, at: Date.now() });
          this.#hub.tell('jobs');
        }
        this.#hub.tell('status');
      },
    };
  }
}
