/** The context menu of a chart: the same commands as beside it, for every chart there is. */
import type { MenuEntry } from '#renderer/components/menu-entry.ts';
import { words } from '#renderer/locales/en-menus.ts';
import { copyText } from '#renderer/state/clipboard.ts';
import type { ContextMenuRequest } from '#renderer/state/context-menu.svelte.ts';
import { figures } from '#renderer/state/figures.svelte.ts';
import { keyboard } from '#renderer/state/shortcuts.svelte.ts';
import { chartRows, tabbed } from './chart-rows.ts';
import { textCsv } from './figure-data.ts';
import type { Draw } from './figure.ts';
import { readTheme } from './theme.ts';

export interface ChartMenu {
  /** What is read instead of the picture. */
  readonly summary: string;
  /** Rows with their head. */
  readonly rows: () => readonly (readonly string[])[];
  /** Present where the place can show the table instead of the chart. */
  readonly showTable?: (() => void) | undefined;
  readonly saveFigure?: (() => void) | undefined;
}

export function chartMenu({ summary, rows, showTable, saveFigure }: ChartMenu): ContextMenuRequest {
  const copy = async () => {
    const found = rows();
    await copyText(tabbed(found), words.copiedRows(found.length - 1));
  };
  const entries: MenuEntry[] = [
    ...(showTable === undefined
      ? []
      : [
          {
            label: words.showTable,
            icon: 'table' as const,
            ...(keyboard.hint('chart.table') === undefined ? {} : { keys: keyboard.hint('chart.table')! }),
            run: showTable,
          },
        ]),
    { label: words.copyTable, icon: 'copy', run: () => void copy() },
    ...(saveFigure === undefined ? [] : [{ label: words.saveFigure, icon: 'disk' as const, rule: true, run: saveFigure }]),
    { label: words.copySummary, icon: 'note', rule: saveFigure === undefined, run: () => void copyText(summary) },
  ];
  return { label: words.chart, entries };
}

/** Of a chart drawn by ECharts: its data and figure come from what draws it. Far wider than any screen, nothing is decimated. */
export function drawnChartMenu(element: HTMLElement, draw: Draw, showTable?: () => void): ContextMenuRequest {
  const summary = element.getAttribute('aria-label') ?? '';
  const rows = () => chartRows(draw(readTheme(element), { width: 2_000_000, height: 400 }));
  const data = () => textCsv(rows());
  const name =
    summary
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 40) || 'chart';
  return chartMenu({ summary, rows, showTable, saveFigure: () => figures.save({ name, summary, draw, data }) });
}
