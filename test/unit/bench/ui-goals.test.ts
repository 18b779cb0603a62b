import { describe, expect, test } from 'vitest';
import { goals, isMet, notJudged } from '#test/bench/ui/goals.ts';
import { spent, type TraceEvent } from '#test/bench/ui/main-thread.ts';
import { wideColumns } from '#test/bench/ui/table-columns.ts';

describe('goals of the interface', () => {
  test('are whole: each of the 43 is measured, or listed with the reason why it is not, and none is both', () => {
    const measured = new Set(Object.values(goals).map(({ number }) => number));
    const listed = notJudged.flatMap(({ numbers }) => numbers);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((number) => measured.has(number))).toEqual([]);
    expect([...measured, ...listed].sort((a, b) => a - b)).toEqual(Array.from({ length: 43 }, (_, at) => at + 1));
    for (const { reason } of notJudged) expect(reason).not.toBe('');
  });

  test('a bound for any machine is no stricter than the one for the workstation', () => {
    for (const goal of Object.values(goals))
      if ('workstation' in goal) expect(goal.target, goal.title).toBeGreaterThanOrEqual(goal.workstation!);
  });

  test('are met below a bound, at a value, or up to one', () => {
    expect([19.9, 20].map((value) => isMet(goals.scroll, value))).toEqual([true, false]);
    expect([99, 100].map((value) => isMet(goals.spike, value))).toEqual([false, true]);
    expect([0, 1, 2].map((value) => isMet(goals.blank, value))).toEqual([true, true, false]);
    expect(isMet(goals.filter, Number.NaN)).toBe(false);
  });
});

test('the widest table has 210 columns, each once', () => {
  expect(new Set(wideColumns).size).toBe(210);
});

describe('what the main thread spends', () => {
  const event = (name: string, ts: number, dur = 0, tid = 1): TraceEvent => ({ name, ph: dur > 0 ? 'X' : 'I', pid: 1, tid, ts, dur });

  test('a task belongs to the frame marked within it; waiting and other threads are not counted', () => {
    const { frames, longestTask } = spent([
      event('bench begin', 1000),
      event('RunTask', 2000, 6000),
      event('bench frame', 3000),
      event('RunTask', 9000, 1000),
      event('RunTask', 9000, 70_000, 2),
      event('RunTask', 20_000, 3000),
      event('bench frame', 21_000),
      event('RunTask', 40_000, 2000),
      event('bench frame', 41_000),
      event('bench end', 50_000),
      event('RunTask', 60_000, 90_000),
    ]);
    expect(frames).toEqual([7, 3]);
    expect(longestTask).toBe(6);
  });

  test('a trace without the marks is no measurement', () => {
    expect(() => spent([event('RunTask', 1, 5)])).toThrow('no marks');
  });
});
