import { basename } from 'node:path';
import type { ProblemError } from '#contract/problem.ts';
import { DelimitedParser } from '../formats/delimited.ts';
import { readThrough } from '../file-stream.ts';
import { dataError } from '../issue-log.ts';
import type { OriginalIds } from './ids.ts';

/** Rows (user, item, score) of a file of ranked lists, in file order, with inner ids. */
export interface RankedRows {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly scores: Float64Array;
  /** Line of each row, from 1. */
  readonly lines: Int32Array;
  readonly sha256: string;
}

export interface RankedRowsOptions {
  readonly users: number;
  readonly items: number;
  /** Absent: the file has inner ids. */
  readonly original?: OriginalIds;
}

const examples = 5;
const columnNames = {
  user: ['user', 'user_id', 'userid', 'uid', 'user_idx'],
  item: ['item', 'item_id', 'itemid', 'iid', 'item_idx'],
  score: ['score', 'scores', 'prediction', 'rating', 'value'],
} as const;

/**
 * Reads a CSV or TSV of (user, item, score); larger scores are better. A first line with the names of the columns may stand in any
 * order, without one the order is user, item, score. Throws ProblemError `lists.*` naming file and line: unknown users and items,
 * scores that are no numbers, an item twice in one list.
 */
export async function readRankedRows(path: string, options: RankedRowsOptions): Promise<RankedRows> {
  const file = basename(path);
  const rows = new Rows(file, options);
  const decoder = new TextDecoder();
  let parser: DelimitedParser | undefined;
  let head = '';
  const push = (text: string) => {
    if (parser !== undefined) return parser.push(text);
    head += text;
    const end = head.indexOf('\n');
    if (end < 0 && head.length < 10_000) return;
    parser = begin(head);
  };
  const begin = (text: string) => {
    const first = text.replace(/^\ufeff/, '').split('\n', 1)[0]!;
    const delimiter = first.includes('\t') ? '\t' : first.includes(';') && !first.includes(',') ? ';' : ',';
    const made = new DelimitedParser({ delimiter, quote: true, file }, (fields, line) => rows.take(fields, line));
    made.push(text.replace(/^\ufeff/, ''));
    return made;
  };
  const record = await readThrough(path, (chunk) => push(decoder.decode(chunk, { stream: true })));
  push(decoder.decode());
  parser ??= begin(head);
  parser.finish();
  return { ...rows.finish(), sha256: record.hash };
}

interface Fault {
  readonly lines: number[];
  readonly found: string[];
  count: number;
}

class Rows {
  readonly #file: string;
  readonly #options: RankedRowsOptions;
  readonly #userOf: ReadonlyMap<string, number> | undefined;
  readonly #itemOf: ReadonlyMap<string, number> | undefined;
  #columns: { readonly user: number; readonly item: number; readonly score: number } | undefined;
  #users = new Int32Array(1024);
  #items = new Int32Array(1024);
  #scores = new Float64Array(1024);
  #lines = new Int32Array(1024);
  #count = 0;
  readonly #faults = new Map<'user' | 'item' | 'score', Fault>();

  constructor(file: string, options: RankedRowsOptions) {
    this.#file = file;
    this.#options = options;
    const { original } = options;
    if (original === undefined) return;
    if (original.users === undefined)
      throw dataError({
        code: 'lists.no-original-users',
        message: 'The dataset keeps no original ids of its users: it was imported before they were kept.',
        where: file,
        fix: 'Write the lists with inner ids (from 0), or import the dataset again.',
      });
    this.#userOf = new Map(original.users.map((id, user) => [id, user]));
    this.#itemOf = new Map(original.items.map((id, item) => [id, item]));
  }

