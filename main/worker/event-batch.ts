import type { FromWorker, TrainingEvent } from '#contract/task.ts';

/** Numbers the events of one attempt and sends them in batches, so that fast epochs do not flood the owner. */
export class EventBatch {
  readonly #send: (message: FromWorker) => void;
  readonly #of: { readonly runId: string; readonly attempt: number };
  readonly #timer: NodeJS.Timeout | undefined;
  #waiting: { seq: number; at: number; event: TrainingEvent }[] = [];
  // From 1: to the store 0 means that nothing was told yet, and a run that cannot even begin fails with its first event.
  #next = 1;

  /** `intervalMs` 0 sends each event at once. */
  constructor(of: { readonly runId: string; readonly attempt: number; readonly intervalMs: number }, send: (message: FromWorker) => void) {
    this.#send = send;
    this.#of = { runId: of.runId, attempt: of.attempt };
    if (of.intervalMs > 0) this.#timer = setInterval(() => this.flush(), of.intervalMs);
  }

  add(event: TrainingEvent): void {
    this.#waiting.push({ seq: this.#next, at: Date.now(), event });
    this.#next += 1;
    if (this.#timer === undefined) this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#send({ type: 'events', ...this.#of, events: this.#waiting });
    this.#waiting = [];
  }

  /** Sends what waits and stops the timer. */
  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}
