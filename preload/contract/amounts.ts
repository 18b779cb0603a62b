/** Times and sizes in words, the same on the screens and on the command line. Pure. */
import type { Estimate } from './run.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal bytes: "412 GB", "3.2 MB". */
export function bytes(value: number): string {
  let left = value;
  let unit = 0;
  // What would be written as 1000 is one of the next unit.
  while (left >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    left /= 1000;
    unit++;
  }
  return `${unit === 0 || left >= 99.95 ? left.toFixed(0) : left.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** A measured time: "17 ms", "3.2 s", "34 s", "1:08", "2:57:10". */
export function duration(seconds: number): string {
  // An epoch of a small dataset would take "0.0 s".
  if (seconds > 0 && seconds < 0.095) return `${Number((seconds * 1000).toPrecision(2))} ms`;
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
