/** Where a column goes when it is moved by `step` places; undefined where it cannot go further. Pure. */
import type { ViewColumn } from '#contract/runs-table.ts';

export function movedColumn(columns: readonly ViewColumn[], key: string, step: number): ViewColumn[] | undefined {
  const from = columns.findIndex((column) => column.key === key);
  const to = Math.max(0, Math.min(columns.length - 1, from + step));
  if (from < 0 || to === from) return undefined;
  const rest = columns.filter((column) => column.key !== key);
  return [...rest.slice(0, to), columns[from]!, ...rest.slice(to)];
}
