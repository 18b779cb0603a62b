import { csvText } from '#contract/csv-text.ts';

/** Rows of text as a CSV file; what reads as a number keeps its sign, all other text is kept from being run as a formula. */
export function textCsv(rows: readonly (readonly string[])[]): string {
  const field = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? csvText(text) : text);
  return `${rows.map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}

/** Any drawn data as CSV with all digits; empty where there is no value. */
export function rowsCsv(header: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const field = (value: string | number | undefined) => (typeof value === 'string' ? csvText(value) : String(value ?? ''));
  return `${[header, ...rows].map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}
