import { describe, expect, it } from 'vitest';
import type { Series } from '#contract/run.ts';
import { consoleLimit, filterLines, mergeLines, mergeSeries, points, seriesOf, smooth, stagesOf } from '#renderer/state/live-series.ts';

const series = (from: number, values: readonly number[], key = 'loss', stage = 'train'): Series => ({
  key,
  stage,
  epochs: Int32Array.from(values, (_, index) => from + index),
  values: Float64Array.from(values),
});

describe('series of a live run', () => {
  it('grow by what arrives, per stage and key', () => {
    let known = mergeSeries(new Map(), [series(1, [9, 8]), series(1, [5], 'loss', 'pretrain')]);
    known = mergeSeries(known, [series(3, [7])]);
    expect(points(seriesOf(known, 'train', 'loss'))).toEqual([
      [1, 9],
      [2, 8],
      [3, 7],
    ]);
    expect(points(seriesOf(known, 'pretrain', 'loss'))).toEqual([[1, 5]]);
    expect(stagesOf(known)).toEqual(['pretrain', 'train']);
  });

  it('let a later attempt replace the epochs it repeats', () => {
    const known = mergeSeries(mergeSeries(new Map(), [series(1, [9, 8, 7, 6])]), [series(3, [70, 60])]);
    expect(points(seriesOf(known, 'train', 'loss'))).toEqual([
      [1, 9],
      [2, 8],
      [3, 70],
      [4, 60],
    ]);
    expect(points(seriesOf(mergeSeries(known, [series(1, [1])]), 'train', 'loss'))).toEqual([[1, 1]]);
  });

  it('keep what they have when nothing arrives', () => {
    const known = mergeSeries(new Map(), [series(1, [9])]);
    expect(points(seriesOf(mergeSeries(known, [series(1, [])]), 'train', 'loss'))).toEqual([[1, 9]]);
    expect(points(undefined)).toEqual([]);
  });
});

describe('smoothing', () => {
  it('starts at the first value and follows with weight 0.35', () => {
    const result = smooth(Float64Array.of(10, 20));
    expect(result[0]).toBeCloseTo(10, 12);
    // (0.65 · 0.35 · 10 + 0.35 · 20) / (1 − 0.65²)
    expect(result[1]).toBeCloseTo((0.65 * 0.35 * 10 + 0.35 * 20) / (1 - 0.65 ** 2), 12);
  });

  it('keeps a constant and leaves gaps open', () => {
    expect([...smooth(Float64Array.of(3, 3, 3))].every((value) => Math.abs(value - 3) < 1e-12)).toBe(true);
    const gap = smooth(Float64Array.of(1, Number.NaN, 1));
    expect(gap[1]).toBeNaN();
    expect(gap[2]).toBeCloseTo(1, 12);
  });
});

describe('the console', () => {
  const lines = [
    { at: 1, level: 'info' as const, text: 'Epoch 1 loss 9' },
    { at: 2, level: 'warn' as const, text: 'epoch 2 grew' },
    { at: 3, level: 'error' as const, text: 'epoch 3: loss is not a number' },
  ];

  it('is filtered by words and level', () => {
    expect(filterLines(lines, 'EPOCH loss', 'all').map((line) => line.at)).toEqual([1, 3]);
    expect(filterLines(lines, '', 'warn').map((line) => line.at)).toEqual([2, 3]);
    expect(filterLines(lines, 'grew', 'error')).toEqual([]);
  });

  it('is bounded in memory', () => {
    const many = Array.from({ length: consoleLimit }, (_, at) => ({ at, level: 'info' as const, text: 'x' }));
    const merged = mergeLines(many, lines);
    expect(merged).toHaveLength(consoleLimit);
    expect(merged.at(-1)).toEqual(lines[2]);
    expect(mergeLines(many, [])).toBe(many);
  });

  it('does not double when the connection comes back and begins again', () => {
    const next = { at: 4, level: 'info' as const, text: 'stopped' };
    expect(mergeLines(lines, [...lines, next])).toEqual([...lines, next]);
    expect(mergeLines(lines, [lines[2]!, next])).toEqual([...lines, next]);
    expect(mergeLines(lines, [next])).toEqual([...lines, next]);
  });
});
