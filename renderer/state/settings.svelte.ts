import type { Problem } from '#contract/problem.ts';
import type { Settings } from '#contract/view.ts';
import { choose } from '#renderer/locales/language.svelte.ts';
import { appearance } from './appearance.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** Settings of the data folder, for the whole page: followed from the studio, shown at once when changed here, put back where it refuses. */
class SettingsState {
  #values = $state.raw<Settings | undefined>();
  #problem = $state.raw<Problem | undefined>();
  /** Changes under way; what the studio tells meanwhile may be older than what is shown. */
  #under = 0;

  get values(): Settings | undefined {
    return this.#values;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Called once by the frame. */
  follow(signal: AbortSignal): void {
    const failed = (problem: Problem) => (this.#problem = problem);
    void studio.follow('settings.watch', {}, (values) => this.#under === 0 && this.#take(values), signal, failed);
  }

  #take(values: Settings): void {
    this.#values = values;
    appearance.apply(values);
    void choose(values.language);
  }

  async set(change: Partial<Settings>): Promise<void> {
    const before = this.#values;
    if (before !== undefined) this.#take({ ...before, ...change });
    else appearance.apply(change);
    await this.#ask(() => studio.call('settings.set', change), before);
  }

  /** These settings as they are at a first start; undo brings back what they were. */
  async reset(keys: readonly (keyof Settings)[], label: string): Promise<void> {
    const before = this.#values;
    if (before === undefined) return;
    const former: Record<string, unknown> = {};
    // An absent folder is set with an empty one.
    for (const key of keys) former[key] = before[key] ?? '';
    const forth = () => this.#ask(() => studio.call('settings.reset', { keys: [...keys] }), before);
    await forth();
    if (this.#problem === undefined) toasts.say(label, () => this.set(former), forth);
  }

  async #ask(work: () => Promise<Settings>, before: Settings | undefined): Promise<void> {
    this.#under++;
    const { value, problem } = await attempt(work);
    this.#under--;
    this.#problem = problem;
    const next = value ?? before;
    if (next !== undefined && this.#under === 0) this.#take(next);
  }
}

export const settings = new SettingsState();
