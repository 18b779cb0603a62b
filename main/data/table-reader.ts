import { once } from 'node:events';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { LogFormat } from '#contract/dataset-import.ts';
import { diskError, readThrough, type FileRecord, type ReadOptions } from './file-stream.ts';
import { DelimitedParser, longestRow } from './formats/delimited.ts';
import { decoderFor, detectFormat, sampleBytes } from './formats/table-format.ts';
import { dataError } from './issue-log.ts';

/** What a gzip file may unfold to. */
const mostUnpacked = 64 * 1024 ** 3;

/** Rows of a table as text. `names` is called once before the first row; a row has as many fields as there are names. */
export interface TableSink {
  names(columns: readonly string[]): void;
  row(fields: readonly string[], line: number): void;
  /** A line that is not a row of this table, with what is wrong. */
  badRow(message: string, line: number, code: string): void;
  /** True once enough was read; the rest of the file is not parsed. */
  isDone?(): boolean;
}

/** Format of the file at `path` from its first bytes. */
export async function detectTable(path: string): Promise<LogFormat> {
  const file = basename(path);
  try {
    const { size } = await stat(path);
    const handle = await open(path, 'r');
    try {
      const sample = new Uint8Array(Math.min(size, sampleBytes));
      let at = 0;
      while (at < sample.length) {
        const { bytesRead } = await handle.read(sample, at, sample.length - at, at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return detectFormat(sample.subarray(0, at), size <= sampleBytes, file);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Reads the whole table into `sink`. Throws `table.encoding` (file:line) where the bytes are not of the given encoding. */
export async function readTable(path: string, format: LogFormat, sink: TableSink, options: ReadOptions = {}): Promise<FileRecord> {
  const file = basename(path);
  const rows = format.kind === 'json-lines' ? new JsonRows(file, sink) : new NamedRows(file, format, sink);
  const record = await readText(path, format, (text) => rows.push(text), { ...options, isDone: () => sink.isDone?.() === true });
  if (sink.isDone?.() !== true) rows.finish();
  return record;
}

/** Hands the file's text to `take` in pieces, unpacked and decoded, without a byte-order mark. Throws as {@link readTable}. */
export async function readText(
  path: string,
  format: Pick<LogFormat, 'encoding' | 'gzip'>,
  take: (text: string) => void,
  options: ReadOptions & { readonly isDone?: () => boolean } = {},
): Promise<FileRecord> {
  const file = basename(path);
  const decoder = decoderFor(format.encoding);
  let line = 1;
  let isFirst = true;
  const decode = (chunk?: Uint8Array): void => {
    if (options.isDone?.() === true) return;
    let text: string;
    try {
      text = chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw dataError({
        code: 'table.encoding',
        message: 'The bytes of this line are not UTF-8.',
        where: `${file}:${line + (chunk === undefined ? 0 : badLine(chunk))}`,
        fix: 'Read the file as Latin-1, or save it as UTF-8.',
      });
    }
    if (isFirst && text.length > 0) {
      text = text.replace(/^\uFEFF/, '');
      isFirst = false;
    }
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++;
    take(text);
  };
  const record = format.gzip ? await throughGunzip(path, decode, options) : await readThrough(path, decode, options);
  decode();
  return record;
}

/** Lines before the first byte sequence that is not UTF-8. */
function badLine(chunk: Uint8Array): number {
  let line = 0;
  let start = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let end = chunk.indexOf(10); ; end = chunk.indexOf(10, start)) {
    try {
      decoder.decode(chunk.subarray(start, end < 0 ? chunk.length : end));
    } catch {
      // A character cut by the chunk border fails on the first line; the next lines tell.
      if (start > 0) return line;
    }
    if (end < 0) return line;
    start = end + 1;
    line++;
  }
}

async function throughGunzip(path: string, take: (chunk: Uint8Array) => void, options: ReadOptions): Promise<FileRecord> {
  const gunzip = createGunzip();
  let total = 0;
  let failure: unknown;
  gunzip.on('data', (chunk: Uint8Array) => {
    if (failure !== undefined) return;
    total += chunk.length;
    try {
      if (total > mostUnpacked)
        throw dataError({
          code: 'table.gzip',
          message: 'The file unfolds to more than 64 GiB.',
          where: basename(path),
          fix: 'Unpack and split it.',
        });
      take(chunk);
    } catch (error) {
      failure = error;
    }
  });
  const ended = new Promise<void>((resolve) => {
    gunzip.once('end', resolve);
    gunzip.once('error', () => {
      failure ??= dataError({
        code: 'table.gzip',
        message: 'The gzip data is damaged or cut off.',
        where: basename(path),
        fix: 'Copy the file again, or unpack it first.',
      });
      resolve();
    });
  });
  try {
    const record = await readThrough(
      path,
      async (chunk) => {
        if (failure !== undefined) throw failure;
        if (!gunzip.write(chunk.slice()) && failure === undefined && !gunzip.destroyed) await Promise.race([once(gunzip, 'drain'), ended]);
      },
      options,
    );
    gunzip.end();
    await ended;
    if (failure !== undefined) throw failure;
    return record;
  } finally {
    gunzip.destroy();
  }
}

/** Delimited rows with a header or with names made up ("column 1" …). */
class NamedRows {
  readonly #parser: DelimitedParser;

  constructor(file: string, format: LogFormat, sink: TableSink) {
    let names: readonly string[] | undefined;
    this.#parser = new DelimitedParser({ delimiter: format.delimiter, quote: format.quote, file }, (fields, line) => {
      if (sink.isDone?.() === true) return;
      if (names === undefined) {
        names = format.header ? fields.map((field) => field.trim()) : fields.map((_, index) => `column ${index + 1}`);
        if (new Set(names).size !== names.length) {
          const twice = names.find((name, index) => names!.indexOf(name) !== index)!;
          throw dataError({
            code: 'table.duplicate-column',
            message: `The column “${twice.slice(0, 60)}” is there twice.`,
            where: `${file}:${line}`,
            fix: 'Rename one of the two columns.',
          });
        }
        sink.names(names);
        if (format.header) return;
      }
      if (fields.length === names.length) sink.row(fields, line);
      else
        sink.badRow(
          `Columns of the row: ${fields.length}; of the ${format.header ? 'header' : 'first row'}: ${names.length}.`,
          line,
          'column-count',
        );
    });
  }

  push(text: string): void {
    this.#parser.push(text);
  }

  finish(): void {
    this.#parser.finish();
  }
}

/** One JSON object per line; columns are the keys of the first object, other keys of later ones are left out. */
class JsonRows {
  readonly #file: string;
  readonly #sink: TableSink;
  #names: string[] | undefined;
  #rest = '';
  #line = 0;

  constructor(file: string, sink: TableSink) {
    this.#file = file;
    this.#sink = sink;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    if (this.#rest.length > longestRow)
      throw dataError({
        code: 'table.row-too-long',
        message: 'A line is too long.',
        where: `${this.#file}:${this.#line + 1}`,
        fix: 'Write one JSON object per line.',
      });
    for (const line of lines) this.#take(line);
  }

  finish(): void {
    if (this.#rest !== '') this.#take(this.#rest);
  }

  #take(line: string): void {
    this.#line++;
    if (line.trim() === '' || this.#sink.isDone?.() === true) return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return this.#sink.badRow('The line is not JSON.', this.#line, 'json');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.#sink.badRow('The line is not a JSON object.', this.#line, 'json');
    const entries = new Map(Object.entries(value));
    if (this.#names === undefined) {
      this.#names = [...entries.keys()];
      this.#sink.names(this.#names);
    }
    this.#sink.row(
      this.#names.map((name) => cellText(entries.get(name))),
      this.#line,
    );
  }
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value);
}
