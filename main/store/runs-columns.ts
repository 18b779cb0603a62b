/**
 * Values of all runs in memory, a column each, for lists that filter, sort and count many thousand of them while a person types. Columns
 * are read when first asked for and kept; what is written afterwards is noted by triggers of the connection, and only those runs are read
 * again. Places are runs in order of their number.
 */
import { searchable } from '#contract/searched-text.ts';
import type { Database } from './database.ts';
import { shownTest, type Piece } from './runs-values.ts';
import { wordPiece } from './runs-words.ts';

/** Values told apart: `codes[place]` is the place of its value in `values`. */
export interface Coded {
  readonly codes: Int32Array;
  readonly values: string[];
}

/** A number per run, NaN where there is none. Of texts their rank among all values, which then stand in `values` by rank. */
export interface Column {
  readonly numbers: Float64Array;
  readonly values?: readonly (string | number)[];
}

/** Texts as searches compare them, each once; the code of a run without one is −1. */
export interface Texts {
  readonly codes: Int32Array;
  readonly values: readonly string[];
}

export const flagBits = { starred: 1, trashed: 2, archived: 4, locked: 8 } as const;

interface StoredBase {
  n: number;
  d: string;
  c: string;
  s: string;
  m: string;
  e: string;
  seed: number;
  f: number;
}

const codedFields = ['dataset', 'configuration', 'state', 'model', 'experiment'] as const;
type CodedField = (typeof codedFields)[number];
const letters: Readonly<Record<CodedField, 'd' | 'c' | 's' | 'm' | 'e'>> = {
  dataset: 'd',
  configuration: 'c',
  state: 's',
  model: 'm',
  experiment: 'e',
};
const baseSql =
  'SELECT r.number AS n, r.dataset AS d, r.configuration AS c, r.state AS s, r.model AS m, r.experiment_id AS e, r.seed, r.starred + 2 * (r.trashed_at IS NOT NULL) + 4 * (r.archived_at IS NOT NULL) + 8 * r.locked AS f FROM run r';

/** What every list asks: which runs there are, what they belong to, and how they are marked. */
class Base {
  readonly numbers: Int32Array;
  readonly flags: Uint8Array;
  /** Runs of one dataset and configuration are a line of the table with seeds collapsed. */
  readonly lines: Int32Array;
  readonly lineCount: number;
  /** Place of the next run of the same line and seed, −1 without one: a seed that ran again. */
  readonly again: Int32Array;
  readonly coded: Readonly<Record<CodedField, Coded>>;
  readonly #places = new Map<number, number>();
  readonly #codes: Readonly<Record<CodedField, Map<string, number>>>;

  constructor(rows: readonly StoredBase[]) {
    const count = rows.length;
    const own = <T>(make: () => T) => Object.fromEntries(codedFields.map((field) => [field, make()])) as Record<CodedField, T>;
    this.numbers = new Int32Array(count);
    this.flags = new Uint8Array(count);
    this.lines = new Int32Array(count);
    this.again = new Int32Array(count).fill(-1);
    this.coded = own(() => ({ codes: new Int32Array(count), values: [] }));
    this.#codes = own(() => new Map());
    const lines = new Map<string, number>();
    const seeds: Map<number, number>[] = [];
    for (const [place, row] of rows.entries()) {
      this.numbers[place] = row.n;
      this.#places.set(row.n, place);
      this.put(place, row);
      const line = `${row.d}\n${row.c}`;
      let code = lines.get(line);
      if (code === undefined) lines.set(line, (code = lines.size));
      this.lines[place] = code;
      const bySeed = (seeds[code] ??= new Map());
      const before = bySeed.get(row.seed);
      if (before !== undefined) this.again[before] = place;
      bySeed.set(row.seed, place);
    }
    this.lineCount = lines.size;
  }

  /** Of a run that has changed. What it was started as, dataset and configuration among it, never does. */
  put(place: number, row: StoredBase): void {
    this.flags[place] = row.f;
    for (const field of codedFields) {
      const value = row[letters[field]];
      const { codes, values } = this.coded[field];
      let code = this.#codes[field].get(value);
      if (code === undefined) {
        this.#codes[field].set(value, (code = values.length));
        values.push(value);
      }
      codes[place] = code;
    }
  }

  place(number: number): number | undefined {
    return this.#places.get(number);
  }
}

export type { Base };

