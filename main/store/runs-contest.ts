/**
 * Which rows of the runs table answer one question, and may be called best of it. Seeds are replicates, so a row is a configuration with
 * all of its finished seeds; a mean of chosen seeds (those that match, or whose test is shown), a run that has not finished and one in the
 * trash compete with nobody.
 */
import { apartFields } from '#contract/view.ts';
import { columnSql, type ParsedRunsQuery } from './runs-conditions.ts';
import { flagBits, type Column, type RunColumns } from './runs-columns.ts';
import { codesOf, foldedLines, lineValues, ranAgain, type Lines } from './runs-lines.ts';

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
  const one = { codes: new Int32Array(lines.count), count: 1 };
  const question = codesOf(fields(apartFields), one);
  const group = codesOf(fields(query.group), one);
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
      return members[line] === 1 || lines.isPart[line] === 1 ? `${key} ${columns.idOf(lines.oldest[line]!)}` : key;
    },
  };
}

/** The means of those lines alone whose finished seeds all have the value. */
function ofEverySeed(columns: RunColumns, lines: Lines, { numbers }: Column, means: Float64Array): Float64Array {
  const { codes, values: states } = columns.base.coded.state;
  const isResult = (place: number) => lines.of[place]! >= 0 && states[codes[place]!] === 'finished';
  for (let place = 0; place < lines.of.length; place++) {
    if (!isResult(place) || Number.isFinite(numbers[place]!)) continue;
    const line = lines.of[place]!;
    if (!ranAgain(columns, place, (next) => lines.of[next] === line && isResult(next))) means[line] = Number.NaN;
  }
  return means;
}

/** 1 for lines that hold every finished seed of their configuration. */
function wholeLines(columns: RunColumns, lines: Lines): Uint8Array {
  const { base } = columns;
  const { codes, values: states } = base.coded.state;
  const isResult = (place: number) => states[codes[place]!] === 'finished' && (base.flags[place]! & flagBits.trashed) === 0;
  const seeds = new Int32Array(base.lineCount);
  const matched = new Int32Array(lines.count);
  for (let place = 0; place < lines.of.length; place++) {
    if (!isResult(place)) continue;
    if (!ranAgain(columns, place, isResult)) seeds[base.lines[place]!]! += 1;
    const line = lines.of[place]!;
    if (line >= 0 && !ranAgain(columns, place, (next) => lines.of[next] === line && isResult(next))) matched[line]! += 1;
  }
  return Uint8Array.from(matched, (count, line) => (count > 0 && count === seeds[base.lines[lines.newest[line]!]!] ? 1 : 0));
}
