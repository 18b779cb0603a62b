/** Order and widths of the columns of the runs table. Pure. */
import type { ViewColumn } from '#contract/runs-table.ts';

/** A column is no narrower than its sorting arrow and no wider than a window; a link or a file may ask for either. */
export const columnWidths = { least: 40, most: 800, step: 16 } as const;
/** The column of names holds its box, state and marks as well. */
export const nameWidths = { least: 180, most: 900 } as const;

export const within = (width: number, { least, most }: { readonly least: number; readonly most: number }): number =>
  Number.isFinite(width) ? Math.round(Math.max(least, Math.min(most, width))) : least;

/** The columns with this one `width` wide, or as at first where none is given; undefined where that changes nothing. */
export function sizedColumn(columns: readonly ViewColumn[], key: string, width: number | undefined): ViewColumn[] | undefined {
  const wanted = width === undefined ? undefined : within(width, columnWidths);
  const former = columns.find((column) => column.key === key);
  if (former === undefined || former.width === wanted) return undefined;
  return columns.map((column) => {
    if (column !== former) return column;
    const { width: _former, ...rest } = column;
    return wanted === undefined ? rest : { ...rest, width: wanted };
  });
}

/** Where a column goes when it is moved by `step` places; undefined where it cannot go further. */
export function movedColumn(columns: readonly ViewColumn[], key: string, step: number): ViewColumn[] | undefined {
  const from = columns.findIndex((column) => column.key === key);
  const to = Math.max(0, Math.min(columns.length - 1, from + step));
  if (from < 0 || to === from) return undefined;
  const rest = columns.filter((column) => column.key !== key);
  return [...rest.slice(0, to), columns[from]!, ...rest.slice(to)];
}
