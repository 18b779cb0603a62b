/** Settings, kept in the store; what cannot be read any more falls back to its default. */
import { cpus } from 'node:os';
import * as v from 'valibot';
import { settingsSchema, type Settings } from '#contract/view.ts';
import type { Store } from '#store/store.ts';

const key = 'settings';

export class SettingsBox {
  readonly #store: Store;
  readonly #isSafe: boolean;
  #value: Settings;

  /** In safe mode what a person changed that may keep the page from working is put aside, not lost. */
  constructor(store: Store, isSafe = false) {
    this.#store = store;
    this.#isSafe = isSafe;
    const parsed = v.safeParse(settingsSchema, store.preferences.get(key) ?? firstSettings());
    this.#value = parsed.success ? parsed.output : v.parse(settingsSchema, firstSettings());
  }

  get value(): Settings {
    if (!this.#isSafe) return this.#value;
    const { libraryFolder: _own, ...others } = this.#value;
    return { ...others, shortcuts: {}, firstScreen: 'datasets', device: 'fastest' };
  }

  /** Takes over what is given; an empty library folder means none. */
  set(change: { readonly [Key in keyof Settings]?: Settings[Key] | undefined }): Settings {
    const next: Record<string, unknown> = { ...this.#value };
    for (const [name, value] of Object.entries(change)) if (value !== undefined) next[name] = value;
    if (next['libraryFolder'] === '') delete next['libraryFolder'];
    return this.#keep(next);
  }

  /** Those named as they are at a first start. */
  reset(keys: readonly (keyof Settings)[]): Settings {
    const next: Record<string, unknown> = { ...this.#value };
    const first: Readonly<Record<string, unknown>> = firstSettings();
    for (const name of keys) {
      if (name in first) next[name] = first[name];
      else delete next[name];
    }
    return this.#keep(next);
  }

  #keep(next: unknown): Settings {
    this.#value = v.parse(settingsSchema, next);
    this.#store.preferences.set(key, this.#value);
    return this.value;
  }
}

/** Two runs at once, which share the cores (threads.ts): steps of one fill the waits of the other. */
function firstSettings(): { concurrency: number } {
  return { concurrency: Math.min(2, cpus().length) };
}
