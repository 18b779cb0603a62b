/** The lines of the runs table: runs, or the seeds of a configuration on a dataset, in the order asked for; missing values last. */
import { columnSql, foldOf, type Fold, type ParsedRunsQuery } from './runs-conditions.ts';
import type { Column, RunColumns } from './runs-columns.ts';

export interface Lines {
  readonly count: number;
  /** Line of each matched run by place, −1 for others. */
  readonly of: Int32Array;
  /** Places of the oldest and of the newest run of each line. */
  readonly oldest: Int32Array;
  readonly newest: Int32Array;
  /** 1 for lines whose configuration has runs in other lines too. */
  readonly isPart: Uint8Array;
}

/**
 * Lines in the order of their oldest matched runs. Seeds of one configuration that differ in a field of `groups` stand in a line of each of
 * these groups: a group has exactly the runs that belong to it.
 */
export function linesOf(columns: RunColumns, matches: Uint8Array, collapse: boolean, groups: readonly Column[] = []): Lines {
  const { lines, lineCount } = columns.base;
  const own = codesOf(
    groups.map(({ numbers }) => numbers),
    { codes: lines, count: lineCount },
  );
  const of = new Int32Array(matches.length).fill(-1);
  const oldest: number[] = [];
  const newest: number[] = [];
  const isPart: number[] = [];
  const known = new Int32Array(collapse ? own.count : 0).fill(-1);
  const first = new Int32Array(collapse ? lineCount : 0).fill(-1);
  for (let place = 0; place < matches.length; place++) {
    if (matches[place] === 0) continue;
    let line = collapse ? known[own.codes[place]!]! : -1;
    if (line < 0) {
      line = newest.length;
      oldest.push(place);
      newest.push(place);
      isPart.push(0);
      if (collapse) {
        known[own.codes[place]!] = line;
        const before = first[lines[place]!]!;
        if (before < 0) first[lines[place]!] = line;
        else isPart[before] = isPart[line] = 1;
      }
    }
    of[place] = line;
    newest[line] = place;
  }
  return {
    count: newest.length,
    of,
    oldest: Int32Array.from(oldest),
    newest: Int32Array.from(newest),
    isPart: Uint8Array.from(isPart),
  };
}

/** Things told apart by a number each, below `count`. */
export interface Codes {
  readonly codes: Int32Array;
  readonly count: number;
}

/** Those that were equal, and are in all of these fields: equal codes. */
export function codesOf(fields: readonly Float64Array[], from: Codes): Codes {
  let { codes, count } = from;
  for (const values of fields) {
    const next = new Int32Array(codes.length);
    const found = new Map<number, Map<number, number>>();
    let size = 0;
    for (let at = 0; at < codes.length; at++) {
      let own = found.get(codes[at]!);
      if (own === undefined) found.set(codes[at]!, (own = new Map()));
      let code = own.get(values[at]!);
      if (code === undefined) own.set(values[at]!, (code = size++));
      next[at] = code;
    }
    codes = next;
    count = size;
  }
  return { codes, count };
}

/** A number per line to order by, NaN where there is none, and which way. */
interface Key {
  readonly numbers: Float64Array;
  readonly descending: boolean;
}

/** Whether the seed of this run ran again among the runs that `counts` takes: then the newer run stands for it. */
export function ranAgain({ base: { again } }: RunColumns, place: number, counts: (place: number) => boolean): boolean {
  for (let next = again[place]!; next >= 0; next = again[next]!) if (counts(next)) return true;
  return false;
}

/** One value per line as its cell shows it: the mean or the sum of what counts. */
export function foldedLines(columns: RunColumns, lines: Lines, { numbers }: Column, fold: Fold): Float64Array {
  const found = new Float64Array(lines.count).fill(Number.NaN);
  const members = new Int32Array(lines.count);
  for (const line of lines.of) if (line >= 0) members[line]! += 1;
  const { codes, values: states } = columns.base.coded.state;
  const [alone, among] = [true, false].map((isAlone) => states.map((state) => fold.counts(isAlone, state)));
  const isCounted = (place: number): boolean => {
    const line = lines.of[place]!;
    return line >= 0 && Number.isFinite(numbers[place]!) && (members[line] === 1 ? alone! : among!)[codes[place]!]!;
  };
  const counts = new Int32Array(lines.count);
  for (let place = 0; place < lines.of.length; place++) {
    if (!isCounted(place)) continue;
    const line = lines.of[place]!;
    if (!fold.isTotal && ranAgain(columns, place, (next) => lines.of[next] === line && isCounted(next))) continue;
    found[line] = counts[line]!++ === 0 ? numbers[place]! : found[line]! + numbers[place]!;
  }
  if (!fold.isTotal) for (let line = 0; line < lines.count; line++) found[line]! /= counts[line]!;
  return found;
}