  take(fields: readonly string[], line: number): void {
    if (this.#columns === undefined) {
      this.#columns = this.#header(fields, line) ?? { user: 0, item: 1, score: 2 };
      if (Number.isNaN(scoreOf(fields[this.#columns.score]))) return;
    }
    const { user, item, score } = this.#columns;
    if (fields.length < 3) throw this.#problem('columns', `The row has ${fields.length} columns; user, item and score are needed.`, line);
    const row = {
      user: idOf(fields[user]!.trim(), this.#options.users, this.#userOf),
      item: idOf(fields[item]!.trim(), this.#options.items, this.#itemOf),
      score: scoreOf(fields[score]),
    };
    if (row.user < 0) this.#fault('user', line, fields[user]!);
    if (row.item < 0) this.#fault('item', line, fields[item]!);
    if (!Number.isFinite(row.score)) this.#fault('score', line, fields[score]!);
    if (this.#faults.size > 0) return;
    if (this.#count === this.#users.length) this.#grow();
    this.#users[this.#count] = row.user;
    this.#items[this.#count] = row.item;
    this.#scores[this.#count] = row.score;
    this.#lines[this.#count] = line;
    this.#count += 1;
  }

  /** Where the columns are, if this is a line of names. A first line that is neither names nor a row is refused. */
  #header(fields: readonly string[], line: number): { user: number; item: number; score: number } | undefined {
    const names = fields.map((field) => field.trim().toLowerCase());
    const at = (known: readonly string[]) => names.findIndex((name) => known.includes(name));
    const found = { user: at(columnNames.user), item: at(columnNames.item), score: at(columnNames.score) };
    if (found.user >= 0 && found.item >= 0 && found.score >= 0) return found;
    if (fields.length >= 3 && scoreOf(fields[2]) === scoreOf(fields[2])) return undefined;
    throw this.#problem(
      'header',
      `The first line is neither a row nor the names user, item and score: ${fields.slice(0, 4).join(', ').slice(0, 80)}`,
      line,
    );
  }

  #fault(what: 'user' | 'item' | 'score', line: number, found: string): void {
    const fault = this.#faults.get(what) ?? { lines: [], found: [], count: 0 };
    this.#faults.set(what, fault);
    fault.count += 1;
    if (fault.lines.length < examples) {
      fault.lines.push(line);
      fault.found.push(found.trim().slice(0, 40));
    }
  }

  #grow(): void {
    const length = 2 * this.#users.length;
    const bigger = <T extends Int32Array | Float64Array>(larger: T, values: T): T => {
      larger.set(values);
      return larger;
    };
    this.#users = bigger(new Int32Array(length), this.#users);
    this.#items = bigger(new Int32Array(length), this.#items);
    this.#lines = bigger(new Int32Array(length), this.#lines);
    this.#scores = bigger(new Float64Array(length), this.#scores);
  }

  finish(): Omit<RankedRows, 'sha256'> {
    for (const [what, { lines, found, count }] of this.#faults) {
      const where = lines.map((line, at) => `line ${line} (${found[at]!})`).join(', ');
      const more = count > lines.length ? ` and ${count - lines.length} more` : '';
      const kind = this.#options.original === undefined ? 'inner ids from 0' : 'original ids';
      const limit = what === 'user' ? this.#options.users : this.#options.items;
      throw this.#problem(
        `unknown-${what}`,
        what === 'score' ? `The score is not a finite number in ${where}${more}.` : `The dataset has no such ${what}: ${where}${more}.`,
        lines[0]!,
        what === 'score'
          ? 'Write every score as a decimal number.'
          : `The file was read with ${kind}; the dataset has ${limit} ${what}s. Read it with the other kind of ids, or take these rows out.`,
      );
    }
    if (this.#count === 0) throw this.#problem('empty', 'The file has no rows.', 1);
    return {
      users: this.#users.slice(0, this.#count),
      items: this.#items.slice(0, this.#count),
      scores: this.#scores.slice(0, this.#count),
      lines: this.#lines.slice(0, this.#count),
    };
  }

  #problem(code: string, message: string, line: number, fix = 'Write one row (user, item, score) a line, as CSV or TSV.'): ProblemError {
    return dataError({ code: `lists.${code}`, message, where: `${this.#file}:${line}`, fix });
  }
}

function idOf(text: string, count: number, known: ReadonlyMap<string, number> | undefined): number {
  if (known !== undefined) return known.get(text) ?? -1;
  if (!/^\d{1,9}$/.test(text)) return -1;
  const id = Number(text);
  return id < count ? id : -1;
}

function scoreOf(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}
