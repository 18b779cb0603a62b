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

/** As SQLite's lower() does it: of ASCII alone. Names with other capitals are found as they are written. */
const lowered = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const escapeLike = (text: string) => lowered(text).replace(/[\\%_]/g, (sign) => `\\${sign}`);
const joined = (parts: readonly Piece[], by: string): Piece => ({
  sql: `(${parts.map(({ sql }) => sql).join(by)})`,
  values: parts.flatMap(({ values }) => values),
});
/** Missing values make a comparison neither true nor false to SQLite; what is not true is not so. */
const negated = ({ sql, values }: Piece): Piece => ({ sql: `NOT coalesce(${sql}, 0)`, values });

/** What of the language compares fields, as SQL; how conditions are put together, flags and words of the search are found without it. */
export function conditionSql(condition: Extract<Condition, { kind: 'missing' | 'among' | 'compare' }>, reading: Reading): Piece {
  switch (condition.kind) {
    case 'missing': {
      const value = condition.of.kind === 'field' ? valueOf(condition.of.name, reading) : numberOf(condition.of, reading);
      return { sql: `(${value.sql} IS NULL)`, values: value.values };
    }
    case 'among': {
      const { field, values, isNot } = condition;
      const of = values.map((value) => compared({ kind: 'field', name: field, at: 0 }, '=', literal(value), reading));
      const some = joined(of, ' OR ');
      if (!isNot) return some;
      const present = { kind: 'missing' as const, of: { kind: 'field' as const, name: field, at: 0 }, at: 0 };
      // As with !=: a run without the field is not said to differ. Tags are a list, which may be empty.
      return fieldName(field) === 'tag' ? negated(some) : joined([negated(some), negated(conditionSql(present, reading))], ' AND ');
    }
    case 'compare':
      return compared(condition.left, condition.operator, condition.right, reading);
  }
}

const literal = (value: Value): Expression =>
  typeof value === 'number' ? { kind: 'number', value, at: 0 } : { kind: 'text', value, at: 0 };

function compared(left: Expression, operator: Comparison, right: Expression, reading: Reading): Piece {
  const sides = numberSides(left, operator, right, reading);
  if (sides !== undefined) return ordered(sides.left, operator, sides.right);
  const field = fieldName((left as Extract<Expression, { kind: 'field' }>).name);
  const word = String((right as Extract<Expression, { kind: 'number' | 'text' }>).value);
  return field === 'tag' ? tagged(operator, word) : worded(field, operator, word, reading);
}

/** The numbers that a comparison is between; undefined where it is between texts. */
export function numberSides(
  left: Expression,
  operator: Comparison,
  right: Expression,
  reading: Reading,
): { readonly left: Piece; readonly right: Piece } | undefined {
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

function ordered(left: Piece, operator: Comparison, right: Piece): Piece {
  if (operator.endsWith('~')) return { sql: '0', values: [] };
  return { sql: `(${left.sql} ${operator === '!=' ? '<>' : operator} ${right.sql})`, values: [...left.values, ...right.values] };
}

/** Texts are compared whatever their case; a model, a dataset and an experiment by id or name. */
function worded(field: string, operator: Comparison, word: string, reading: Reading): Piece {
  const names = namesOf(field);
  const sources = names.length > 0 ? names.map((sql): Piece => ({ sql, values: [] })) : [valueOf(field, reading, 'text')];
  if (operator.endsWith('~')) {
    const found = joined(
      sources.map(({ sql, values }) => ({ sql: `lower(${sql}) LIKE ? ESCAPE '\\'`, values: [...values, `%${escapeLike(word)}%`] })),
      ' OR ',
    );
    return operator === '~' ? found : unlike(found);
  }
  const found = joined(
    sources.map(({ sql, values }) => ({
      sql: `lower(${sql}) ${operator === '!=' ? '=' : operator} ?`,
      values: [...values, lowered(word)],
    })),
    ' OR ',
  );
  return operator === '!=' ? unlike(found) : found;
}

/** Not, where there is a value: a missing one stays neither. */
const unlike = ({ sql, values }: Piece): Piece => ({ sql: `(NOT ${sql})`, values });

function tagged(operator: Comparison, word: string): Piece {
  const isLike = operator.endsWith('~');
  const found: Piece = {
    sql: `EXISTS (SELECT 1 FROM tag t WHERE t.run = r.number AND lower(t.name) ${isLike ? "LIKE ? ESCAPE '\\'" : '= ?'})`,
    values: [isLike ? `%${escapeLike(word)}%` : lowered(word)],
  };
  return operator.startsWith('!') ? { sql: `NOT ${found.sql}`, values: found.values } : found;
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
