import type { Verifying } from '#contract/lineage.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** The verifications of one run: what was found, and the one at work. Make one per page and close it. */
export class VerifyingState {
  readonly id: string;
  #value = $state.raw<Verifying | undefined>();
  readonly #controller = new AbortController();

  constructor(id: string) {
    this.id = id;
    void studio.follow(
      'verifications.watch',
      { id },
      (value) => (this.#value = value),
      this.#controller.signal,
      () => undefined,
    );
  }

  get value(): Verifying | undefined {
    return this.#value;
  }
  get isBusy(): boolean {
    return this.#value !== undefined && this.#value.state !== 'none';
  }

  async start(): Promise<void> {
    const { problem } = await attempt(() => studio.call('verifications.start', { id: this.id }));
    if (problem !== undefined) toasts.fail(problem);
  }

  async stop(): Promise<void> {
    await toasts.tried(() => studio.call('verifications.stop', { id: this.id }));
  }

  close(): void {
    this.#controller.abort();
  }
}
