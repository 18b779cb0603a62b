/** The runs that a query matches: comparisons over columns in memory, everything else as sets that SQL finds, put together here. */
import type { Comparison, Condition, Expression } from '#contract/runs-expression.ts';
import { fieldName } from '#contract/runs-fields.ts';
import { searchable } from '#contract/searched-text.ts';
import {
  literal,
  missingSql,
  numberSides,
  orderedSql,
  textsSql,
  wantedOf,
  type ParsedRunsQuery,
  type Sides,
  type Wanted,
} from './runs-conditions.ts';
import { comparedTexts, flagBits, type RunColumns } from './runs-columns.ts';
import type { Piece } from './runs-values.ts';

type Reading = ParsedRunsQuery['reading'];

/** 1 for every run that matches, by place. Not to be written to. */
export function matchesOf(columns: RunColumns, query: ParsedRunsQuery): Uint8Array {
  const sets = wantedOf(query).map((wanted) => setOf(columns, wanted, query.reading));
  return allOf(sets, columns.base.numbers.length);
}

function allOf(sets: readonly Uint8Array[], count: number): Uint8Array {
  const found = new Uint8Array(count).fill(1);
  for (const set of sets) for (let place = 0; place < count; place++) found[place]! &= set[place]!;
  return found;
}

/**
 * A comparison with a missing value is neither true nor false to SQLite. What counts is whether the whole is true, and `not` asks the
 * same of what it turns round: so true and not true are enough.
 */
function setOf(columns: RunColumns, wanted: Wanted, reading: Reading): Uint8Array {
  if (!('kind' in wanted)) return columns.meeting(wanted);
  const { base } = columns;
  const count = base.numbers.length;
  switch (wanted.kind) {
    case 'all':
      return allOf(
        wanted.of.map((part) => setOf(columns, part, reading)),
        count,
      );
    case 'any': {
      const found = new Uint8Array(count);
      for (const part of wanted.of) {
        const set = setOf(columns, part, reading);
        for (let place = 0; place < count; place++) found[place]! |= set[place]!;
      }
      return found;
    }
    case 'not':
      return setOf(columns, wanted.of, reading).map((is) => 1 - is);
    case 'flag': {
      const bit = flagBits[wanted.name];
      return base.flags.map((flags) => ((flags & bit) === 0 ? 0 : 1));
    }
    case 'word':
      return columns.about(wanted.text);
    case 'missing':
      return columns.meeting(missingSql(wanted.of, reading));
    case 'among': {
      const left = { kind: 'field', name: wanted.field, at: 0 } as const;
      const of = wanted.values.map((value): Condition => ({ kind: 'compare', left, operator: '=', right: literal(value), at: 0 }));
      const some: Condition = { kind: 'any', of, at: 0 };
      if (!wanted.isNot) return setOf(columns, some, reading);
      // As with !=: a run without the field is not said to differ. Tags are a list, which may be empty.
      const without: Condition[] = fieldName(wanted.field) === 'tag' ? [] : [{ kind: 'missing', of: left, at: 0 }];
      return setOf(columns, { kind: 'not', of: { kind: 'any', of: [some, ...without], at: 0 }, at: 0 }, reading);
    }
    case 'compare': {
      const sides = numberSides(wanted.left, wanted.operator, wanted.right, reading);
      if (sides === undefined) return textSet(columns, wanted, reading);
      return comparedSet(columns, sides, wanted.operator) ?? columns.meeting(orderedSql(sides, wanted.operator));
    }
  }
}

/** Texts are compared as the search does it: whatever their case and accents. */
function textSet(columns: RunColumns, { left, operator, right }: Compared, reading: Reading): Uint8Array {
  const field = fieldName((left as Extract<Expression, { kind: 'field' }>).name);
  const word = searchable(String((right as Extract<Expression, { kind: 'number' | 'text' }>).value));
  const isTurned = operator === '!=' || operator === '!~';
  const holds = operator.endsWith('~')
    ? (text: string) => text.includes(word)
    : operator === '=' || operator === '!='
      ? (text: string) => text === word
      : (text: string) => compares[operator as Ordering](comparedTexts(text, word), 0);
  if (field === 'tag') {
    const tags = JSON.stringify(columns.tags.filter((tag) => holds(searchable(tag))));
    const sql = `r.number ${isTurned ? 'NOT ' : ''}IN (SELECT t.run FROM tag t WHERE t.name IN (SELECT value FROM json_each(?)))`;
    return columns.meeting({ sql, values: [tags] });
  }
  const found = new Uint8Array(columns.base.numbers.length);
  const known = new Uint8Array(found.length);
  for (const piece of textsSql(field, reading)) {
    const { codes, values } = columns.texts(piece);
    const isFound = values.map(holds);
    for (let place = 0; place < found.length; place++) {
      if (codes[place]! < 0) continue;
      known[place] = 1;
      if (isFound[codes[place]!]!) found[place] = 1;
    }
  }
  // A missing text does not differ either.
  return isTurned ? known.map((is, place) => is & (1 - found[place]!)) : found;
}

type Compared = Extract<Condition, { kind: 'compare' }>;
type Ordering = Exclude<Comparison, '~' | '!~'>;

const compares: Readonly<Record<Ordering, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  // NaN stands for a missing value, which does not differ either.
  '!=': (a, b) => a < b || a > b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function comparedSet(columns: RunColumns, sides: Sides, operator: Comparison): Uint8Array | undefined {
  if (operator === '~' || operator === '!~') return undefined;
  const own = numbersOf(columns, sides.left);
  const other = numbersOf(columns, sides.right);
  if (own === undefined || other === undefined) return undefined;
  const holds = compares[operator];
  const set = new Uint8Array(columns.base.numbers.length);
  for (let place = 0; place < set.length; place++) if (holds(own(place), other(place))) set[place] = 1;
  return set;
}

/** Undefined where there are texts among them. */
function numbersOf(columns: RunColumns, piece: Piece): ((place: number) => number) | undefined {
  if (piece.sql === '?') {
    const value = Number(piece.values[0]);
    return () => value;
  }
  const { numbers, values } = columns.column(piece);
  return values === undefined ? (place) => numbers[place]! : undefined;
}
