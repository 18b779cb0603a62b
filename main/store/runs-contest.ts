/**
 * Which rows of the runs table answer one question, and may be called best of it. Seeds are replicates, so a row is a configuration with
 * all of its finished seeds; a mean of chosen seeds, a run that has not finished and one in the trash compete with nobody.
 */
import { addTo } from '#contract/grouped.ts';
import { apartFields } from '#contract/view.ts';
import { columnSql, type ParsedRunsQuery } from './runs-conditions.ts';
import { flagBits, type RunColumns } from './runs-columns.ts';
import { foldedLines, lineValues, ranAgain, type Lines } from './runs-lines.ts';

export interface Contest {
  /** Lines of one dataset, protocol, candidate set and use of validation, where no others stand among them: in the table, or in their group. */
  readonly questions: readonly (readonly number[])[];
  /** Mean of a column over the finished seeds of each line, NaN where there is none; masked test values are none. */
  readonly values: (column: string) => Float64Array;
  /** The key of the row of a line. */
  readonly keyOf: (line: number) => string;
}

const finishedAlone = { isTotal: false, counts: (_isAlone: boolean, state: string) => state === 'finished' } as const;

export function contestOf(columns: RunColumns, query: ParsedRunsQuery, lines: Lines): Contest {
  const { coded } = columns.base;
  const valuesOf = (field: string) => lineValues(lines, columns.column(columnSql(field, query.reading)));
  const question = apartFields.map(valuesOf);
  const group = query.group.map(valuesOf);
  const name = (of: readonly Float64Array[], line: number) => of.map((values) => values[line]!).join();
  const isWhole = wholeLines(columns, lines);
  const questions = new Map<string, number[]>();
  /** By group of the table: the questions that stand in it. */
  const inGroup = new Map<string, Set<string>>();
  for (let line = 0; line < lines.count; line++) {
    const asked = name(question, line);
    const place = name(group, line);
    if (!inGroup.has(place)) inGroup.set(place, new Set());
    inGroup.get(place)!.add(asked);
    if (isWhole[line] === 1) addTo(questions, asked, line);
  }
  const mixed = new Set([...inGroup.values()].flatMap((asked) => (asked.size > 1 ? [...asked] : [])));
  const members = new Int32Array(lines.count);
  for (const line of lines.of) if (line >= 0) members[line]! += 1;
  return {
    questions: [...questions].flatMap(([asked, of]) => (mixed.has(asked) ? [] : [of])),
    values: (column) => foldedLines(columns, lines, columns.column(columnSql(column, query.reading)), finishedAlone),
    keyOf: (line) => {
      const place = lines.newest[line]!;
      const { dataset, configuration } = coded;
      const key = `${dataset.values[dataset.codes[place]!]!} ${configuration.values[configuration.codes[place]!]!}`;
      return members[line] === 1 ? `${key} ${columns.idOf(place)}` : key;
    },
  };
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
