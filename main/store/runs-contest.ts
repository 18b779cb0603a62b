/**
 * Which rows of the runs table answer one question, and may be called best of it. Seeds are replicates, so a row is a configuration with
 * all of its finished seeds; a mean of chosen seeds (those that match, or whose test is shown), a run that has not finished and one in the
 * trash compete with nobody.
 */
import { apartFields } from '#contract/view.ts';
import { columnSql, type ParsedRunsQuery } from './runs-conditions.ts';
import { flagBits, type Column, type RunColumns } from './runs-columns.ts';
import { foldedLines, lineValues, ranAgain, type Lines } from './runs-lines.ts';

export interface Contest {
  /** Lines of one dataset, protocol, candidate set and use of validation, where no others stand among them: in the table, or in their group. */
  readonly questions: readonly (readonly number[])[];
  /** Mean of a column over the finished seeds of each line, NaN where one of them has none; masked test values are none. */
  readonly values: (column: string) => Float64Array;
  /** The key of the row of a line. */
  readonly keyOf: (line: number) => string;
}

const finishedAlone = { isTotal: false, counts: (_isAlone: boolean, state: string) => state === 'finished' } as const;

/** The contest of all rows of a query, whose seeds are collapsed. */
export function contestOf(columns: RunColumns, query: ParsedRunsQuery, lines: Lines): Contest {
  const { coded } = columns.base;
  const fields = (names: readonly string[]) => names.map((name) => lineValues(lines, columns.column(columnSql(name, query.reading))));
  const question = codesOf(fields(apartFields), lines.count);
  const group = codesOf(fields(query.group), lines.count);
  const isWhole = wholeLines(columns, lines);
  const questions: number[][] = Array.from({ length: question.count }, () => []);
  /** Of each group of the table the question that stands in it, and which questions stand beside others. */
  const inGroup = new Int32Array(group.count).fill(-1);
  const isMixed = new Uint8Array(question.count);
  for (let line = 0; line < lines.count; line++) {
    const asked = question.codes[line]!;
    const before = inGroup[group.codes[line]!]!;
    if (before >= 0 && before !== asked) isMixed[before] = isMixed[asked] = 1;
    inGroup[group.codes[line]!] = asked;
    if (isWhole[line] === 1) questions[asked]!.push(line);
  }
  const members = new Int32Array(lines.count);
  for (const line of lines.of) if (line >= 0) members[line]! += 1;
  return {
    questions: questions.filter((_lines, asked) => isMixed[asked] === 0),
    values: (name) => {
      const column = columns.column(columnSql(name, query.reading));
      return ofEverySeed(columns, lines, column, foldedLines(columns, lines, column, finishedAlone));
    },
    keyOf: (line) => {
      const place = lines.newest[line]!;
      const { dataset, configuration } = coded;
      const key = `${dataset.values[dataset.codes[place]!]!} ${configuration.values[configuration.codes[place]!]!}`;
      return members[line] === 1 ? `${key} ${columns.idOf(place)}` : key;
    },
  };
}

/** Lines by what they have in all of these fields: equal codes where all are equal. */
function codesOf(fields: readonly Float64Array[], count: number): { readonly codes: Int32Array; readonly count: number } {
  let codes = new Int32Array(count);
  let known = 1;
  for (const values of fields) {
    const next = new Int32Array(count);
    const found = new Map<number, Map<number, number>>();
    let size = 0;
    for (let line = 0; line < count; line++) {
      let own = found.get(codes[line]!);
      if (own === undefined) found.set(codes[line]!, (own = new Map()));
      let code = own.get(values[line]!);
      if (code === undefined) own.set(values[line]!, (code = size++));
      next[line] = code;
    }
    codes = next;
    known = size;
  }
  return { codes, count: known };
}

/** The means of those lines alone whose finished seeds all have the value. */
function ofEverySeed(columns: RunColumns, lines: Lines, { numbers }: Column, means: Float64Array): Float64Array {
  const { codes, values: states } = columns.base.coded.state;
  const isResult = (place: number) => lines.of[place]! >= 0 && states[codes[place]!] === 'finished';
  for (let place = 0; place < lines.of.length; place++)
    if (isResult(place) && !Number.isFinite(numbers[place]!) && !ranAgain(columns, place, isResult)) means[lines.of[place]!] = Number.NaN;
  return means;
}

/** 1 for lines that hold every finished seed of their configuration. */
function wholeLines(columns: RunColumns, lines: Lines): Uint8Array {
  const { base } = columns;
  const { codes, values: states } = base.coded.state;
  const isResult = (place: number) => states[codes[place]!] === 'finished' && (base.flags[place]! & flagBits.trashed) === 0;
  const isMatched = (place: number) => lines.of[place]! >= 0 && isResult(place);
  const seeds = new Int32Array(base.lineCount);
  const matched = new Int32Array(base.lineCount);
  for (let place = 0; place < lines.of.length; place++) {
    const line = base.lines[place]!;
    if (isResult(place) && !ranAgain(columns, place, isResult)) seeds[line]! += 1;
    if (isMatched(place) && !ranAgain(columns, place, isMatched)) matched[line]! += 1;
  }
  const whole = new Uint8Array(lines.count);
  for (let line = 0; line < lines.count; line++) {
    const own = base.lines[lines.newest[line]!]!;
    if (matched[own]! > 0 && matched[own] === seeds[own]) whole[line] = 1;
  }
  return whole;
}
