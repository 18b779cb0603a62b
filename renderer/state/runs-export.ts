/** The rows of the runs table as a file: all that a query matches, in the table's columns and order, values of papers last. */
import type { SheetFormat } from '#contract/runs-table.ts';
import { counted } from '#renderer/locales/format.ts';
import { isFetched } from './run-columns.ts';
import type { RunsTable } from './runs-table.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';
import type { Target } from './table-selection.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { download } from './export-options.svelte.ts';

export async function exportRuns(table: RunsTable, target: Target, { format, units = false }: ExportFormat): Promise<void> {
  // Columns equal everywhere are folded on the screen, not in a file.
  const columns = [...new Set([...table.constants.keys(), ...table.columns.filter(isFetched).map(({ key }) => key)])];
  const { collapse, reading, group, sort } = table.view;
  const query = 'query' in target ? target.query : { ids: [...target.ids], collapse, reading, group: [...group], sort: [...sort] };
  if (window.avocet !== undefined) {
    const path = await window.avocet.saveFile(`runs.${format}`, 'Export runs');
    if (path === undefined) return;
    const answer = await attempt(() => studio.call('runs.exportTo', { query, columns, format, units, path }));
    if (answer.problem !== undefined) return toasts.fail(answer.problem);
    return toasts.saved(`Saved ${rowsOf(answer.value)} to ${answer.value.path}`, answer.value.path);
  }
  const answer = await attempt(() => studio.call('runs.export', { query, columns, format, units }));
  if (answer.problem !== undefined) return toasts.fail(answer.problem);
  download(answer.value.fileName, answer.value.content as Uint8Array<ArrayBuffer>);
  toasts.say(`${rowsOf(answer.value)} exported`);
}

function rowsOf({ rows, reported }: { readonly rows: number; readonly reported: number }): string {
  return reported === 0 ? counted(rows, 'row') : `${counted(rows, 'row')} and ${counted(reported, 'reported row')}`;
}

export interface ExportFormat {
  readonly id: string;
  readonly format: SheetFormat;
  readonly title: string;
  /** A row of units below the header. */
  readonly units?: boolean;
}

/** What the menus offer, in their order. */
export const exportFormats: readonly ExportFormat[] = [
  { id: 'csv', format: 'csv', title: 'CSV' },
  { id: 'csv-units', format: 'csv', title: 'CSV with a row of units', units: true },
  { id: 'xlsx', format: 'xlsx', title: 'Excel workbook' },
  { id: 'parquet', format: 'parquet', title: 'Parquet' },
];
