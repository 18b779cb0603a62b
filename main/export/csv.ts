import type { TextFormat } from './format.ts';
import { rowCells } from './format.ts';

/** RFC 4180, UTF-8, dot decimals, 17 significant digits (they restore the double exactly). Text that a spreadsheet would run is escaped. */
export const csv: TextFormat = {
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
    const lines = [header.map(csvText).join(',')];
    for (const [index, row] of table.rows.entries()) {
      const fields = [csvText(row.model), csvText(row.differences)];
      for (const cell of rowCells(table, index)) fields.push(csvNumber(cell.mean), csvNumber(cell.sd), String(cell.n));
      lines.push(fields.join(','));
    }
    return `${lines.join('\r\n')}\r\n`;
  },
};

/** A field of text: quoted where it must be, and never a formula. */
export function csvText(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A number with all its digits; empty where there is none. */
export function csvNumber(value: number | undefined): string {
  return value === undefined ? '' : precise(value);
}

function precise(value: number): string {
  const shortest = String(value);
  return Number(shortest) === value ? shortest : value.toPrecision(17);
}
