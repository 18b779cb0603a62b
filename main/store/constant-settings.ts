/** Settings that all of some configurations share. Those of a configuration never change, so each setting is read once for all of them. */
import type { RunsPage } from '#contract/view.ts';
import type { Database } from './database.ts';
import type { Coded } from './runs-columns.ts';

/** Configurations looked at whole: what differs among these need not be looked for in the others. */
const looked = 12;

export class ConstantSettings {
  readonly #database: Database;
  /** By setting and code of the configuration: its number, its text where it is none, undefined where it is not set. */
  readonly #settings = new Map<string, (number | string | undefined)[]>();
  /** The configurations they were read for. */
  #hashes: readonly string[] | undefined;
  #known = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of the configurations whose code is in `wanted`. */
  among({ values: hashes }: Coded, wanted: readonly number[]): RunsPage['constants'] {
    if (this.#hashes !== hashes || this.#known !== hashes.length) {
      this.#settings.clear();
      this.#hashes = hashes;
      this.#known = hashes.length;
    }
    const step = Math.max(1, Math.floor(wanted.length / looked));
    let shared: Map<string, string> | undefined;
    for (let at = 0; at < wanted.length; at += step) {
      const own = this.#settingsOf(hashes[wanted[at]!]!);
      if (shared === undefined) shared = own;
      else for (const [key, value] of shared) if (own.get(key) !== value) shared.delete(key);
    }
    if (step > 1) for (const key of shared?.keys() ?? []) if (!this.#isShared(key, hashes, wanted)) shared!.delete(key);
    return [...(shared ?? [])].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #settingsOf(hash: string): Map<string, string> {
    const rows = this.#database.all<{ key: string; text: string }>('SELECT key, text FROM setting WHERE configuration = ?', [hash]);
    return new Map(rows.map(({ key, text }) => [key, text]));
  }

  #isShared(key: string, hashes: readonly string[], wanted: readonly number[]): boolean {
    let values = this.#settings.get(key);
    if (values === undefined) this.#settings.set(key, (values = this.#read(key, hashes)));
    const first = values[wanted[0]!];
    return wanted.every((code) => values[code] === first);
  }

  /** From two indexes: of numbers, and of texts where there is no number. */
  #read(key: string, hashes: readonly string[]): (number | string | undefined)[] {
    const found = new Map<string, number | string>();
    for (const { c, n } of this.#database.plain<{ c: string; n: number }>(
      'SELECT configuration AS c, number AS n FROM setting INDEXED BY setting_number WHERE key = ? AND number IS NOT NULL',
      [key],
    ))
      found.set(c, n);
    for (const { c, t } of this.#database.plain<{ c: string; t: string }>(
      'SELECT configuration AS c, text AS t FROM setting INDEXED BY setting_text WHERE key = ? AND number IS NULL',
      [key],
    ))
      found.set(c, `text ${t}`);
    return hashes.map((hash) => found.get(hash));
  }
}
