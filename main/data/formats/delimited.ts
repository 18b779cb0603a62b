import { dataError } from '../issue-log.ts';

export interface DelimitedOptions {
  /** One or more characters, e.g. "::". */
  readonly delimiter: string;
  /** Whether a field that starts with " runs to its closing ", with "" for a quote inside. */
  readonly quote: boolean;
  /** Name used in messages. */
  readonly file: string;
}

/** Longest row accepted, in characters: an open quote must not swallow a file. */
export const longestRow = 1_000_000;
/** Most columns accepted. */
const mostColumns = 10_000;

/**
 * Rows of delimited text, pushed in chunks cut anywhere. `take` gets the fields and the line the row starts on (from 1); blank
 * lines are passed over. Quotes may span lines. Throws ProblemError `table.*` with file and line.
 */
export class DelimitedParser {
  readonly #options: DelimitedOptions;
  readonly #take: (fields: string[], line: number) => void;
  #rest = '';
  #line = 1;
  /** The first quote at or behind the last row begun; Infinity where the text at hand has none left. */
  #quoteAt = -1;

  constructor(options: DelimitedOptions, take: (fields: string[], line: number) => void) {
    this.#options = options;
    this.#take = take;
  }

  push(text: string): void {
    const all = this.#rest + text;
    this.#quoteAt = -1;
    let start = 0;
    for (;;) {
      const next = this.#row(all, start, false);
      if (next < 0) break;
      start = next;
    }
    this.#rest = start === 0 ? all : all.slice(start);
    if (this.#rest.length > longestRow)
      this.#fail(
        'row-too-long',
        `A row is longer than ${longestRow.toLocaleString('en')} characters.`,
        'Check the quotes: a “"” that is never closed joins lines.',
      );
  }

  finish(): void {
    this.#quoteAt = -1;
    let start = 0;
    while (start < this.#rest.length) start = this.#row(this.#rest, start, true);
    this.#rest = '';
  }

  /** Takes the row at `start`; returns where the next begins, or −1 where the row is not complete yet. */
  #row(text: string, start: number, isEnd: boolean): number {
    let end = text.indexOf('\n', start);
    if (end < 0) {
      if (!isEnd) return -1;
      end = text.length;
    }
    if (this.#options.quote && this.#nextQuote(text, start) < end) return this.#quotedRow(text, start, isEnd);
    const line = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
    if (line.length > 0) this.#emit(line.split(this.#options.delimiter), this.#line);
    this.#line++;
    return end + 1;
  }

  /** Looked for once for all rows before it: from each row to the end of a chunk of millions of characters takes minutes. */
  #nextQuote(text: string, start: number): number {
    if (this.#quoteAt < start) {
      const found = text.indexOf('"', start);
      this.#quoteAt = found < 0 ? Infinity : found;
    }
    return this.#quoteAt;
  }

  #quotedRow(text: string, start: number, isEnd: boolean): number {
    const { delimiter } = this.#options;
    const fields: string[] = [];
    let lines = 0;
    let at = start;
    for (;;) {
      let field = '';
      if (text[at] === '"') {
        at++;
        for (;;) {
          const close = text.indexOf('"', at);
          if (close < 0 || (close === text.length - 1 && !isEnd)) {
            if (!isEnd) return -1;
            this.#fail('quote', 'A “"” opens a field and is never closed.', 'Close the quote, or import with quotes off.');
          }
          field += text.slice(at, close);
          at = close + 1;
          if (text[at] !== '"') break;
          field += '"';
          at++;
        }
        for (let i = 0; i < field.length; i++) if (field.charCodeAt(i) === 10) lines++;
        // A delimiter of two characters, or a line end of two, may be cut by the end of the chunk.
        if (text.length - at < 2 && !isEnd) return -1;
        const atBreak = at === text.length || text[at] === '\n' || text.startsWith('\r\n', at) || text.startsWith(delimiter, at);
        if (!atBreak && !(text[at] === '\r' && at === text.length - 1))
          this.#fail('quote', 'Text follows the closing “"” of a field.', 'Write a quote inside a field as "", or import with quotes off.');
      } else {
        const stop = nextOf(text, at, delimiter);
        if (stop.at < 0 && !isEnd) return -1;
        const end = stop.at < 0 ? text.length : stop.at;
        field = text.slice(at, end);
        if (!stop.isDelimiter && field.endsWith('\r')) field = field.slice(0, -1);
        at = end;
      }
      fields.push(field);
      if (text.startsWith(delimiter, at) && at < text.length) {
        at += delimiter.length;
        continue;
      }
      if (text[at] === '\r') at++;
      if (at === text.length && !isEnd) return -1;
      this.#emit(fields, this.#line);
      this.#line += lines + 1;
      return at + 1;
    }
  }

  #emit(fields: string[], line: number): void {
    if (fields.length > mostColumns)
      this.#fail('too-many-columns', `The row has ${fields.length.toLocaleString('en')} columns.`, 'Check the delimiter.');
    this.#take(fields, line);
  }

  #fail(code: string, message: string, fix: string): never {
    throw dataError({ code: `table.${code}`, message, where: `${this.#options.file}:${this.#line}`, fix });
  }
}

function nextOf(text: string, from: number, delimiter: string): { at: number; isDelimiter: boolean } {
  const comma = text.indexOf(delimiter, from);
  const newline = text.indexOf('\n', from);
  if (comma >= 0 && (newline < 0 || comma < newline)) return { at: comma, isDelimiter: true };
  return { at: newline, isDelimiter: false };
}
