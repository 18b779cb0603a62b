import { basename } from 'node:path';
import type { ColumnMapping, LogFormat } from '#contract/dataset-import.ts';
import type { FileRecord, ReadOptions } from './file-stream.ts';
import { parseTime, timeForms } from './formats/times.ts';
import { GrowingFloat64, GrowingInt32 } from './growing-array.ts';
import { dataError, type IssueLog } from './issue-log.ts';
import { readTable } from './table-reader.ts';

/** A log as read: ids numbered in order of first appearance, rows in file order. */
export interface LogRows {
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** Raw id of each number. */
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly times?: Float64Array;
  readonly ratings?: Float64Array;
  /** 0, 1 or 2 per row, where the mapping names a label column. */
  readonly labels?: Uint8Array;
  readonly lines: Int32Array;
  readonly rowsRead: number;
  readonly badRows: number;
  readonly record: FileRecord;
}

export interface LogRequest extends ReadOptions {
  readonly path: string;
  readonly format: LogFormat;
  readonly mapping: ColumnMapping;
  /** Bad rows are notes here: they are dropped, listed and counted. */
  readonly issues: IssueLog;
}

interface BadRow {
  readonly code: string;
  readonly message: string;
  readonly line: number;
}

/** Reads the mapped columns of a log. Throws `log.no-column` for a mapping that does not fit, `log.no-rows` where nothing is left. */
export async function readLog(request: LogRequest): Promise<LogRows> {
  const { path, format, mapping, issues } = request;
  const file = basename(path);
  const users = new Numbering();
  const items = new Numbering();
  const columns = { users: new GrowingInt32(), items: new GrowingInt32(), lines: new GrowingInt32(), labels: new GrowingInt32() };
  const times = new GrowingFloat64();
  const ratings = new GrowingFloat64();
  let at = { user: -1, item: -1, timestamp: -1, rating: -1, label: -1 };
  let rowsRead = 0;
  let firstBad = undefined as BadRow | undefined;
  const bad = (code: string, message: string, line: number): void => {
    firstBad ??= { code, message, line };
    issues.note({
      code: `log.${code}`,
      message: `${message} The row is left out.`,
      where: `${file}:${line}`,
      fix: 'Correct the row, or leave it out as is.',
    });
  };
  const record = await readTable(
    path,
    format,
    {
      names(names) {
        const index = (name: string | undefined): number => (name === undefined ? -1 : names.indexOf(name));
        for (const [role, name] of Object.entries(mapping)) {
          if (name !== undefined && !names.includes(name)) {
            throw dataError({
              code: 'log.no-column',
              message: `There is no column “${name}” for ${role}; the columns are ${names.slice(0, 12).join(', ')}.`,
              where: `${file}:1`,
              fix: 'Map the column again.',
            });
          }
        }
        if (mapping.user === mapping.item)
          throw dataError({
            code: 'log.same-column',
            message: `User and item are both read from “${mapping.user}”.`,
            where: `${file}:1`,
            fix: 'Choose two columns.',
          });
        at = {
          user: index(mapping.user),
          item: index(mapping.item),
          timestamp: index(mapping.timestamp),
          rating: index(mapping.rating),
          label: index(mapping.label),
        };
      },
      row(fields, line) {
        rowsRead++;
        const user = fields[at.user]!.trim();
        const item = fields[at.item]!.trim();
        if (user === '' || item === '') return bad('no-id', `The ${user === '' ? 'user' : 'item'} is empty.`, line);
        const time = at.timestamp < 0 ? 0 : parseTime(fields[at.timestamp]!);
        if (Number.isNaN(time)) return bad('timestamp', `“${fields[at.timestamp]!.slice(0, 40)}” is not a time.`, line);
        const rating = at.rating < 0 ? 0 : Number(fields[at.rating]!.trim() === '' ? Number.NaN : fields[at.rating]);
        if (!Number.isFinite(rating)) return bad('rating', `“${fields[at.rating]!.slice(0, 40)}” is not a rating.`, line);
        const label = at.label < 0 ? 0 : labelOf(fields[at.label]!);
        if (label === undefined) {
          return issues.block({
            code: 'log.label',
            message: `The label is “${fields[at.label]!.slice(0, 40)}”; only 0 (train), 1 (validation) and 2 (test) exist.`,
            where: `${file}:${line}`,
            fix: 'Correct the label, or choose a split instead of the label column.',
          });
        }
        columns.users.push(users.of(user));
        columns.items.push(items.of(item));
        columns.lines.push(line);
        if (at.timestamp >= 0) times.push(time);
        if (at.rating >= 0) ratings.push(rating);
        if (at.label >= 0) columns.labels.push(label);
      },
      badRow(message, line, code) {
        rowsRead++;
        bad(code, message, line);
      },
    },
    request,
  );
  const kept = columns.users.length;
  if (rowsRead === 0 || at.user < 0)
    throw dataError({
      code: 'log.no-rows',
      message: 'The file holds no interaction.',
      where: file,
      fix: 'Choose a file with one interaction per line.',
    });
  // A wrong delimiter or mapping makes most rows bad; leaving them out silently would make a dataset of the rest.
  if (kept * 2 < rowsRead && !issues.isBlocked && firstBad !== undefined) {
    issues.block({
      code: 'log.mostly-bad',
      message: `Only ${kept.toLocaleString('en')} of ${rowsRead.toLocaleString('en')} rows can be read: ${firstBad.message}`,
      where: `${file}:${firstBad.line}`,
      fix:
        firstBad.code === 'timestamp'
          ? `Choose another Time column, or none. A time is ${timeForms}.`
          : firstBad.code === 'rating'
            ? 'Choose another Rating column, or none. A rating is a number with a decimal point.'
            : 'Check format and mapping.',
    });
  }
  return {
    users: columns.users.toArray(),
    items: columns.items.toArray(),
    userIds: users.ids,
    itemIds: items.ids,
    ...(at.timestamp >= 0 ? { times: times.toArray() } : {}),
    ...(at.rating >= 0 ? { ratings: ratings.toArray() } : {}),
    ...(at.label >= 0 ? { labels: Uint8Array.from(columns.labels.toArray()) } : {}),
    lines: columns.lines.toArray(),
    rowsRead,
    badRows: rowsRead - kept,
    record,
  };
}

function labelOf(text: string): 0 | 1 | 2 | undefined {
  const known: Record<string, 0 | 1 | 2> = {
    '0': 0,
    '0.0': 0,
    train: 0,
    '1': 1,
    '1.0': 1,
    valid: 1,
    validation: 1,
    '2': 2,
    '2.0': 2,
    test: 2,
  };
  const key = text.trim().toLowerCase();
  return Object.hasOwn(known, key) ? known[key] : undefined;
}

/** Numbers for raw ids in order of first appearance. */
class Numbering {
  readonly ids: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(id: string): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.ids.length;
      this.#numbers.set(id, number);
      this.ids.push(id);
    }
    return number;
  }
}
