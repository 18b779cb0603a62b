import { csvText } from '#contract/csv-text.ts';
import type { ChartLine } from './line.ts';

/** What lines draw, as CSV with all digits: one row for every point. */
export function lineCsv(lines: readonly ChartLine[], x: string, y: string): string {
  const rows = [['line', x, y, 'sd'].map(csvText).join(',')];
  for (const { label, points, spread } of lines)
    for (let index = 0; index < points.x.length; index++)
      rows.push([csvText(label), points.x[index]!, points.y[index]!, spread?.[index] ?? ''].join(','));
  return `${rows.join('\r\n')}\r\n`;
}

/** Any drawn data as CSV with all digits; empty where there is no value. */
export function rowsCsv(header: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const field = (value: string | number | undefined) => (typeof value === 'string' ? csvText(value) : String(value ?? ''));
  return `${[header, ...rows].map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}
