/** Seconds, milliseconds or microseconds since 1970 by magnitude, as UTC milliseconds (protocol.md 1.3). */
export function timeToMs(value: number): number {
  const size = Math.abs(value);
  if (size < 1e11) return value * 1000;
  if (size < 1e14) return value;
  return value / 1000;
}

/** A number by {@link timeToMs} or an ISO 8601 text, as UTC milliseconds; NaN where it is neither. A time without zone is UTC. */
export function parseTime(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '') return Number.NaN;
  const number = Number(trimmed);
  if (Number.isFinite(number)) return timeToMs(number);
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return Number.NaN;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(trimmed.slice(10));
  const isDateOnly = trimmed.length === 10;
  return Date.parse(isDateOnly || hasZone ? trimmed.replace(' ', 'T') : `${trimmed.replace(' ', 'T')}Z`);
}
