/**
 * Best and second of a column, and average ranks. Always on unrounded values, direction from the metric's definition; ties share, and means
 * that differ only by the order in which they were summed are ties.
 */
import { isSame } from './same-value.ts';

export type Better = 'higher' | 'lower';
export type Mark = 'best' | 'second';

/** A mark per value; undefined values get none. A tie for best leaves the next distinct value as second. Fewer than two values: no marks. */
export function marks(values: readonly (number | undefined)[], better: Better): readonly (Mark | undefined)[] {
  const present = values.filter((value) => value !== undefined);
  if (present.length < 2) return values.map(() => undefined);
  // Passed over twice, not sorted: the columns of the runs table have thousands of values.
  const first = (among: readonly number[]) => among.reduce((a, b) => ((better === 'higher') === a > b ? a : b));
  const best = first(present);
  const others = present.filter((value) => !isSame(value, best));
  const second = others.length === 0 ? undefined : first(others);
  return values.map((value) => {
    if (value === undefined) return undefined;
    if (isSame(value, best)) return 'best';
    return second !== undefined && isSame(value, second) ? 'second' : undefined;
  });
}

/** Ranks of one column, 1 = best, ties get the mean of the ranks they share; undefined values get none. */
export function ranks(values: readonly (number | undefined)[], better: Better): readonly (number | undefined)[] {
  const order = values
    .flatMap((value, index) => (value === undefined ? [] : [{ value, index }]))
    .sort((a, b) => (better === 'higher' ? b.value - a.value : a.value - b.value));
  const result: (number | undefined)[] = values.map(() => undefined);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && isSame(order[to]!.value, order[from]!.value)) to++;
    const shared = (from + 1 + to) / 2;
    for (let at = from; at < to; at++) result[order[at]!.index] = shared;
    from = to;
  }
  return result;
}

/** Mean rank of each row over columns; null for a row that lacks a value in any column, since ranks over other columns would not compare. */
export function averageRanks(columns: readonly (readonly (number | undefined)[])[], better: readonly Better[]): readonly (number | null)[] {
  const rows = columns[0]?.length ?? 0;
  const ranked = columns.map((column, index) => ranks(column, better[index] ?? 'higher'));
  return Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (const column of ranked) {
      const rank = column[row];
      if (rank === undefined) return null;
      sum += rank;
    }
    return ranked.length === 0 ? null : sum / ranked.length;
  });
}
