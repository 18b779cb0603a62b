/** Numbers, times and sizes as the screens write them. Pure; the locale is English with a thin set of rules of our own. */
import type { Estimate } from '#contract/run.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 19445 → "19,445". */
export function count(value: number): string {
  return whole.format(value);
}

/** "1 run", "12 runs"; the plural is the word with s unless given. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A metric with aligned decimals: 0.0992. */
export function metric(value: number, digits = 4): string {
  return value.toFixed(digits);
}

/** A signed difference with a true minus: "+0.0046", "−0.0008", "0". */
export function signed(value: number, digits = 4): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return '0';
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** 0.0235 → "2.35 %". Small shares keep two significant digits, so that a sparse dataset does not read "0.00 %". */
export function percent(share: number, digits = 2): string {
  const value = share * 100;
  const places = value !== 0 && Math.abs(value) < 0.1 ? 3 : digits;
  return `${value.toFixed(places)} %`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal bytes: "412 GB", "3.2 MB". */
export function bytes(value: number): string {
  let left = value;
  let unit = 0;
  while (left >= 1000 && unit < units.length - 1) {
    left /= 1000;
    unit++;
  }
  return `${unit === 0 || left >= 99.95 ? left.toFixed(0) : left.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** A measured time: "34 s", "1:08", "2:57:10". */
export function duration(seconds: number): string {
  const total = Math.round(seconds);
  if (total < 60) return seconds < 10 ? `${seconds.toFixed(1)} s` : `${total} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}

/** One of "20 s", "4 min", "3 h 10 min": as exact as an estimate deserves. */
function rough(seconds: number): string {
  if (seconds < 55) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${Math.max(1, minutes)} min`;
  const hours = Math.floor(minutes / 60);
  const rest = Math.round((minutes % 60) / 10) * 10;
  if (hours >= 10 || rest === 0) return `${Math.round(minutes / 60)} h`;
  return rest === 60 ? `${hours + 1} h` : `${hours} h ${rest} min`;
}

/** "about 4 min"; an estimate without any basis yet says so. */
export function about(estimate: Estimate | number): string {
  if (typeof estimate !== 'number' && estimate.basis === 'estimating') return 'estimating';
  return `about ${rough(typeof estimate === 'number' ? estimate : estimate.seconds)}`;
}

/** The range behind an estimate, for hover: "3 min to 7 min, from 12 past runs". */
export function range(estimate: Estimate): string {
  if (estimate.basis === 'estimating') return 'no epoch is finished yet';
  return `${rough(estimate.low)} to ${rough(estimate.high)}, ${estimate.basis}`;
}

/** UTC milliseconds in local words: "21 Nov 2026, 10:12". */
export function date(at: number): string {
  const when = new Date(at);
  const month = when.toLocaleString('en-GB', { month: 'short' });
  const two = (value: number) => String(value).padStart(2, '0');
  return `${when.getDate()} ${month} ${when.getFullYear()}, ${two(when.getHours())}:${two(when.getMinutes())}`;
}

/** Clock of a console line: "10:41:07". */
export function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** The first eight letters of a hash. */
export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}
