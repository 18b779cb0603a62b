import { describe, expect, it } from 'vitest';
import type { Series } from '#contract/run.ts';
import { lineChart } from '#renderer/charts/line.ts';
import { themeOf } from '#renderer/charts/theme.ts';
import { axisNumber, earliestStop, lossSpec, sameDecimals, validationSpec, valueRange } from '#renderer/charts/run-curves.ts';

const series = (values: readonly number[], key = 'loss'): Series => ({
  key,
  stage: 'train',
  epochs: Int32Array.from(values, (_, index) => index + 1),
  values: Float64Array.from(values),
});

const progress = { epoch: 4, bestEpoch: 3, misses: 1, patience: 20, minEpochs: 0 };
const running = { model: 'egra', state: 'running' as const, epochs: 4, progress };

describe('the curves of a running run', () => {
  it('draw the raw loss at 35 % behind its smoothed line, which carries the live end', () => {
    const spec = lossSpec(running, series([9, 8, 7, 6]));
    expect(spec.lines.map((line) => [line.id, line.opacity, line.end])).toEqual([
      ['raw', 0.35, undefined],
      ['smooth', undefined, 'live'],
    ]);
    expect(spec.summary).toBe('Training loss over 4 epochs, from 9 to 6');
  });

  it('mark the best epoch and tint the patience left up to the earliest stop (G23)', () => {
    const spec = validationSpec(running, series([0.01, 0.02, 0.03, 0.025], 'recall@20'));
    expect(spec.lines[0]?.best).toEqual({ x: 3, y: 0.03 });
    expect(spec.patience).toEqual({ from: 3, to: 24 });
    expect(spec.x?.max).toBeGreaterThan(24);
    expect(spec.summary).toContain('best 0.0300 at epoch 3');
  });

  it('keep most of the plot where the run can stop only much later', () => {
    const long = Array.from({ length: 100 }, (_, at) => 0.01 + at / 1e4);
    const late = { epoch: 100, bestEpoch: 100, misses: 0, patience: 20, minEpochs: 1000 };
    const spec = validationSpec({ ...running, epochs: 100, progress: late }, series(long, 'recall@20'));
    expect(spec.patience).toEqual({ from: 100, to: 1021 });
    expect(spec.x!.max! / 100).toBeGreaterThan(1.5);
    expect(spec.x!.max! / 100).toBeLessThan(1.8);
    // The band goes on to the edge; the stop, which lies beyond it, is not drawn.
    const { series: drawn } = lineChart(
      spec,
      themeOf(() => '#000'),
      { width: 400, height: 200 },
    ) as never as {
      series: { markArea?: { data: { xAxis: number }[][] }; markLine?: { data: { xAxis: number }[] } }[];
    };
    expect(drawn[0]!.markArea!.data[0]![1]!.xAxis).toBe(spec.x!.max);
    expect((drawn[0]!.markLine?.data ?? []).some(({ xAxis }) => xAxis === 1021)).toBe(false);
  });

  it('stop at the 21st miss in a row, counted after the smallest number of epochs', () => {
    expect(earliestStop(progress)).toBe(24);
    expect(earliestStop({ epoch: 53, misses: 20, patience: 20, minEpochs: 0 })).toBe(54);
    expect(earliestStop({ epoch: 10, misses: 0, patience: 20, minEpochs: 40 })).toBe(61);
  });

  it('show no window once the run has ended, and a cap where it stopped early', () => {
    const spec = validationSpec(
      { model: 'egra', state: 'finished', epochs: 3, bestEpoch: 2, stopReason: 'early-stopping' },
      series([0.01, 0.02, 0.015]),
    );
    expect(spec.patience).toBeUndefined();
    expect(spec.lines[0]).toMatchObject({ end: 'cap', best: { x: 2, y: 0.02 } });
  });

  it('say so while there is nothing to draw', () => {
    expect(lossSpec(running, undefined)).toMatchObject({ lines: [], summary: 'Training loss: no epoch is finished yet' });
    expect(validationSpec(running, undefined).patience).toBeUndefined();
  });

  it('put a failing loss on a logarithmic axis, unsmoothed, beside the run that did not fail', () => {
    const spec = lossSpec({ model: 'egra', state: 'failed', epochs: 3 }, series([9, 8, 4e7]), {
      log: true,
      beside: { label: 'lr 0.001, same seed', series: series([9, 8, 7]) },
    });
    expect(spec.lines.map((line) => line.id)).toEqual(['raw', 'beside']);
    expect(spec.lines[0]).toMatchObject({ opacity: 1, width: 2, end: 'cross' });
    expect(spec.marks).toEqual([{ x: 3, label: 'failed at epoch 3', tone: 'bad' }]);
    expect(spec.y?.log).toBe(true);
  });
});

describe('axes', () => {
  it('draw means that differ by rounding alone as one value', () => {
    const { min, max } = valueRange([Float64Array.of(0.4, 0.1 + 0.1 + 0.2, 0.39999999999999997)]);
    expect(max! - min!).toBeGreaterThan(0.01);
  });

  it('leave room for marks and never fall below zero for values that do not', () => {
    const range = valueRange([[0, 0.1]]);
    expect(range.min).toBe(0);
    expect(range.max).toBeCloseTo(0.114, 12);
    expect(valueRange([[Number.NaN], []])).toEqual({});
    expect(valueRange([[Number.NaN, 5]]).max).toBeGreaterThan(5);
  });

  it('write numbers as short as their size allows', () => {
    expect(axisNumber(20)).toBe('20');
    expect(axisNumber(0.06)).toBe('0.06');
    expect(axisNumber(0.0061)).toBe('0.0061');
    expect(axisNumber(1e7)).toBe('10⁷');
    expect(axisNumber(2.5e-5)).toBe('2.5 · 10⁻⁵');
    expect(axisNumber(0)).toBe('0');
    expect([9e-4, 9.5e-4, 1e-3].map(sameDecimals([9e-4, 9.5e-4, 1e-3]))).toEqual(['0.00090', '0.00095', '0.00100']);
    expect([0.2, 0.4].map(sameDecimals([0.2, 0.4]))).toEqual(['0.2', '0.4']);
    expect(sameDecimals([1e5, 2e5])(2e5)).toBe('2 · 10⁵');
  });
});
