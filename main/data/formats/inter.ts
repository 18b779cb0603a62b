import { dataError, type IssueLog } from '../issue-log.ts';
import { GrowingFloat64, GrowingInt32 } from '../growing-array.ts';
import { timeToMs } from './times.ts';

/**
 * MMRec's `.inter`: UTF-8 TSV with header, columns in any order, dense integer ids, x_label 0 train, 1 validation, 2 test
 * (protocol.md 1.1). Rows are read as bytes: no string is made for a field that is a plain integer.
 */

/** Rows of the file in file order; row r stands on `lines[r]` of the file (from 1). */
export interface InterRows {
  readonly columns: readonly string[];
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly labels: Uint8Array;
  /** UTC milliseconds, where the file has a timestamp column. */
  readonly times?: Float64Array;
  readonly hasRating: boolean;
  readonly lines: Int32Array;
}

/** Ids above this are taken for raw ids, not dense ones: a dense table this long would not fit a machine. */
const largestId = 99_999_999;

/** Longest line accepted; a line longer than this means the file is not a table. */
const longestLine = 65_536;

const typedHeader = /:(token|float|token_seq|float_seq)$/;
const columnOf: Readonly<Record<string, 'user' | 'item' | 'label' | 'rating' | 'time'>> = {
  userid: 'user',
  user_id: 'user',
  itemid: 'item',
  item_id: 'item',
  x_label: 'label',
  rating: 'rating',
  timestamp: 'time',
};

interface Layout {
  readonly columns: readonly string[];
  readonly user: number;
  readonly item: number;
  readonly label: number;
  readonly rating: number;
  readonly time: number;
}

/** True where a header line has RecBole's typed columns (`user_id:token`). */
function isRecboleHeader(columns: readonly string[]): boolean {
  return columns.length > 0 && columns.every((column) => typedHeader.test(column));
}

/** Takes chunks of a `.inter` file in order. Row problems go to `issues` with file and line; header problems are thrown. */
export class InterParser {
  readonly #file: string;
  readonly #issues: IssueLog;
  readonly #users = new GrowingInt32();
  readonly #items = new GrowingInt32();
  readonly #labels = new GrowingInt32();
  readonly #times = new GrowingFloat64();
  readonly #lines = new GrowingInt32();
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  #layout: Layout | undefined;
  #carry: Uint8Array = new Uint8Array(0);
  #line = 0;

  /** `file` is the name used in messages. */
  constructor(file: string, issues: IssueLog) {
    this.#file = file;
    this.#issues = issues;
  }

  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#carry.length > 0) {
      bytes = new Uint8Array(this.#carry.length + chunk.length);
      bytes.set(this.#carry);
      bytes.set(chunk, this.#carry.length);
    }
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(10, start);
      if (end < 0) break;
      this.#takeLine(bytes, start, end);
      start = end + 1;
    }
    if (bytes.length - start > longestLine) {
      throw dataError({
        code: 'inter.line-too-long',
        message: `A line is longer than ${longestLine} bytes; this is not a table of interactions.`,
        where: `${this.#file}:${this.#line + 1}`,
        fix: 'Check that the file is text with one interaction per line.',
      });
    }
    this.#carry = bytes.slice(start);
  }

