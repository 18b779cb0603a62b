import type { ExperimentRequest } from '#contract/experiment.ts';
import type { MemoryProbeEvent } from '#contract/memory.ts';
import { toProblem, type Problem } from '#contract/problem.ts';
import { studio } from './studio.svelte.ts';

type Tried = Extract<MemoryProbeEvent, { type: 'tried' | 'failed' }>;

/** Trying the memory of a plan: what is at work, how far, and what was found. It goes on while the plan is drawn anew. */
class MemoryProbe {
  #of = $state.raw('');
  #abort: AbortController | undefined;
  #progress = $state.raw<{ readonly fraction: number; readonly text: string } | undefined>();
  #found = $state.raw<readonly Tried[]>([]);
  #problem = $state.raw<Problem | undefined>();

  get progress() {
    return this.#progress;
  }
  get found() {
    return this.#found;
  }
  get problem() {
    return this.#problem;
  }

  /** Whether what was found is of this request. */
  isOf(request: ExperimentRequest | undefined): boolean {
    return request !== undefined && JSON.stringify(request) === this.#of;
  }

  /** Resolves when all was tried or it was left. */
  async start(request: ExperimentRequest): Promise<void> {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.#of = JSON.stringify(request);
    this.#found = [];
    this.#problem = undefined;
    this.#progress = { fraction: 0, text: '' };
    try {
      for await (const event of studio.stream('experiments.tryMemory', request, abort.signal)) {
        if (event.type === 'progress') this.#progress = event;
        else this.#found = [...this.#found, event];
      }
    } catch (error) {
      if (!abort.signal.aborted) this.#problem = toProblem(error);
    } finally {
      if (this.#abort === abort) this.#progress = undefined;
    }
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#progress = undefined;
  }
}

export const memoryProbe = new MemoryProbe();
