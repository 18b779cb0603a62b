import { basename } from 'node:path';
import type { Answers } from './answers.ts';
import type { Part } from './dataset.ts';
import { readThrough, type FileRecord, type ReadOptions } from './file-stream.ts';
import { InterParser, type InterRows } from './formats/inter.ts';
import { dataError, type IssueLog } from './issue-log.ts';

/** Interactions with official labels, repeats settled. */
export interface LabelledInteractions {
  readonly columns: readonly string[];
  readonly users: number;
  readonly items: number;
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
  readonly hasTimes: boolean;
  readonly rowsRead: number;
  readonly repeats: number;
  readonly record: FileRecord;
}

/** A dense table this much longer than its distinct ids holds raw ids, not dense ones. */
const sparsestIds = 10;

/** Reads an MMRec `.inter` file. Row problems and pairs in two parts go to `issues`; repeats within a part are a choice. */
export async function readInteractions(
  path: string,
  issues: IssueLog,
  answers: Answers,
  options: ReadOptions = {},
): Promise<LabelledInteractions> {
  const file = basename(path);
  const parser = new InterParser(file, issues);
  const record = await readThrough(path, (chunk) => parser.push(chunk), options);
  const rows = parser.finish();
  const users = tableLength(rows.users, rows.lines, 'user', file, issues);
  const items = tableLength(rows.items, rows.lines, 'item', file, issues);
  const { keep, repeats } = settlePairs(rows, users, items, file, issues, answers);
  const [train, validation, test] = [0, 1, 2].map((label) => partOf(rows, label, keep)) as [Part, Part, Part];
  const sizes = { train: train.users.length, validation: validation.users.length, test: test.users.length };
  if (!issues.isBlocked) {
    for (const [name, size] of Object.entries(sizes)) {
      if (size > 0) continue;
      const label = { train: 0, validation: 1, test: 2 }[name as keyof typeof sizes];
      issues.block({
        code: 'split.empty-part',
        message: `No row has x_label ${label}: the ${name} part is empty.`,
        where: file,
        values: { part: name },
        fix: 'Give every part some rows, or import the file as a log and choose a split.',
      });
    }
  }
  return {
    columns: rows.columns,
    users,
    items,
    train,
    validation,
    test,
    hasTimes: rows.times !== undefined,
    rowsRead: rows.users.length,
    repeats,
    record,
  };
}

function tableLength(ids: Int32Array, lines: Int32Array, which: 'user' | 'item', file: string, issues: IssueLog): number {
  let largest = -1;
  let largestAt = 0;
  for (let r = 0; r < ids.length; r++) {
    if (ids[r]! <= largest) continue;
    largest = ids[r]!;
    largestAt = r;
  }
  const distinct = new Set(ids).size;
  if (largest + 1 > 1000 + distinct * sparsestIds) {
    throw dataError({
      code: 'inter.ids-not-dense',
      message: `${which} ids go up to ${largest.toLocaleString('en')}, but only ${distinct.toLocaleString('en')} different ones occur.`,
      where: `${file}:${lines[largestAt]}`,
      values: { largest, distinct },
      fix: 'Number the ids from 0 without gaps, or import the file as a log: raw ids are numbered for you.',
    });
  }
  if (distinct < largest + 1 && distinct > 0) {
    issues.note({
      code: `inter.unused-${which}s`,
      message: `${(largest + 1 - distinct).toLocaleString('en')} ${which} ids between 0 and ${largest.toLocaleString('en')} have no interaction; they keep their place.`,
      where: file,
    });
  }
  return largest + 1;
}

/** Finds pairs that occur more than once: in two parts (refused), or within one (a choice). `keep[r]` is 0 for rows to drop. */
function settlePairs(
  rows: InterRows,
  users: number,
  items: number,
  file: string,
  issues: IssueLog,
  answers: Answers,
): { keep: Uint8Array; repeats: number } {
  const keep = new Uint8Array(rows.users.length).fill(1);
  const order = rowsByUser(rows.users, users);
  const repeatedLines: number[] = [];
  const firstRow = new Int32Array(items).fill(-1);
  let repeats = 0;
  for (let u = 0, at = 0; u < users; u++) {
    const from = at;
    while (at < order.length && rows.users[order[at]!] === u) at++;
    for (let s = from; s < at; s++) {
      const row = order[s]!;
      const item = rows.items[row]!;
      const first = firstRow[item]!;
      if (first < 0) {
        firstRow[item] = row;
        continue;
      }
      if (rows.labels[first] !== rows.labels[row]) {
        issues.block({
          code: 'split.pair-in-two-parts',
          message: `User ${u} with item ${item} is in ${partName(rows.labels[row]!)} here and in ${partName(rows.labels[first]!)} on line ${rows.lines[first]}.`,
          where: `${file}:${rows.lines[row]}`,
          values: { user: u, item },
          fix: 'Keep the pair in one part: a model must not see in train what it is tested on.',
        });
      } else {
        keep[row] = 0;
        repeats++;
        if (repeatedLines.length < 5) repeatedLines.push(rows.lines[row]!);
      }
    }
    for (let s = from; s < at; s++) firstRow[rows.items[order[s]!]!] = -1;
  }
  if (repeats > 0) {
    answers.decide({
      id: 'repeats',
      text: `${repeats.toLocaleString('en')} ${repeats === 1 ? 'row repeats' : 'rows repeat'} a pair of the same part`,
      count: repeats,
      where: `${file}:${repeatedLines.join(', ')}`,
      options: [
        { value: 'keep-first', label: 'Keep the first row of each pair', refuses: false },
        { value: 'refuse', label: 'Refuse the file', refuses: true },
      ],
      default: 'keep-first',
    });
  }
  return { keep, repeats };
}

/** Row numbers grouped by user, file order kept within a user. */
function rowsByUser(users: Int32Array, count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  for (const user of users) starts[user + 1]! += 1;
  for (let u = 0; u < count; u++) starts[u + 1]! += starts[u]!;
  const order = new Int32Array(users.length);
  for (let r = 0; r < users.length; r++) {
    const user = users[r]!;
    order[starts[user]!] = r;
    starts[user]! += 1;
  }
  return order;
}

function partOf(rows: InterRows, label: number, keep: Uint8Array): Part {
  let count = 0;
  for (let r = 0; r < keep.length; r++) if (keep[r] === 1 && rows.labels[r] === label) count++;
  const users = new Int32Array(count);
  const items = new Int32Array(count);
  const times = rows.times === undefined ? undefined : new Float64Array(count);
  for (let r = 0, at = 0; r < keep.length; r++) {
    if (keep[r] !== 1 || rows.labels[r] !== label) continue;
    users[at] = rows.users[r]!;
    items[at] = rows.items[r]!;
    if (times !== undefined) times[at] = rows.times![r]!;
    at++;
  }
  return times === undefined ? { users, items } : { users, items, times };
}

function partName(label: number): string {
  return ['train', 'validation', 'test'][label] ?? String(label);
}
