import { describe, expect, it } from 'vitest';
import { boundText, judge } from '#studio/reproduction/judgement.ts';

const three = { kind: 'relative', limit: 0.03 } as const;

describe('judge', () => {
  it('takes a relative bound to both sides, the edge included', () => {
    const at = (mean: number) => judge([mean, mean, mean], 0.1, three).verdict;
    expect([at(0.0971), at(0.1029), at(0.0969), at(0.1031)]).toEqual(['within', 'within', 'outside', 'outside']);
    expect(judge([0.5, 0.5, 0.5], 1, { kind: 'relative', limit: 0.5 }).verdict).toBe('within');
    expect(judge([0.08, 0.09, 0.1], 0.1, three)).toMatchObject({
      difference: expect.closeTo(-0.01, 12),
      relative: expect.closeTo(-0.1, 12),
    });
  });

  it('takes an absolute bound in the units of the metric', () => {
    const noise = { kind: 'absolute', limit: 0.0009 } as const;
    expect(judge([0.094, 0.0942, 0.0944], 0.0938, noise).verdict).toBe('within');
    expect(judge([0.094, 0.0952, 0.0964], 0.0938, noise).verdict).toBe('outside');
  });

  it('asks whether a further seed would be as far off: mean ± 4.303 · sd · √(4/3) for three', () => {
    // sd 0.001, so 0.00497 to both sides of 0.1.
    const values = [0.099, 0.1, 0.101];
    expect(judge(values, 0.1049, three).isLikeASeed).toBe(true);
    expect(judge(values, 0.105, three).isLikeASeed).toBe(false);
    expect(judge(values, 0.0951, undefined)).toMatchObject({ isLikeASeed: true, verdict: 'no bound' });
  });

  it('decides nothing on two seeds, on none and against an obstacle', () => {
    expect(judge([0.1, 0.1], 0.1, three)).toEqual({ difference: 0, relative: 0, verdict: 'not decidable', why: '2 seeds of 3' });
    expect(judge([], 0.1, three)).toEqual({ verdict: 'not decidable', why: 'no run has finished' });
    expect(judge([], 0.1, undefined)).toEqual({ verdict: 'no bound' });
    expect(judge([0.1, 0.1, 0.1], 0.1, three, 'cut at 5 epochs')).toMatchObject({ verdict: 'not decidable', why: 'cut at 5 epochs' });
  });
});

it('a bound is said as a share or in units', () => {
  expect([boundText(three), boundText({ kind: 'absolute', limit: 0.0009 })]).toEqual(['± 3 %', '± 0.0009']);
});
