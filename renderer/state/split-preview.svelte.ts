import { toProblem, type Problem } from '#contract/problem.ts';
import type { InputOf, ParsedOutputOf } from '#contract/procedures.ts';
import { studio } from './studio.svelte.ts';

type Request = InputOf<'datasets.previewSplit'>;
export type Preview = ParsedOutputOf<'datasets.previewSplit'>;

/** Long enough not to split at each digit that is typed. */
const pauseMs = 200;

/** What a split would be like, followed while its form changes: one question at a time, the newest wins. */
export class SplitPreviewState {
  #value = $state.raw<Preview | undefined>();
  #problem = $state.raw<Problem | undefined>();
  #isLoading = $state(false);
  #wanted: string | undefined;
  #isAsking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The last answer; it stays while the next one is computed. */
  get value(): Preview | undefined {
    return this.#value;
  }
  get problem(): Problem | undefined {
    return this.#problem;
  }
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Why nothing can be made of what is shown, in words; undefined where it can. */
  readonly fault = $derived.by((): string | undefined => {
    if (this.#problem !== undefined) return 'This split cannot be made; the reason stands above';
    return this.#value?.checks.some((check) => check.state === 'blocking') === true ? 'A check prevents this split' : undefined;
  });

  /** Shows the split of a request; undefined where the form has a fault. */
  show(request: Request | undefined): void {
    clearTimeout(this.#timer);
    this.#wanted = request === undefined ? undefined : JSON.stringify(request);
    if (request === undefined) {
      this.#isLoading = false;
      return;
    }
    this.#isLoading = true;
    this.#timer = setTimeout(() => void this.#ask(), pauseMs);
  }

  /** Nothing of it is kept: what is shown next is of another form. */
  close(): void {
    this.show(undefined);
    this.#value = this.#problem = undefined;
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || this.#wanted === undefined) return;
    this.#isAsking = true;
    const asked = this.#wanted;
    let value: Preview | undefined;
    let problem: Problem | undefined;
    try {
      value = await studio.call('datasets.previewSplit', JSON.parse(asked) as Request);
    } catch (error) {
      problem = toProblem(error);
    }
    this.#isAsking = false;
    if (asked !== this.#wanted) {
      // The form changed meanwhile: this answer is of a split nobody wants any more.
      await this.#ask();
      return;
    }
    this.#value = problem === undefined ? value : undefined;
    this.#problem = problem;
    this.#isLoading = false;
  }
}
