/** The menu of a column of the runs table, and what its keys do: order, width, place. */
import type { ContextMenuRequest } from '#renderer/state/context-menu.svelte.ts';
import { columnWidths, movedColumn, nameColumn, type Sizing } from '#renderer/state/column-order.ts';
import type { RunsColumn } from '#renderer/state/run-columns.ts';
import type { RunsTable } from '#renderer/state/runs-table.svelte.ts';

/** A column as it is shown, with those before it. */
export type ShownColumn = Pick<RunsColumn, 'key' | 'label' | 'width' | 'canSort'> & Pick<Sizing, 'before'>;

export function moveColumn(table: RunsTable, key: string, step: number): void {
  const next = movedColumn(table.chosenColumns, key, step);
  if (next !== undefined) table.lay('Column moved', { columns: next });
}

export function hideColumn(table: RunsTable, key: string): void {
  table.lay('Column hidden', { columns: table.chosenColumns.filter((column) => column.key !== key) });
}

/** Alt with arrows moves a column, with Shift it makes it narrower or wider. */
export function columnKeys(event: KeyboardEvent, table: RunsTable, { key, width, before }: ShownColumn): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!event.altKey || event.ctrlKey || event.metaKey || step === undefined) return;
  event.preventDefault();
  if (event.shiftKey) table.size({ key, width: width + step * columnWidths.step, before });
  else if (key !== nameColumn) moveColumn(table, key, step);
}

export function columnMenu(table: RunsTable, { key, label, width, canSort, before }: ShownColumn, fit: () => void): ContextMenuRequest {
  const sort = (descending: boolean) => table.lay('Sorted', { sort: [{ field: key === nameColumn ? 'model' : key, descending }] });
  const at = table.chosenColumns.findIndex((column) => column.key === key);
  const size = (wanted: number) => table.size({ key, width: wanted, before });
  const isFirst = (key === nameColumn ? table.view.nameWidth : table.chosenColumns[at]?.width) === undefined;
  const areFirst = table.view.nameWidth === undefined && table.chosenColumns.every((column) => column.width === undefined);
  return {
    label: `Column ${label}`,
    entries: [
      ...(canSort
        ? [
            { label: 'Sort ascending', run: () => sort(false) },
            { label: 'Sort descending', run: () => sort(true) },
          ]
        : []),
      ...(at < 0 && key !== nameColumn
        ? []
        : [
            { label: 'Wider', keys: 'Shift+Alt+→', rule: true, run: () => size(width + 2 * columnWidths.step) },
            { label: 'Narrower', keys: 'Shift+Alt+←', run: () => size(width - 2 * columnWidths.step) },
            { label: 'Fit to content', run: fit },
            { label: 'Width as at first', disabled: isFirst, run: () => table.size({ key, width: undefined, before: [] }) },
            {
              label: 'All widths as at first',
              disabled: areFirst,
              run: () => table.lay('Column widths as at first', withoutWidths(table)),
            },
          ]),
      ...(at < 0
        ? []
        : [
            { label: 'Move left', keys: 'Alt+←', rule: true, disabled: at === 0, run: () => moveColumn(table, key, -1) },
            {
              label: 'Move right',
              keys: 'Alt+→',
              disabled: at === table.chosenColumns.length - 1,
              run: () => moveColumn(table, key, 1),
            },
            { label: 'Hide this column', icon: 'close' as const, rule: true, run: () => hideColumn(table, key) },
          ]),
    ],
  };
}

const withoutWidths = (table: RunsTable) => ({
  columns: table.chosenColumns.map(({ width: _width, ...column }) => column),
  nameWidth: undefined,
});

/** What the cells of a column in sight need, its heading included: each is asked how wide it would be by itself. */
export function fittingWidth(grid: Element, cells: string): number | undefined {
  const found = [...grid.querySelectorAll<HTMLElement>(cells)];
  const widths = found.map((cell) => {
    const { width, maxWidth } = cell.style;
    cell.style.width = 'max-content';
    cell.style.maxWidth = 'none';
    const wide = cell.getBoundingClientRect().width;
    cell.style.width = width;
    cell.style.maxWidth = maxWidth;
    return wide;
  });
  return widths.length === 0 ? undefined : Math.ceil(Math.max(...widths)) + 1;
}
