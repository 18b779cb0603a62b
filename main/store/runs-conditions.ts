/** What a runs query asks of a run, as pieces of SQL over `run r` alone; runs-matches.ts puts them together. */
import { measuredOf, mentions, type Comparison, type Condition, type Expression, type Flag } from '#contract/runs-expression.ts';
import { dateOf, fieldName, formulaText, kindOf, measuredFields } from '#contract/runs-fields.ts';
import { parseCondition, parseFormula } from '#contract/runs-parser.ts';
import type { Reading } from '#contract/runs-table.ts';
import type { RunsQuery } from '#contract/view.ts';
import { namesOf, numberOf, valueOf, type Piece, type Value } from './runs-values.ts';

export type ParsedRunsQuery = {
  readonly [Key in keyof Required<RunsQuery>]-?: NonNullable<RunsQuery[Key]>;
};

/** What the language asks of numbers and of missing values, as SQL; texts are compared, and conditions put together, without it. */
export function missingSql(of: Expression, reading: Reading): Piece {
  const value = of.kind === 'field' ? valueOf(of.name, reading) : numberOf(of, reading);
  return { sql: `(${value.sql} IS NULL)`, values: value.values };
}

/** A comparison of numbers. */
export function orderedSql({ left, right }: Sides, operator: Comparison): Piece {
  if (operator.endsWith('~')) return { sql: '0', values: [] };
  return { sql: `(${left.sql} ${operator === '!=' ? '<>' : operator} ${right.sql})`, values: [...left.values, ...right.values] };
}

export const literal = (value: Value): Expression =>
  typeof value === 'number' ? { kind: 'number', value, at: 0 } : { kind: 'text', value, at: 0 };

export interface Sides {
  readonly left: Piece;
  readonly right: Piece;
}

/** The numbers that a comparison is between; undefined where it is between texts. */
export function numberSides(left: Expression, operator: Comparison, right: Expression, reading: Reading): Sides | undefined {
  if (left.kind === 'field') {
    const field = fieldName(left.name);
    const word = right.kind === 'text' ? right.value : right.kind === 'number' ? String(right.value) : undefined;
    if (field === 'tag' && word !== undefined) return undefined;
    const isText = kindOf(field) === 'text';
    const date = kindOf(field) === 'time' && right.kind === 'text' ? dateOf(right.value) : undefined;
    if (date !== undefined && !operator.endsWith('~')) return { left: valueOf(field, reading), right: { sql: '?', values: [date] } };
    if (word !== undefined && (isText || right.kind === 'text' || operator.endsWith('~'))) return undefined;
  }
  return { left: numberOf(left, reading), right: numberOf(right, reading) };
}

/** Where the texts of a field stand: a model, a dataset and an experiment may be called by id or name. */
export function textsSql(field: string, reading: Reading): readonly Piece[] {
  const names = namesOf(field);
  return names.length > 0 ? names.map((sql): Piece => ({ sql, values: [] })) : [valueOf(field, reading, 'text')];
}

/** One thing that a run must meet: a piece of SQL over `r`, or a condition of the language. */
export type Wanted = Piece | Condition;

/** All that the runs of a query meet. Trash and archive are left out unless the query speaks of them. */
export function wantedOf(query: ParsedRunsQuery): Wanted[] {
  const written = parseCondition(query.filter);
  const speaks = (name: Flag) => written !== undefined && mentions(written, name);
  const wanted: Wanted[] = [];
  const flag = (name: Flag): Condition => ({ kind: 'flag', name, at: 0 });
  const not = (of: Condition): Condition => ({ kind: 'not', of, at: 0 });
  const among = (sql: string, list: readonly string[]) => {
    if (list.length > 0) wanted.push({ sql: `${sql} (SELECT value FROM json_each(?))`, values: [JSON.stringify(list)] });
  };
  if (query.trashed) wanted.push(flag('trashed'));
  else if (!speaks('trashed')) wanted.push(not(flag('trashed')));
  if (query.archived) wanted.push(flag('archived'));
  else if (!query.trashed && query.ids.length === 0 && !speaks('archived') && !speaks('trashed')) wanted.push(not(flag('archived')));
  among('r.id IN', query.ids);
  among('r.state IN', query.states);
  among('r.dataset IN', query.datasets);
  among('r.model IN', query.models);
  if (query.experiments.length > 0)
    wanted.push({
      // Imported runs are in no matrix.
      sql: "(r.id IN (SELECT c.run_id FROM experiment_cell c WHERE c.experiment_id IN (SELECT value FROM json_each(?))) OR (r.state = 'imported' AND r.experiment_id IN (SELECT value FROM json_each(?))))",
      values: [JSON.stringify(query.experiments), JSON.stringify(query.experiments)],
    });
  if (query.tags.length > 0)
    wanted.push({
      sql: 'r.number IN (SELECT t.run FROM tag t WHERE t.name IN (SELECT value FROM json_each(?)))',
      values: [JSON.stringify(query.tags)],
    });
  if (query.starred) wanted.push(flag('starred'));
  for (const text of query.search.split(/\s+/).filter((found) => found !== '')) wanted.push({ kind: 'word', text, at: 0 });
  for (const { field, operator, value } of query.where)
    wanted.push({
      kind: 'compare',
      left: { kind: 'field', name: field, at: 0 },
      operator: operator === 'contains' ? '~' : operator,
      right: literal(value),
      at: 0,
    });
  if (written !== undefined) wanted.push(written);
  return wanted;
}

/** A column, an order or a group of a run: a field as it is stored, or a formula. */
export function columnSql(column: string, reading: Reading): Piece {
  const formula = formulaText(column);
  return formula === undefined ? valueOf(column, reading) : numberOf(parseFormula(formula), reading);
}

/** Averaged over the finished runs of a row; everything else is the newest or the common value. */
export const isAveraged = (column: string): boolean => isResult(column) || column === 'bestEpoch';

/** What depends on the split and how it was ranked: metrics, and formulas, which may hold them. */
export const isResult = (column: string): boolean => formulaText(column) !== undefined || measuredOf(column) !== undefined;

/** How the values of a row's runs become one, on screen and in the order of rows. */
export interface Fold {
  /** Whole over the row instead of averaged over its seeds, the newest run of each. */
  readonly isTotal: boolean;
  /** Whether a run counts: of several those that finished, of one alone what it has, but no metric of a failed one. */
  readonly counts: (isAlone: boolean, state: string) => boolean;
}

/** Of metrics, formulas and what runs took; undefined for all else, of which the largest value stands for a row. */
export function foldOf(column: string): Fold | undefined {
  if (column === 'fileBytes') return { isTotal: true, counts: () => true };
  const isTaken = measuredFields.has(column);
  if (!isTaken && !isAveraged(column)) return undefined;
  return { isTotal: false, counts: (isAlone, state) => (isAlone ? isTaken || state !== 'failed' : state === 'finished') };
}
