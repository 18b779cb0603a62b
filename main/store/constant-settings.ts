/** Settings that all of some configurations share. Those of a configuration never change, so each is read once. */
import type { RunsPage } from '#contract/view.ts';
import type { Database } from './database.ts';

export class ConstantSettings {
  readonly #database: Database;
  readonly #settings = new Map<string, Map<string, string>>();
  /** The last answer: sorting and scrolling ask for the same configurations again and again. */
  #last: { readonly of: string; readonly value: RunsPage['constants'] } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  among(configurations: ReadonlySet<string>): RunsPage['constants'] {
    const of = [...configurations].join();
    if (this.#last?.of !== of) this.#last = { of, value: this.#among(configurations) };
    return this.#last.value;
  }

  #among(configurations: ReadonlySet<string>): RunsPage['constants'] {
    this.#read([...configurations].filter((hash) => !this.#settings.has(hash)));
    let shared: Map<string, string> | undefined;
    for (const hash of configurations) {
      const own = this.#settings.get(hash)!;
      if (shared === undefined) shared = new Map(own);
      else for (const [key, value] of shared) if (own.get(key) !== value) shared.delete(key);
      if (shared.size === 0) break;
    }
    return [...(shared ?? [])].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #read(hashes: readonly string[]): void {
    if (hashes.length === 0) return;
    for (const hash of hashes) this.#settings.set(hash, new Map());
    const rows = this.#database.all<{ configuration: string; key: string; text: string }>(
      'SELECT configuration, key, text FROM setting WHERE configuration IN (SELECT value FROM json_each(?))',
      [JSON.stringify(hashes)],
    );
    for (const { configuration, key, text } of rows) this.#settings.get(configuration)!.set(key, text);
  }
}
