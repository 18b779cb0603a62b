import { describe, expect, test } from 'vitest';
import { goals, isMet, notJudged } from '#test/bench/ui/goals.ts';
import { spent, type TraceEvent } from '#test/bench/ui/main-thread.ts';
import { besideBase, failedRow, timedRow, uiJson, uiLine } from '#test/bench/ui/ui-report.ts';
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

describe('rows', () => {
  const found = { value: 150, ratio: 1.5, high: 160, fixedMs: 100, fixedSpread: 0.1, repetitions: 7 };

  test('as JSON say goal, value, unit, target and whether it is met', () => {
    const { rows } = JSON.parse(uiJson([timedRow('pivot', found)])) as { rows: unknown[] };
    expect(rows).toMatchObject([{ goal: goals.pivot.title, value: 150, unit: 'ms', target: 400, met: true, ratio: 1.5 }]);
  });

  test('are set beside a base by their ratio to the fixed load: a slow machine is no slow version', () => {
    const base = uiJson([timedRow('pivot', { ...found, value: 10, ratio: 1.2 }), timedRow('csv', { ...found, value: 1, ratio: 0.01 })]);
    const [pivot, csv, group] = besideBase(
      [timedRow('pivot', found), timedRow('csv', { ...found, ratio: 0.005 }), timedRow('group', found)],
      base,
    );
    expect(pivot!.toBase).toBeCloseTo(1.25);
    expect(csv!.toBase).toBeCloseTo(0.5);
    expect(group!.toBase).toBe(null);
    expect(uiLine(pivot!)).toContain('1.25 × base, WORSE');
    expect(uiLine(csv!)).not.toContain('WORSE');
  });

  test('of what broke name its goals and the reason, and are not met', () => {
    const row = failedRow([11], new Error('no worker\nat line 3'));
    expect(row).toMatchObject({ number: '11', met: false, value: null, note: 'not measured: no worker' });
    expect(row.goal).toContain(goals.bootstrap.title);
    expect(row.goal).toContain(goals.cancelled.title);
  });
});

test('the widest table has 210 columns, each once', () => {
  expect(new Set(wideColumns).size).toBe(210);
});

describe('what the main thread spends', () => {
  const event = (name: string, ts: number, dur = 0, tid = 1): TraceEvent => ({ name, ph: dur > 0 ? 'X' : 'I', pid: 1, tid, ts, dur });

  test('a task belongs to the frame marked within it; waiting and other threads are not counted', () => {
    const { frames, longestTask, busy, lasted } = spent([
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
    expect([busy, lasted]).toEqual([12, 49]);
  });

  test('a trace without the marks is no measurement', () => {
    expect(() => spent([event('RunTask', 1, 5)])).toThrow('no marks');
  });
});
