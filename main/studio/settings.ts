/** Settings, kept in the store; one that this version cannot read falls back to its default, and the others stay. */
import { cpus } from 'node:os';
import * as v from 'valibot';
import { settingsSchema, type Settings } from '#contract/view.ts';
import type { Store } from '#store/store.ts';

const key = 'settings';

/** What a person may have set that keeps the page or a run from working: in safe mode these are as at a first start. */
const aside: Partial<Settings> = { shortcuts: {}, firstScreen: 'datasets', device: 'fastest', libraryFolder: undefined };

export class SettingsBox {
  readonly #store: Store;
  /** Shown in place of what is stored: in safe mode what was put aside, until it is set anew. */
  #shown: Partial<Settings>;
  #value: Settings;

  constructor(store: Store, isSafe = false) {
    this.#store = store;
    this.#shown = isSafe ? aside : {};
    this.#value = readable(store.preferences.get(key));
  }

  get value(): Settings {
    const { libraryFolder, ...shown } = { ...this.#value, ...this.#shown };
    return libraryFolder === undefined ? shown : { ...shown, libraryFolder };
  }

  /** Takes over what is given; an empty library folder means none. */
  set(change: { readonly [Key in keyof Settings]?: Settings[Key] | undefined }): Settings {
    const next: Record<string, unknown> = { ...this.#value };
    for (const [name, value] of Object.entries(change)) if (value !== undefined) next[name] = value;
    if (next['libraryFolder'] === '') delete next['libraryFolder'];
    this.#show(change);
    // Shortcuts come as all that are changed: those put aside are not among them, and stay.
    if (this.#shown.shortcuts !== undefined) next['shortcuts'] = { ...this.#value.shortcuts, ...change.shortcuts };
    return this.#keep(next);
  }

  /** What is set while others are put aside is shown as it is set. */
  #show(change: Partial<Record<keyof Settings, unknown>>): void {
    const shown: Record<string, unknown> = { ...this.#shown };
    for (const name of Object.keys(shown)) {
      const value = change[name as keyof Settings];
      if (value !== undefined) shown[name] = value === '' ? undefined : value;
    }
    this.#shown = shown;
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

/** Written by another version, a value may be one that is not known here. */
function readable(stored: unknown): Settings {
  if (typeof stored !== 'object' || stored === null) return v.parse(settingsSchema, firstSettings());
  const known = Object.entries(stored).filter(([name, value]) => {
    const schema = settingsSchema.entries[name as keyof Settings] as v.GenericSchema | undefined;
    return schema !== undefined && v.is(schema, value);
  });
  return v.parse(settingsSchema, Object.fromEntries(known));
}

/** Two runs at once, which share the cores (threads.ts): steps of one fill the waits of the other. */
function firstSettings(): { concurrency: number } {
  return { concurrency: Math.min(2, cpus().length) };
}