/** What a piece of SQL is known by. */
const keyOf = ({ sql, values }: Piece): string => `${sql}\n${values.join('\n')}`;
/** Columns kept at a time, the last used ones; and sets of runs. */
const keptColumns = 100;
const keptSets = 60;
/** Beyond so many changed runs all are read again. */
const mostTouched = 5000;
/** Stands for a change that any run may show. */
const everyRun = 0;

export class RunColumns {
  readonly #database: Database;
  #base: Base | undefined;
  readonly #columns = new Map<string, { readonly piece: Piece; readonly column: Column }>();
  readonly #texts = new Map<string, Texts>();
  readonly #sets = new Map<string, Uint8Array>();
  /** Counts changes: whatever was made from an earlier version is made anew. */
  version = 0;

  constructor(database: Database) {
    this.#database = database;
    database.exec('CREATE TEMP TABLE IF NOT EXISTS touched (run INTEGER PRIMARY KEY)');
    // Asked first whether it is there: "OR IGNORE" of a trigger gives way to what the statement that fired it says of conflicts.
    const note = (table: string, on: string, run: string) =>
      database.exec(
        `CREATE TEMP TRIGGER IF NOT EXISTS touched_${table}_${on} AFTER ${on} ON main.${table} BEGIN INSERT INTO touched SELECT n.run FROM (${run}) n WHERE n.run NOT IN (SELECT run FROM touched); END`,
      );
    for (const on of ['INSERT', 'UPDATE', 'DELETE']) {
      const row = on === 'DELETE' ? 'OLD' : 'NEW';
      note('run', on, `SELECT ${row}.number AS run`);
      for (const table of ['metric', 'reading', 'tag', 'own_value']) note(table, on, `SELECT ${row}.run AS run`);
      note('artifact', on, `SELECT number AS run FROM run WHERE id = ${row}.run_id`);
      for (const table of ['dataset', 'experiment', 'experiment_cell']) note(table, on, `SELECT ${everyRun} AS run`);
    }
  }

  /** As the store is now; what was asked for before may have changed. */
  get base(): Base {
    this.#refresh();
    this.#base ??= new Base(this.#database.plain<StoredBase>(baseSql).sort((a, b) => a.n - b.n));
    return this.#base;
  }

  #refresh(): void {
    const touched = this.#database.plain<{ run: number }>('SELECT run FROM touched').map(({ run }) => run);
    if (touched.length === 0) return;
    this.#database.exec('DELETE FROM touched');
    this.version += 1;
    this.#sets.clear();
    this.#texts.clear();
    const base = this.#base;
    if (base === undefined) return;
    const runs = touched.filter((run) => run !== everyRun);
    const rows = runs.length > mostTouched ? [] : this.#rowsOf(runs);
    // A run that came or went moves the places of others.
    const isSame = rows.length === runs.length && rows.every(({ n }) => base.place(n) !== undefined);
    if (!isSame) {
      this.#base = undefined;
      this.#columns.clear();
      return;
    }
    for (const row of rows) base.put(base.place(row.n)!, row);
    for (const [key, { piece, column }] of this.#columns) {
      // Ranks of texts depend on all of them.
      if (column.values !== undefined) this.#columns.delete(key);
      else if (runs.length > 0 && piece.from?.kind !== 'setting' && !this.#patch(column, piece, runs, base)) this.#columns.delete(key);
    }
  }