/** What a field says of each line: its own value, or the largest of its runs. */
export function lineValues(lines: Lines, { numbers }: Column): Float64Array {
  const found = new Float64Array(lines.count).fill(Number.NaN);
  for (let place = 0; place < lines.of.length; place++) {
    const line = lines.of[place]!;
    if (line >= 0 && !Number.isNaN(numbers[place]!) && !(found[line]! >= numbers[place]!)) found[line] = numbers[place]!;
  }
  return found;
}

function keysOf(columns: RunColumns, query: ParsedRunsQuery, lines: Lines): Key[] {
  const of = (field: string) => columns.column(columnSql(field, query.reading));
  const groups = query.group.map((field) => ({ numbers: lineValues(lines, of(field)), descending: false }));
  const sorts = query.sort.map(({ field, descending }) => {
    const fold = query.collapse ? foldOf(field) : undefined;
    return { numbers: fold === undefined ? lineValues(lines, of(field)) : foldedLines(columns, lines, of(field), fold), descending };
  });
  return [...groups, ...sorts];
}

/** Lines `offset` … `offset + limit` of the order asked for (a negative limit: all of them), the newest first where all else is equal. */
export function orderedLines(columns: RunColumns, query: ParsedRunsQuery, lines: Lines): Int32Array {
  const keys = keysOf(columns, query, lines);
  const { newest } = lines;
  const compare = (a: number, b: number): number => {
    for (const { numbers, descending } of keys) {
      const [one, other] = [numbers[a]!, numbers[b]!];
      if (one === other) continue;
      if (Number.isNaN(one)) {
        if (Number.isNaN(other)) continue;
        return 1;
      }
      if (Number.isNaN(other)) return -1;
      return one < other === descending ? 1 : -1;
    }
    return newest[b]! - newest[a]!;
  };
  const order = Int32Array.from({ length: lines.count }, (_, line) => line);
  const end = query.limit < 0 ? lines.count : Math.min(lines.count, query.offset + query.limit);
  if (query.offset >= end) return new Int32Array(0);
  // Of many lines a page is wanted: only what stands before its end is put in order.
  if (end < lines.count / 4) selectFirst(order, end, compare);
  return order
    .subarray(0, end < lines.count / 4 ? end : lines.count)
    .sort(compare)
    .slice(query.offset, end);
}

/** Brings the `count` first of an order to the front, in any order among themselves (Hoare's selection). */
export function selectFirst(order: Int32Array, count: number, compare: (a: number, b: number) => number): void {
  let [low, high] = [0, order.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const three = [order[low]!, order[middle]!, order[high]!].sort(compare);
    const pivot = three[1]!;
    let [left, right] = [low, high];
    while (left <= right) {
      while (compare(order[left]!, pivot) < 0) left++;
      while (compare(order[right]!, pivot) > 0) right--;
      if (left > right) break;
      const kept = order[left]!;
      order[left++] = order[right]!;
      order[right--] = kept;
    }
    if (count - 1 <= right) high = right;
    else if (count - 1 >= left) low = left;
    else return;
  }
}

/** Numbers of the runs in each of these lines, the oldest first. */
export function membersOf(columns: RunColumns, lines: Lines, wanted: Int32Array): number[][] {
  const at = new Int32Array(lines.count).fill(-1);
  for (let row = 0; row < wanted.length; row++) at[wanted[row]!] = row;
  const rows = Array.from(wanted, (): number[] => []);
  const { numbers } = columns.base;
  for (let place = 0; place < lines.of.length; place++) {
    const line = lines.of[place]!;
    if (line >= 0 && at[line]! >= 0) rows[at[line]!]!.push(numbers[place]!);
  }
  return rows;
}
