/** Order and widths of the columns of the runs table. Pure. */
import type { ViewColumn } from '#contract/runs-table.ts';

/** A column is no narrower than its sorting arrow and no wider than a window; a link or a file may ask for either. */
export const columnWidths = { least: 40, most: 800, step: 16 } as const;
/** The column of names holds its box, state and marks as well. */
export const nameWidths = { least: 180, most: 900 } as const;

export const within = (width: number, { least, most }: { readonly least: number; readonly most: number }): number =>
  Number.isFinite(width) ? Math.round(Math.max(least, Math.min(most, width))) : least;

/** Stands for the column of names, which is always there. */
export const nameColumn = 'name';

/** Columns in order with the widths a person gave them, and that of the names. */
export interface Widths {
  readonly columns: readonly ViewColumn[];
  readonly nameWidth: number | undefined;
}

/** A column made so wide, without a width as at first; those before it are shown so wide and stay so, else the edge would wander. */
export interface Sizing {
  readonly key: string;
  readonly width: number | undefined;
  readonly before: readonly { readonly key: string; readonly width: number }[];
}

export function sized(
  { columns, nameWidth }: Widths,
  { key, width, before }: Sizing,
): { columns: ViewColumn[]; nameWidth: number | undefined } {
  const shown = new Map(before.map((each) => [each.key, each.width]));
  const name = key === nameColumn ? width : (nameWidth ?? shown.get(nameColumn));
  return {
    nameWidth: name === undefined ? undefined : within(name, nameWidths),
    columns: columns.map((column) => {
      const { width: own, ...rest } = column;
      const wanted = column.key === key ? width : (own ?? shown.get(column.key));
      return wanted === undefined ? rest : { ...rest, width: within(wanted, columnWidths) };
    }),
  };
}

/** Where a column goes when it is moved by `step` places; undefined where it cannot go further. */
export function movedColumn(columns: readonly ViewColumn[], key: string, step: number): ViewColumn[] | undefined {
  const from = columns.findIndex((column) => column.key === key);
  const to = Math.max(0, Math.min(columns.length - 1, from + step));
  if (from < 0 || to === from) return undefined;
  const rest = columns.filter((column) => column.key !== key);
  return [...rest.slice(0, to), columns[from]!, ...rest.slice(to)];
}
