import type { Problem } from '#contract/problem.ts';
import type { Settings } from '#contract/view.ts';
import { appearance } from './appearance.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';

/** Settings of the data folder while their page is open: shown at once, kept by the studio, put back where it refuses. */
export class SettingsState {
  #values = $state.raw<Settings | undefined>();
  #problem = $state.raw<Problem | undefined>();

  get values(): Settings | undefined {
    return this.#values;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  async load(): Promise<void> {
    const { value, problem } = await attempt(() => studio.call('settings.get', {}));
    this.#values = value ?? this.#values;
    this.#problem = problem;
  }

  async set(change: Partial<Settings>): Promise<void> {
    const before = this.#values;
    if (before === undefined) return;
    this.#values = { ...before, ...change };
    appearance.apply(this.#values);
    const { value, problem } = await attempt(() => studio.call('settings.set', change));
    this.#problem = problem;
    this.#values = value ?? before;
    appearance.apply(this.#values);
  }
}
