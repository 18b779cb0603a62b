import type { Problem } from '#contract/problem.ts';
import type { Estimate } from '#contract/run.ts';

/** Seconds for people: "40 s", "about 4 min", "2 h 10 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function estimateText(estimate: Estimate | undefined): string {
  return estimate === undefined ? 'estimating' : `about ${duration(estimate.seconds)}`;
}

/** A problem as lines: what, where, what to do. */
export function problemLines(problem: Problem): string[] {
  const place = problem.where === undefined ? '' : `${problem.where}: `;
  return [`${place}${problem.message}`, ...(problem.fix === undefined ? [] : [`  ${problem.fix}`])];
}

/** Columns padded to the widest cell; numbers to the right. */
export function columns(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const isNumber = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[\d.,\u2212+-]*( ± [\d.]+)?$/.test(row[column] ?? '')),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isNumber[column] === true ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)];
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
