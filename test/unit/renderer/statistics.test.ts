import { describe, expect, it } from 'vitest';
import type { Finding } from '#contract/significance.ts';
import type { Comparison } from '#contract/statistics.ts';
import { criticalDifferenceDiagram } from '#renderer/charts/critical-difference.ts';
import { findingSentence, probability } from '#renderer/locales/statistics.ts';
import { between, forest } from '#renderer/state/statistics-words.ts';

const finding: Finding = {
  n: 5,
  difference: 0.0046,
  interval: [0.0037, 0.0055],
  p: 0.0002,
  adjusted: 0.005,
  effect: 6.2,
  effectName: 'd_z',
  method: 'paired t',
  verdict: 'better',
};
const comparison = (first: string, second: string, found?: Finding): Comparison => ({
  first,
  second,
  column: 0,
  ...(found === undefined ? { note: 'no finished run' } : { finding: found }),
});

describe('a critical-difference diagram', () => {
  const rows = ['a', 'b', 'c', 'd'].map((key, at) => ({ key, title: key, rank: [3.5, 1.25, 2, 3.25][at]! }));
  const drawn = criticalDifferenceDiagram(rows, [[1, 2]], 1.5, 720);

  it('puts ranks on one scale, the best at the left, names outside without crossing leaders', () => {
    const x = Object.fromEntries(drawn.names.map((name) => [name.key, name.x]));
    expect(x['b']!).toBeLessThan(x['c']!);
    expect(x['d']!).toBeLessThan(x['a']!);
    const [first, , , last] = drawn.ticks;
    expect(x['b']).toBeCloseTo(first!.x + 0.25 * (drawn.ticks[1]!.x - first!.x), 10);
    expect(last!.x).toBeLessThan(drawn.width);
    const at = (key: string) => drawn.names.find((name) => name.key === key)!;
    expect([at('b').side, at('c').side, at('d').side, at('a').side]).toEqual(['left', 'left', 'right', 'right']);
    // The outermost rank has the topmost name on either side.
    expect(at('b').y).toBeLessThan(at('c').y);
    expect(at('a').y).toBeLessThan(at('d').y);
    expect(Math.max(...drawn.names.map((name) => name.y))).toBeLessThan(drawn.height);
  });

  it('joins what is not told apart and draws the difference to scale', () => {
    const unit = drawn.ticks[1]!.x - drawn.ticks[0]!.x;
    expect(drawn.bars).toHaveLength(1);
    expect(drawn.bars[0]!.to - drawn.bars[0]!.from).toBeCloseTo(0.75 * unit + 8, 10);
    expect(drawn.ruler!.to - drawn.ruler!.from).toBeCloseTo(1.5 * unit, 10);
    expect(criticalDifferenceDiagram(rows, [], undefined, 720).ruler).toBeUndefined();
  });
});

describe('differences on one scale', () => {
  it('keep order, sign and the band of the least difference', () => {
    const worse = { ...finding, difference: -0.002, interval: [-0.003, -0.001] as [number, number] };
    const { zero, band, lines } = forest([comparison('a', 'z', finding), comparison('b', 'z', worse), comparison('c', 'z')], 0.001);
    expect(lines[2]).toBeUndefined();
    expect(lines[0]!.at).toBeGreaterThan(band[1]);
    expect(lines[1]!.at).toBeLessThan(band[0]);
    expect(band[0]).toBeLessThan(zero);
    expect(lines[0]!.low).toBeLessThan(lines[0]!.at);
    expect(lines[0]!.high).toBeCloseTo(100, 10);
    expect(lines[1]!.low).toBeCloseTo(4, 10);
  });
});

it('finds a pair from either side', () => {
  const all = [comparison('a', 'b', finding)];
  expect(between(all, { row: 'a', other: 'b', column: 0 })).toEqual({ comparison: all[0], isTurned: false });
  expect(between(all, { row: 'b', other: 'a', column: 0 })).toEqual({ comparison: all[0], isTurned: true });
  expect(between(all, { row: 'b', other: 'a', column: 1 })).toBeUndefined();
});

it('says what a test found in one sentence', () => {
  expect(findingSentence(finding)).toBe(
    'Against the baseline +0.0046 (+0.0037 to +0.0055, 95 %); adjusted p 0.0050, raw 0.0002, d_z +6.20. paired t: * better: adjusted p below α and a difference beyond the least one.',
  );
  expect(probability(0.00003)).toBe('< 0.0001');
});
