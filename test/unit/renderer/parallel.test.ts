import { describe, expect, test } from 'vitest';
import { metricOf } from '#contract/metrics.ts';
import type { Parameters } from '#contract/parameters.ts';
import { heightOn, parallel } from '#renderer/charts/parallel.ts';
import { importanceText } from '#renderer/locales/statistics.ts';
import { foldedCells } from '#renderer/state/segment-rows.ts';

/** Runs of one setting, each value once. */
function varied(values: readonly (number | string | boolean)[]): Parameters {
  const isNumber = values.every((value) => typeof value === 'number');
  return {
    ...{ metric: metricOf('recall@20')!, missing: 0 },
    models: [{ id: 'egra', title: 'EGRA', runs: values.length }],
    datasets: [{ id: 'demo', name: 'Demo' }],
    model: 'egra',
    dataset: 'demo',
    parameters: [{ key: 'p', isNumber, values: [...values] }],
    partial: [],
    runs: values.map((value, at) => ({ id: `run-${at}`, seed: 1, settings: { p: value }, value: 0.1 + at / 100 })),
  };
}
const size = { limits: {}, width: 800, height: 360 };
const drawn = (values: readonly (number | string | boolean)[]) => parallel(varied(values), size);
const heights = (values: readonly (number | string | boolean)[]) => drawn(values).runs.map((run) => heightOn(run, 0));

describe('parallel coordinates', () => {
  test('powers stand evenly, and a 0 among them below', () => {
    const [a, b, c] = heights([0.001, 0.01, 0.1]);
    expect(b! - c!).toBeCloseTo(a! - b!, 6);
    const [zero, ...powers] = heights([0, 0.0001, 0.001, 0.01, 0.1]);
    expect(zero).toBe(344);
    expect(powers[0]! - powers[1]!).toBeCloseTo(powers[2]! - powers[3]!, 6);
    expect(zero! - powers[0]!).toBeGreaterThan(30);
    expect(powers[3]).toBe(40);
    // Few steps from 0 are no powers.
    const [, half, one] = heights([0, 0.5, 1]);
    expect(half).toBeCloseTo((344 + one!) / 2, 6);
  });

  test('words, true and false have a place each, and labels that would meet are left out but for the ends', () => {
    expect(heights([false, true])).toEqual([344, 40]);
    expect(heights(['mean', 'sum', 'last'])).toEqual([344, 192, 40]);
    const labels = (values: readonly number[]) => drawn(values).axes[0]!.ticks.map(({ label }) => label);
    const { ticks } = drawn([1, 2, 3, 4, 90]).axes[0]!;
    expect([ticks[0]!.label, ticks[ticks.length - 1]!.label]).toEqual(['1', '90']);
    for (const [at, tick] of ticks.slice(1).entries()) expect(Math.abs(tick.y - ticks[at]!.y)).toBeGreaterThanOrEqual(13);
    expect(labels([1, 2, 3, 4])).toEqual(['1', '2', '3', '4']);
  });
});

test('an importance has a minus sign, and none of a nought', () => {
  expect([-0.262, -0.0001, 0, 0.5].map(importanceText)).toEqual(['−0.262', '0.000', '0.000', '0.500']);
});

test('one reason for all segments of a row is said once', () => {
  const all = { mean: 0.2, n: 3 };
  const none = { n: 0, missing: 'the run kept no per-user values' };
  expect(foldedCells({ cells: [all, none, none, none] })).toEqual([
    { cell: all, span: 1 },
    { cell: none, span: 3 },
  ]);
  expect(foldedCells({ cells: [all, none, all, none] })).toHaveLength(4);
  expect(foldedCells({ cells: [all, { n: 0, missing: 'no users' }, none] })).toHaveLength(3);
});
