/** Rows of the interface benchmark as a table for people and as JSON. Pure. */
import { goals, isMet, type Goal, type GoalId } from './goals.ts';
import type { Repeated } from './repeated.ts';

export interface UiRow {
  /** Of studio.md section 6. */
  readonly number: string;
  readonly goal: string;
  /** Null where it could not be judged; `note` says why. */
  readonly value: number | null;
  readonly unit: string;
  readonly target: number | null;
  readonly met: boolean | null;
  readonly workstation: number | null;
  /** To the fixed work right before. */
  readonly ratio: number | null;
  /** The ratio over that of a base version, 1.2 where this one takes a fifth longer; null without a base. */
  readonly toBase: number | null;
  readonly high: number | null;
  readonly fixedMs: number | null;
  readonly repetitions: number | null;
  readonly note: string;
}

const nothing = { workstation: null, ratio: null, toBase: null, high: null, fixedMs: null, repetitions: null, note: '' };
const named = (goal: Goal) => ({ number: String(goal.number), goal: goal.title, unit: goal.unit, target: goal.target });

export function timedRow(id: GoalId, found: Repeated, note = ''): UiRow {
  const goal: Goal = goals[id];
  const { value, ratio, high, fixedMs, repetitions } = found;
  return {
    ...nothing,
    ...named(goal),
    value,
    met: isMet(goal, value),
    workstation: goal.workstation ?? null,
    // The fixed load is told in milliseconds; shares of a core are a ratio already.
    ratio: goal.unit === '%' ? null : goal.unit === 's' ? ratio * 1000 : ratio,
    high,
    fixedMs,
    repetitions,
    note,
  };
}

export function countedRow(id: GoalId, value: number, note = ''): UiRow {
  const goal: Goal = goals[id];
  return { ...nothing, ...named(goal), value, met: isMet(goal, value), workstation: goal.workstation ?? null, note };
}

export function unjudgedRow(number: string, goal: string, reason: string): UiRow {
  return { ...nothing, number, goal, value: null, unit: '', target: null, met: null, note: `not judged: ${reason}` };
}

/** A measurement that broke: its goals are not met. */
export function failedRow(numbers: readonly number[], error: unknown): UiRow {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const titles = Object.values<Goal>(goals).filter(({ number }) => numbers.includes(number));
  return {
    ...nothing,
    number: String(numbers[0]),
    goal: titles.map(({ title }) => title).join('; '),
    value: null,
    unit: '',
    target: null,
    met: false,
    note: `not measured: ${reason}`,
  };
}

/** Beyond this a version is slower than its base, whatever the machine. */
export const worseFrom = 1.2;

/** Rows beside those of a base version, `{ "rows": […] }` as uiJson writes them: compared by their ratios to the fixed load. */
export function besideBase(rows: readonly UiRow[], base: string): readonly UiRow[] {
  const known = new Map((JSON.parse(base) as { rows: readonly UiRow[] }).rows.map(({ goal, ratio }) => [goal, ratio]));
  return rows.map((row) => {
    const former = known.get(row.goal) ?? null;
    return row.ratio === null || former === null ? row : { ...row, toBase: row.ratio / former };
  });
}

/** `{ "rows": […] }`, numbers to four figures. */
export function uiJson(rows: readonly UiRow[]): string {
  const rounded = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  return JSON.stringify({ rows }, rounded, 2);
}

const figure = (value: number | null) =>
  value === null ? '' : value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** One line: the ratio first where there is one, then the value beside its goal. */
export function uiLine(row: UiRow): string {
  const name = `${row.number.padStart(2)}  ${row.goal}`.padEnd(66);
  if (row.value === null) return `${name} ${row.note}`;
  const ratio = row.ratio === null ? ''.padStart(13) : `${row.ratio.toFixed(2).padStart(5)} × fixed`;
  const value = `${figure(row.value).padStart(7)} ${row.unit}`.padEnd(12);
  const high = row.high === null ? '' : `95 % ${figure(row.high)}`;
  const base = row.toBase === null ? '' : `  ${row.toBase.toFixed(2)} × base${row.toBase > worseFrom ? ', WORSE' : ''}`;
  const target = `goal ${figure(row.target)} ${row.unit}${row.workstation === null ? '' : ` (workstation ${figure(row.workstation)})`}`;
  return `${name} ${ratio}  ${value} ${high.padEnd(10)} ${target.padEnd(36)} ${row.met === true ? 'met' : 'NOT met'}${base}${row.note === '' ? '' : `  ${row.note}`}`;
}
