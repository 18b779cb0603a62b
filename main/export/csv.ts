import type { ExportFormat } from './format.ts';
import { rowCells } from './format.ts';

/** RFC 4180, UTF-8, dot decimals, 17 significant digits (they restore the double exactly). Text that a spreadsheet would run is escaped. */
export const csv: ExportFormat = {
  id: 'csv',
  extension: 'csv',
  needs: () => [],
  write(table) {
    const header = ['model', 'settings'];
    for (const group of table.groups) {
      for (const metric of table.metrics) {
        const column = `${group.dataset}/${table.part}/${metric.key}`;
        header.push(`${column}/mean`, `${column}/sd`, `${column}/n`);
      }
    }
    const lines = [header.map(text).join(',')];
    for (const [index, row] of table.rows.entries()) {
      const fields = [text(row.model), text(row.differences)];
      for (const cell of rowCells(table, index)) fields.push(number(cell.mean), number(cell.sd), String(cell.n));
      lines.push(fields.join(','));
    }
    return `${lines.join('\r\n')}\r\n`;
  },
};

function text(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function number(value: number | undefined): string {
  return value === undefined ? '' : precise(value);
}

function precise(value: number): string {
  const shortest = String(value);
  return Number(shortest) === value ? shortest : value.toPrecision(17);
}
