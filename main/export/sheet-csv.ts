import { csvText } from '#contract/csv-text.ts';
import { csvNumber, unitRow } from './csv.ts';
import type { Sheet, SheetColumn, SheetValue } from './sheet.ts';

/** RFC 4180, UTF-8, all digits, ISO times; text that a spreadsheet would run is escaped. `units`: a row of them below the header. */
export async function sheetCsv({ columns, portions }: Sheet, units = false): Promise<Uint8Array<ArrayBuffer>> {
  const parts = [`${columns.map(({ key }) => csvText(key)).join(',')}\r\n`];
  if (units) parts.push(`${columns.map(({ unit }, at) => csvText(at === 0 ? unitRow : (unit ?? ''))).join(',')}\r\n`);
  for await (const rows of portions)
    parts.push(rows.map((row) => `${row.map((value, at) => field(value, columns[at]!)).join(',')}\r\n`).join(''));
  return new TextEncoder().encode(parts.join(''));
}

function field(value: SheetValue, { kind }: SheetColumn): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return csvText(value);
  return kind === 'time' ? new Date(value).toISOString() : csvNumber(value);
}
