/** Seconds, milliseconds or microseconds since 1970 by magnitude, as UTC milliseconds (protocol.md 1.3). */
export function timeToMs(value: number): number {
  const size = Math.abs(value);
  if (size < 1e11) return value * 1000;
  if (size < 1e14) return value;
  return value / 1000;
}

/** What {@link parseTime} reads, for messages. */
export const timeForms = 'seconds since 1970, or a date such as 2024-05-31 12:30, 2024/05/31 or 31.05.2024';

/**
 * A number by {@link timeToMs}, an ISO 8601 text, or one of the two other forms in which day and month cannot be taken for each other (2024/5/31
 * and 31.5.2024), as UTC milliseconds; NaN where it is none. A time without zone is UTC.
 */
export function parseTime(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '') return Number.NaN;
  const number = Number(trimmed);
  if (Number.isFinite(number)) return timeToMs(number);
  const date = trimmed
    .replace(/^(\d{4})\/(\d{1,2})\/(\d{1,2})(?!\d)/, (_, year: string, month: string, day: string) => isoDate(year, month, day))
    .replace(/^(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)/, (_, day: string, month: string, year: string) => isoDate(year, month, day));
  if (!/^\d{4}-\d{2}-\d{2}/.test(date)) return Number.NaN;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(date.slice(10));
  const isDateOnly = date.length === 10;
  return Date.parse(isDateOnly || hasZone ? date.replace(' ', 'T') : `${date.replace(' ', 'T')}Z`);
}

function isoDate(year: string, month: string, day: string): string {
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
