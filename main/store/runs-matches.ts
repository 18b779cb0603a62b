/** The runs that a query matches: comparisons of numbers over columns in memory, everything else as sets that SQL finds, put together here. */
import type { Comparison, Condition } from '#contract/runs-expression.ts';
import { conditionSql, numberSides, wantedOf, type ParsedRunsQuery, type Wanted } from './runs-conditions.ts';
import { flagBits, type RunColumns } from './runs-columns.ts';
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
    case 'compare':
      return comparedSet(columns, wanted, reading) ?? columns.meeting(conditionSql(wanted, reading));
    default:
      return columns.meeting(conditionSql(wanted, reading));
  }
}

const compares: Readonly<Record<Exclude<Comparison, '~' | '!~'>, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  // NaN stands for a missing value, which does not differ either.
  '!=': (a, b) => a < b || a > b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function comparedSet(
  columns: RunColumns,
  { left, operator, right }: Condition & { kind: 'compare' },
  reading: Reading,
): Uint8Array | undefined {
  if (operator === '~' || operator === '!~') return undefined;
  const sides = numberSides(left, operator, right, reading);
  if (sides === undefined) return undefined;
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
