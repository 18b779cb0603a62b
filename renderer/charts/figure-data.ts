import { csvText } from '#contract/csv-text.ts';

/** Any drawn data as CSV with all digits; empty where there is no value. */
export function rowsCsv(header: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const field = (value: string | number | undefined) => (typeof value === 'string' ? csvText(value) : String(value ?? ''));
  return `${[header, ...rows].map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}
