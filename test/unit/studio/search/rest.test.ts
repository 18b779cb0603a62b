import { describe, expect, test } from 'vitest';
import type { RunState } from '#contract/run.ts';
import type { TrialRun } from '#store/searches.ts';
import type { TrialRuns } from '#studio/search/outcomes.ts';
import { restOf, type Study } from '#studio/search/rest.ts';

const whole = { seconds: 100, low: 50, high: 200, basis: 'from 3 past runs' };

function run(id: string, state: RunState, more: Partial<TrialRun> = {}): TrialRun {
  const value = state === 'finished' ? 0.1 : null;
  const rest = { dataset: 'demo', seed: 1, known: false, trashed: false, stopReason: null, haltedAt: null, epochs: 0, value };
  return { ...rest, configuration: id, runId: id, state, ...more };
}

const trial = (...runs: (TrialRun | undefined)[]): TrialRuns => ({
  stored: { choice: 0, dataset: 'demo', number: 0, configuration: '', point: {} },
  runs,
});
const halted = (id: string) => run(id, 'stopped', { stopReason: 'successive-halving', haltedAt: 9, value: 0.01 });
const ends = (study: Study, group: readonly TrialRuns[]) => {
  const { later } = restOf(group, study);
  const sum = (end: 'seconds' | 'low' | 'high') => later.reduce((total, estimate) => total + estimate![end], 0);
  return { runs: later.length, seconds: sum('seconds'), low: sum('low'), high: sum('high') };
};

describe('what a search still comes to', () => {
  test('is every trial that its budget allows and that is not proposed yet, with all seeds', () => {
    const study: Study = { trials: 10, seeds: 3, whole, epochs: 60 };
    const group = [trial(run('a', 'finished'), run('b', 'running'), run('c', 'queued'))];
    expect(ends(study, group)).toEqual({ runs: 27, seconds: 2700, low: 1350, high: 5400 });
    expect(restOf(group, study).waiting.size).toBe(0);
    expect(ends({ ...study, trials: 1 }, group)).toMatchObject({ runs: 0 });
  });

  test('is not known where a run’s time is not', () => {
    expect(restOf([], { trials: 2, seeds: 1, whole: undefined, epochs: 60 }).later).toEqual([undefined, undefined]);
  });

  test('with early ends is a range: from every run ended at the first comparison to none ended', () => {
    const halving = { rungs: [9, 27], eta: 3 };
    const study: Study = { trials: 9, seeds: 2, whole, epochs: 90, halving };
    const group = [trial(run('a', 'queued'), undefined), trial(run('b', 'queued'), undefined)];
    const { waiting } = restOf(group, study);
    // 9 epochs all, 18 more a third of them, 63 more a ninth: 22 of 90.
    expect(waiting.get('a')).toEqual({ ...whole, seconds: expect.closeTo(100 * (22 / 90)), low: 5 });
    const found = ends(study, group);
    // Seven trials to come; of nine one is trained to its end, and then gets its second seed.
    expect(found.runs).toBe(7 + 9);
    expect(found.seconds).toBeCloseTo(7 * 100 * (22 / 90) + 100);
    expect(found.low).toBeCloseTo(7 * 5 + 50);
    expect(found.high).toBe(16 * 200);
  });

  test('with early ends leaves out other seeds of what was ended, and those that are queued already', () => {
    const study: Study = { trials: 4, seeds: 3, whole, epochs: 90, halving: { rungs: [9], eta: 2 } };
    const group = [
      trial(halted('a'), undefined, undefined),
      trial(halted('b'), undefined, undefined),
      trial(run('c', 'finished'), run('c2', 'running'), run('c3', 'queued')),
      trial(run('d', 'finished'), undefined, undefined),
    ];
    expect(ends(study, group)).toEqual({ runs: 2, seconds: 200, low: 100, high: 400 });
    expect(restOf(group, study).waiting.size).toBe(0);
  });
});
