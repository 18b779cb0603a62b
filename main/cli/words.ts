import { about } from '#contract/amounts.ts';
import type { Plan } from '#contract/experiment.ts';
import type { Problem } from '#contract/problem.ts';
import type { Estimate } from '#contract/run.ts';

export function estimateText(estimate: Estimate | undefined): string {
  return estimate === undefined ? 'estimating' : about(estimate);
}

/** "9 runs to train, about 2 min; 3 from before reused". */
export function planText({ runs, known, underway, time }: Pick<Plan, 'runs' | 'known' | 'underway' | 'time'>): string {
  const reused = known + underway;
  return `${runs} ${runs === 1 ? 'run' : 'runs'} to train, ${estimateText(time)}${reused === 0 ? '' : `; ${reused} from before reused`}`;
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
