/**
 * The goals of the interface by number: what is measured, the bound it is judged by on a test machine of two idle cores, and the one for
 * the reference workstation. Pure.
 */
export type Unit = 'ms' | 's' | '%' | 'MB' | 'rows' | 'clicks' | 'requests';

export interface Goal {
  readonly number: number;
  readonly title: string;
  readonly unit: Unit;
  /** Met below it; with `exactly` only at it, and with `atMost` also at it. */
  readonly target: number;
  readonly met: 'below' | 'atMost' | 'exactly';
  /** What the reference workstation is held to. */
  readonly workstation?: number;
}

const below = (number: number, title: string, unit: Unit, target: number, workstation: number): Goal => ({
  number,
  title,
  unit,
  target,
  met: 'below',
  workstation,
});
const exactly = (number: number, title: string, unit: Unit, target: number): Goal => ({ number, title, unit, target, met: 'exactly' });

export const goals = {
  filter: below(5, 'filter 10,000 runs, key to painted rows', 'ms', 100, 50),
  sort: below(5, 'sort 10,000 runs, key to painted rows', 'ms', 100, 50),
  filterMany: below(6, 'filter 100,000 runs, key to painted rows', 'ms', 400, 200),
  sortMany: below(6, 'sort 100,000 runs, key to painted rows', 'ms', 400, 200),
  longPaint: below(12, 'a million points: first paint', 'ms', 600, 250),
  spike: exactly(15, 'planted one-sample spike visible at all zooms', '%', 100),
} as const satisfies Readonly<Record<string, Goal>>;

export type GoalId = keyof typeof goals;

/** Goals that are not measured here, and why. */
export const notJudged: readonly { readonly number: number; readonly title: string; readonly reason: string }[] = [];

export function isMet({ target, met }: Goal, value: number): boolean {
  if (met === 'exactly') return value === target;
  return met === 'atMost' ? value <= target : value < target;
}
