import { describe, expect, it } from 'vitest';
import { isOutOfPatience, learningRateAt, noObservation, observe, roundAsReported } from '#training/early-stopping.ts';
import type { StoppingRule } from '#training/early-stopping.ts';

/** Epoch at which a series of values stops (from 1), or undefined; with the best epoch then. */
function stopAt(rule: StoppingRule, values: readonly number[]): { epoch: number | undefined; best: number } {
  let state = noObservation;
  for (const [index, value] of values.entries()) {
    state = observe(rule, state, value);
    if (isOutOfPatience(rule, state)) return { epoch: index + 1, best: state.bestEpoch };
  }
  return { epoch: undefined, best: state.bestEpoch };
}

const rule: StoppingRule = { patience: 20, minEpochs: 0, protocol: 'validation' };
const flat = (count: number): number[] => Array.from({ length: count }, () => 0.05);

describe('early stopping', () => {
  it('stops at the 21st epoch in a row without strict gain', () => {
    expect(stopAt(rule, [0.05, ...flat(20)])).toEqual({ epoch: undefined, best: 1 });
    expect(stopAt(rule, [0.05, ...flat(21)])).toEqual({ epoch: 22, best: 1 });
  });

  it('takes an equal value as a miss and the smallest gain as a gain', () => {
    expect(stopAt(rule, [...flat(21), 0.05 + 1e-12, ...flat(20)])).toEqual({ epoch: undefined, best: 22 });
    expect(stopAt({ ...rule, patience: 0 }, [0.05, 0.05])).toEqual({ epoch: 2, best: 1 });
  });

  it('lets a gain of 4e-5 reset patience unrounded, but not rounded as MMRec does (S3)', () => {
    const values = [0.0502, ...flat(20).map(() => 0.05), 0.05024, ...flat(1)];
    expect(stopAt(rule, values)).toEqual({ epoch: undefined, best: 22 });
    expect(stopAt({ ...rule, protocol: 'mmrec' }, values)).toEqual({ epoch: 22, best: 1 });
  });

  it('counts misses only after minEpochs, but keeps the best of all epochs', () => {
    const early: StoppingRule = { ...rule, patience: 2, minEpochs: 10 };
    expect(stopAt(early, [0.09, ...flat(40)])).toEqual({ epoch: 13, best: 1 });
    expect(stopAt({ ...early, minEpochs: 0 }, [0.09, ...flat(40)])).toEqual({ epoch: 4, best: 1 });
  });

  it('observes a first value of zero as the best', () => {
    expect(observe(rule, noObservation, 0)).toEqual({ bestEpoch: 1, bestValue: 0, misses: 0, observed: 1 });
  });

  it('rounds to four decimals with halves to even', () => {
    expect([0.00005, 0.00025, 0.00035, 0.12345678, 0.1].map(roundAsReported)).toEqual([0, 0.0002, 0.0004, 0.1235, 0.1]);
  });

  it('decays the learning rate by c in fifty epochs', () => {
    expect(learningRateAt(1e-3, 0.96, 0)).toBe(1e-3);
    expect(learningRateAt(1e-3, 0.96, 50)).toBe(1e-3 * 0.96);
    expect(learningRateAt(1e-3, 0.96, 25)).toBeCloseTo(1e-3 * Math.sqrt(0.96), 18);
    expect(learningRateAt(1e-3, 1, 700)).toBe(1e-3);
  });
});
