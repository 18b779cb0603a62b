/** What a runs query selects and how it orders, as SQL over `run r` alone. */
import { mentions, type Comparison, type Condition, type Expression } from '#contract/runs-expression.ts';
import { dateOf, fieldName, formulaText, kindOf } from '#contract/runs-fields.ts';
import { parseCondition, parseFormula } from '#contract/runs-parser.ts';
import type { Reading } from '#contract/runs-table.ts';
import type { RunsQuery } from '#contract/view.ts';
import { namesOf, numberOf, valueOf, type Piece, type Value } from './runs-values.ts';

export type ParsedRunsQuery = {
  readonly [Key in keyof Required<RunsQuery>]-?: NonNullable<RunsQuery[Key]>;
};

const escapeLike = (text: string) => text.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`);
const always: Piece = { sql: '1', values: [] };
const joined = (parts: readonly Piece[], by: string): Piece => ({
  sql: `(${parts.map(({ sql }) => sql).join(by)})`,
  values: parts.flatMap(({ values }) => values),
});
/** Missing values make a comparison neither true nor false to SQLite; what is not true is not so. */
const negated = ({ sql, values }: Piece): Piece => ({ sql: `NOT coalesce(${sql}, 0)`, values });

/** Where a word of the search is looked for: each in its own index or small table, once a query and not once a run. */
const places = [
  // Stored in lower case already.
  'r.number IN (SELECT f.number FROM run f WHERE instr(f.search, ?))',
  "r.number IN (SELECT f.number FROM run f WHERE f.note <> '' AND instr(lower(f.note), ?))",
  'r.number IN (SELECT t.run FROM tag t WHERE instr(lower(t.name), ?))',
  'r.dataset IN (SELECT d.id FROM dataset d WHERE instr(lower(d.name), ?))',
  'r.experiment_id IN (SELECT e.id FROM experiment e WHERE instr(lower(e.name), ?))',
  'instr(r.state, ?)',
];
const searched = (word: string): Piece => ({ sql: `(${places.join(' OR ')})`, values: places.map(() => word.toLowerCase()) });

const flagged = {
  starred: 'r.starred = 1',
  trashed: 'r.trashed_at IS NOT NULL',
  archived: 'r.archived_at IS NOT NULL',
  locked: 'r.locked = 1',
} as const;

/** A condition of the language as SQL. */
export function conditionSql(condition: Condition, reading: Reading): Piece {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return joined(
        condition.of.map((part) => conditionSql(part, reading)),
        condition.kind === 'all' ? ' AND ' : ' OR ',
      );
    case 'not':
      return negated(conditionSql(condition.of, reading));
    case 'flag':
      return { sql: flagged[condition.name], values: [] };
    case 'word':
      return searched(condition.text);
    case 'missing': {
      const value = condition.of.kind === 'field' ? valueOf(condition.of.name, reading) : numberOf(condition.of, reading);
      return { sql: `(${value.sql} IS NULL)`, values: value.values };
    }
    case 'among': {
      const { field, values, isNot } = condition;
      const of = values.map((value) => compared({ kind: 'field', name: field, at: 0 }, '=', literal(value), reading));
      const some = joined(of, ' OR ');
      if (!isNot) return some;
      const present: Condition = { kind: 'missing', of: { kind: 'field', name: field, at: 0 }, at: 0 };
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
  if (left.kind === 'field') {
    const field = fieldName(left.name);
    const word = right.kind === 'text' ? right.value : right.kind === 'number' ? String(right.value) : undefined;
    if (field === 'tag' && word !== undefined) return tagged(operator, word);
    const isText = kindOf(field) === 'text';
    const date = kindOf(field) === 'time' && right.kind === 'text' ? dateOf(right.value) : undefined;
    if (date !== undefined && !operator.endsWith('~')) return ordered(valueOf(field, reading), operator, { sql: '?', values: [date] });
    if (word !== undefined && (isText || right.kind === 'text' || operator.endsWith('~'))) return worded(field, operator, word, reading);
  }
  return ordered(numberOf(left, reading), operator, numberOf(right, reading));
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
      values: [...values, word.toLowerCase()],
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
    values: [isLike ? `%${escapeLike(word)}%` : word.toLowerCase()],
  };
  return operator.startsWith('!') ? { sql: `NOT ${found.sql}`, values: found.values } : found;
}

/** The runs a query matches, as a condition on `r`. Trash and archive are left out unless the query speaks of them. */
export function conditions(query: ParsedRunsQuery): Piece {
  const written = parseCondition(query.filter);
  const speaks = (flag: 'trashed' | 'archived') => written !== undefined && mentions(written, flag);
  const parts: Piece[] = [];
  const add = (sql: string, ...values: Value[]) => parts.push({ sql, values });
  if (query.trashed) add('r.trashed_at IS NOT NULL');
  else if (!speaks('trashed')) add('r.trashed_at IS NULL');
  if (query.archived) add('r.archived_at IS NOT NULL');
  else if (!query.trashed && query.ids.length === 0 && !speaks('archived') && !speaks('trashed')) add('r.archived_at IS NULL');
  const among = (sql: string, list: readonly string[]) => {
    if (list.length > 0) add(`${sql} IN (SELECT value FROM json_each(?))`, JSON.stringify(list));
  };
  among('r.id', query.ids);
  among('r.state', query.states);
  among('r.dataset', query.datasets);
  among('r.model', query.models);
  if (query.experiments.length > 0)
    add(
      // Imported runs are in no matrix.
      "(r.id IN (SELECT c.run_id FROM experiment_cell c WHERE c.experiment_id IN (SELECT value FROM json_each(?))) OR (r.state = 'imported' AND r.experiment_id IN (SELECT value FROM json_each(?))))",
      JSON.stringify(query.experiments),
      JSON.stringify(query.experiments),
    );
  if (query.tags.length > 0)
    add('r.number IN (SELECT t.run FROM tag t WHERE t.name IN (SELECT value FROM json_each(?)))', JSON.stringify(query.tags));
  if (query.starred) add('r.starred = 1');
  for (const word of query.search.split(/\s+/).filter((found) => found !== '')) parts.push(searched(word));
  for (const { field, operator, value } of query.where)
    parts.push(compared({ kind: 'field', name: field, at: 0 }, operator === 'contains' ? '~' : operator, literal(value), query.reading));
  if (written !== undefined) parts.push(conditionSql(written, query.reading));
  return {
    sql: (parts.length === 0 ? [always] : parts).map(({ sql }) => sql).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}

/** Whether a query looks for words, which reads every text once. */
export function looksForWords(query: ParsedRunsQuery): boolean {
  const has = (part: Condition | undefined): boolean => {
    if (part === undefined) return false;
    if (part.kind === 'all' || part.kind === 'any') return part.of.some(has);
    return part.kind === 'not' ? has(part.of) : part.kind === 'word';
  };
  return query.search.trim() !== '' || has(parseCondition(query.filter));
}

/** A column, an order or a group of a run: a field as it is stored, or a formula. */
export function columnSql(column: string, reading: Reading): Piece {
  const formula = formulaText(column);
  return formula === undefined ? valueOf(column, reading) : numberOf(parseFormula(formula), reading);
}

/** Averaged over the finished runs of a row; everything else is the newest or the common value. */
export const isAveraged = (column: string): boolean => /^=|^(?:val|last|min|max|test)\.|^bestEpoch$/.test(column);

/** `ORDER BY` terms over rows named k0, k1 …; groups before them, g0, g1 …; missing values come last in either direction. */
export function ordering(query: ParsedRunsQuery): { readonly select: Piece; readonly order: string } {
  const select: Piece[] = [];
  const order: string[] = [];
  for (const [index, field] of query.group.entries()) {
    const value = columnSql(field, query.reading);
    select.push({ sql: `, ${query.collapse ? `max(${value.sql})` : value.sql} AS g${index}`, values: value.values });
    order.push(`g${index} IS NULL`, `g${index}`);
  }
  for (const [index, { field, descending }] of query.sort.entries()) {
    const value = columnSql(field, query.reading);
    const term = !query.collapse
      ? value.sql
      : isAveraged(field)
        ? // An imported run is alone in its row.
          `avg(CASE WHEN r.state IN ('finished', 'imported') THEN ${value.sql} END)`
        : `max(${value.sql})`;
    select.push({ sql: `, ${term} AS k${index}`, values: value.values });
    order.push(`k${index} IS NULL`, `k${index}${descending ? ' DESC' : ''}`);
  }
  return {
    select: { sql: select.map(({ sql }) => sql).join(''), values: select.flatMap(({ values }) => values) },
    order: [...order, 'first DESC'].join(', '),
  };
}