  /** Ends the file. Throws where there is no header or no row. */
  finish(): InterRows {
    if (this.#carry.length > 0) this.#takeLine(this.#carry, 0, this.#carry.length);
    const layout = this.#layout;
    if (layout === undefined) {
      throw dataError({
        code: 'inter.empty',
        message: 'The file is empty.',
        where: this.#file,
        fix: 'Give the file a header (userID, itemID, x_label) and one row per interaction.',
      });
    }
    if (this.#users.length === 0 && !this.#issues.isBlocked) {
      throw dataError({
        code: 'inter.no-rows',
        message: 'The file has a header and no interaction.',
        where: `${this.#file}:1`,
        fix: 'Add one row per interaction below the header.',
      });
    }
    return {
      columns: layout.columns,
      users: this.#users.toArray(),
      items: this.#items.toArray(),
      labels: Uint8Array.from(this.#labels.toArray()),
      ...(layout.time >= 0 ? { times: this.#times.toArray() } : {}),
      hasRating: layout.rating >= 0,
      lines: this.#lines.toArray(),
    };
  }

  #takeLine(bytes: Uint8Array, start: number, end: number): void {
    this.#line++;
    if (end > start && bytes[end - 1] === 13) end--;
    if (this.#layout === undefined) {
      this.#layout = this.#readHeader(bytes.subarray(start, end));
      return;
    }
    if (start === end) return;
    this.#takeRow(this.#layout, bytes, start, end);
  }

  #readHeader(bytes: Uint8Array): Layout {
    const where = `${this.#file}:1`;
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      throw dataError({ code: 'inter.encoding', message: 'The file is UTF-16.', where, fix: 'Save it as UTF-8.' });
    }
    let text: string;
    try {
      text = this.#text.decode(bytes);
    } catch {
      throw dataError({
        code: 'inter.encoding',
        message: 'The header is not UTF-8 text.',
        where,
        fix: 'Save the file as UTF-8 text with tabs between columns.',
      });
    }
    if (text.includes('\0'))
      throw dataError({ code: 'inter.encoding', message: 'The file is binary, not text.', where, fix: 'Choose the .inter text file.' });
    if (text.trim() === '')
      throw dataError({
        code: 'inter.empty',
        message: 'The first line is empty.',
        where,
        fix: 'The first line names the columns: userID, itemID, x_label.',
      });
    const columns = text.split('\t').map((column) => column.trim());
    if (isRecboleHeader(columns)) {
      throw dataError({
        code: 'inter.recbole',
        message: `This is a RecBole file (typed header “${columns.join(', ')}”), not an MMRec file.`,
        where,
        fix: 'Import this file as a log: its columns are recognised, and you choose filter and split.',
      });
    }
    const found: Partial<Record<'user' | 'item' | 'label' | 'rating' | 'time', number>> = {};
    columns.forEach((column, index) => {
      const role = columnOf[column.toLowerCase()];
      if (role === undefined) return;
      if (found[role] !== undefined) {
        throw dataError({
          code: 'inter.duplicate-column',
          message: `The column ${column} is there twice.`,
          where,
          values: { column },
          fix: 'Keep one of the two columns.',
        });
      }
      found[role] = index;
    });
    const missing = [
      found.user === undefined ? 'userID' : '',
      found.item === undefined ? 'itemID' : '',
      found.label === undefined ? 'x_label' : '',
    ].filter((name) => name !== '');
    if (missing.length > 0) {
      throw dataError({
        code: 'inter.missing-column',
        message: `The header has no column ${missing.join(', ')}; it reads “${columns.slice(0, 8).join(', ')}”.`,
        where,
        values: { missing: missing.join(', ') },
        fix:
          missing.includes('x_label') && missing.length === 1
            ? 'Add x_label (0 train, 1 validation, 2 test), or import the file as a log and choose a split.'
            : 'Name the columns userID, itemID and x_label, separated by tabs.',
      });
    }
    return { columns, user: found.user!, item: found.item!, label: found.label!, rating: found.rating ?? -1, time: found.time ?? -1 };
  }

  #takeRow(layout: Layout, bytes: Uint8Array, start: number, end: number): void {
    const where = `${this.#file}:${this.#line}`;
    let column = 0;
    let user = -1;
    let item = -1;
    let label = -1;
    let time = Number.NaN;
    let isGood = true;
    let from = start;
    for (let at = start; at <= end; at++) {
      if (at < end && bytes[at] !== 9) continue;
      if (column === layout.user) {
        user = readId(bytes, from, at);
        if (user < 0) isGood = this.#badId('user', bytes, from, at, where);
      } else if (column === layout.item) {
        item = readId(bytes, from, at);
        if (item < 0) isGood = this.#badId('item', bytes, from, at, where);
      } else if (column === layout.label) {
        label = readLabel(bytes, from, at);
        if (label < 0) {
          isGood = false;
          this.#issues.block({
            code: 'inter.label',
            message: `x_label is “${fieldText(bytes, from, at)}”; only 0 (train), 1 (validation) and 2 (test) exist.`,
            where,
            fix: 'Correct the label, or remove the row.',
          });
        }
      } else if (column === layout.rating || column === layout.time) {
        const value = Number(fieldText(bytes, from, at));
        if (!Number.isFinite(value) || from === at) {
          isGood = false;
          const name = layout.columns[column]!;
          this.#issues.block({
            code: column === layout.time ? 'inter.timestamp' : 'inter.rating',
            message: `${name} is “${fieldText(bytes, from, at)}”, not a number.`,
            where,
            fix: `Correct the ${name}, or leave the whole column out.`,
          });
        }
        if (column === layout.time) time = timeToMs(value);
      }
      column++;
      from = at + 1;
    }
    if (column !== layout.columns.length) {
      this.#issues.block({
        code: 'inter.column-count',
        message: `Columns of the row: ${column}; of the header: ${layout.columns.length}.`,
        where,
        fix: 'Separate columns by one tab each and fill every column.',
      });
      return;
    }
    if (!isGood) return;
    this.#users.push(user);
    this.#items.push(item);
    this.#labels.push(label);
    this.#lines.push(this.#line);
    if (layout.time >= 0) this.#times.push(time);
  }

  #badId(which: 'user' | 'item', bytes: Uint8Array, from: number, to: number, where: string): false {
    const text = fieldText(bytes, from, to);
    const isTooLarge = /^\d+$/.test(text);
    this.#issues.block({
      code: isTooLarge ? `inter.${which}-out-of-range` : `inter.${which}-not-integer`,
      message: isTooLarge
        ? `${which} ${text} is out of range (ids are dense, at most ${largestId}).`
        : `the ${which} id is “${text}”, not an integer from 0.`,
      where,
      values: { found: text },
      fix: 'Number users and items from 0 without gaps, or import the file as a log: raw ids are numbered for you.',
    });
    return false;
  }
}

/** A non-negative decimal integer (also `12.0`, which pandas writes) or −1. */
function readId(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > 2 && bytes[to - 1] === 48 && bytes[to - 2] === 46) to -= 2;
  if (to <= from || to - from > 9) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= largestId ? value : -1;
}

function readLabel(bytes: Uint8Array, from: number, to: number): number {
  const value = readId(bytes, from, to);
  return value >= 0 && value <= 2 ? value : -1;
}

/** The field as text for a message, shortened; invalid UTF-8 shows as replacement characters. */
function fieldText(bytes: Uint8Array, from: number, to: number): string {
  const text = new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + 40)));
  return to - from > 40 ? `${text}…` : text;
}