  #rowsOf(runs: readonly number[]): StoredBase[] {
    if (runs.length === 0) return [];
    return this.#database.plain<StoredBase>(`${baseSql} WHERE r.number IN (SELECT value FROM json_each(?))`, [JSON.stringify(runs)]);
  }

  /** False where a text has come among the numbers. */
  #patch(column: Column, piece: Piece, runs: readonly number[], base: Base): boolean {
    const rows = this.#database.plain<{ n: number; v: unknown }>(
      `SELECT r.number AS n, ${piece.sql} AS v FROM run r WHERE r.number IN (SELECT value FROM json_each(?))`,
      [...piece.values, JSON.stringify(runs)],
    );
    for (const { n, v } of rows) {
      if (typeof v === 'string') return false;
      column.numbers[base.place(n)!] = typeof v === 'number' ? v : Number.NaN;
    }
    return true;
  }

  /** The id of the run at a place, for the few that are named. */
  idOf(place: number): string {
    return this.#database.get<{ id: string }>('SELECT id FROM run WHERE number = ?', [this.base.numbers[place]!])!.id;
  }

  /** The values of a piece of SQL for all runs. */
  column(piece: Piece): Column {
    const base = this.base;
    const key = keyOf(piece);
    const known = this.#columns.get(key);
    this.#columns.delete(key);
    const entry = known ?? { piece, column: columnOf(this.#read(piece, base)) };
    this.#columns.set(key, entry);
    if (this.#columns.size > keptColumns) this.#columns.delete(this.#columns.keys().next().value!);
    return entry.column;
  }

  /** The values of a piece of SQL for all runs as texts to compare. */
  texts(piece: Piece): Texts {
    const base = this.base;
    const key = keyOf(piece);
    let texts = this.#texts.get(key);
    if (texts === undefined) this.#texts.set(key, (texts = textsOf(this.#read(piece, base))));
    if (this.#texts.size > keptColumns) this.#texts.delete(this.#texts.keys().next().value!);
    return texts;
  }

  /** All tags that runs have. */
  get tags(): string[] {
    return this.#database.plain<{ name: string }>('SELECT DISTINCT name FROM tag').map(({ name }) => name);
  }

  #read(piece: Piece, base: Base): unknown[] {
    const found = new Array<unknown>(base.numbers.length).fill(null);
    const { from } = piece;
    if (from?.kind === 'setting') {
      const value = { number: 'x.number', text: 'x.text', stored: 'coalesce(x.number, x.text)' }[from.as];
      const rows = this.#database.plain<{ c: string; v: unknown }>(
        `SELECT x.configuration AS c, ${value} AS v FROM setting x WHERE x.key = ?`,
        [from.key],
      );
      const byHash = new Map(rows.map(({ c, v }) => [c, v]));
      const { codes, values } = base.coded.configuration;
      const byCode = values.map((hash) => byHash.get(hash) ?? null);
      for (let place = 0; place < codes.length; place++) found[place] = byCode[codes[place]!];
    } else {
      const rows =
        from?.kind !== 'metric'
          ? this.#database.plain<{ n: number; v: unknown }>(`SELECT r.number AS n, ${piece.sql} AS v FROM run r`, piece.values)
          : this.#database.plain<{ n: number; v: unknown }>(
              `SELECT m.run AS n, m.value AS v FROM metric m INDEXED BY metric_reading WHERE m.part = ? AND m.key = ?${from.part === 'test' ? ` AND ${shownTest}` : ''}`,
              [from.part, from.key],
            );
      for (const { n, v } of rows) found[base.place(n)!] = v;
    }
    return found;
  }

  /** The runs that a word of the search is about, 1 or 0 by place. */
  about(word: string): Uint8Array {
    return this.meeting(wordPiece(this.#database, word));
  }

  /** The runs for which a piece of SQL is true, 1 or 0 by place. */
  meeting(piece: Piece): Uint8Array {
    const base = this.base;
    const key = keyOf(piece);
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = new Uint8Array(base.numbers.length);
    for (const { n } of this.#database.plain<{ n: number }>(`SELECT r.number AS n FROM run r WHERE ${piece.sql}`, piece.values))
      set[base.place(n)!] = 1;
    this.#sets.set(key, set);
    if (this.#sets.size > keptSets) this.#sets.delete(this.#sets.keys().next().value!);
    return set;
  }
}

/** Numbers as they are; where there are texts, ranks: numbers come before texts, as SQLite has it. Pure. */
export function columnOf(stored: readonly unknown[]): Column {
  if (!stored.some((value) => typeof value === 'string'))
    return { numbers: Float64Array.from(stored, (value) => (typeof value === 'number' ? value : Number.NaN)) };
  const values = [...new Set(stored)].filter((value): value is string | number => typeof value === 'string' || typeof value === 'number');
  values.sort((a, b) => (typeof a === 'number' ? (typeof b === 'number' ? a - b : -1) : typeof b === 'number' ? 1 : comparedTexts(a, b)));
  const ranks = new Map<unknown, number>(values.map((value, rank) => [value, rank]));
  return { numbers: Float64Array.from(stored, (value) => ranks.get(value) ?? Number.NaN), values };
}

function textsOf(stored: readonly unknown[]): Texts {
  const known = new Map<unknown, number>([[null, -1]]);
  const values: string[] = [];
  const codes = Int32Array.from(stored, (value) => {
    let code = known.get(value);
    if (code === undefined) known.set(value, (code = values.push(searchable(String(value))) - 1));
    return code;
  });
  return { codes, values };
}

/** By code points, as SQLite compares bytes of UTF-8: halves of a pair stand above all other units. */
export function comparedTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return lifted(one) - lifted(other);
  }
  return a.length - b.length;
}

const lifted = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
