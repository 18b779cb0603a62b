import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validationSpec, withinSpan } from '#renderer/charts/run-curves.ts';
import { clampedSpan, firstAtLeast, movedSpan, valuesIn, zoomedSpan } from '#renderer/charts/zoom.ts';
import { nearestEpoch, seriesAt } from '#renderer/state/live-series.ts';

const whole = { from: 0, to: 1000 };

describe('the span of a chart', () => {
  test('stays inside the whole, at least as wide as asked, and is none where it is the whole', () => {
    expect(clampedSpan({ from: -50, to: 150 }, whole, 10)).toEqual({ from: 0, to: 200 });
    expect(clampedSpan({ from: 990, to: 1100 }, whole, 10)).toEqual({ from: 890, to: 1000 });
    expect(clampedSpan({ from: 500, to: 501 }, whole, 10)).toEqual({ from: 500, to: 510 });
    expect(clampedSpan({ from: -1, to: 1001 }, whole, 10)).toBeUndefined();
  });

  test('zooms around its centre and moves by a share of its width', () => {
    expect(zoomedSpan({ from: 100, to: 300 }, 0.5, 150)).toEqual({ from: 125, to: 225 });
    expect(zoomedSpan({ from: 100, to: 200 }, 2)).toEqual({ from: 50, to: 250 });
    expect(movedSpan({ from: 100, to: 200 }, -0.25)).toEqual({ from: 75, to: 175 });
  });

  test('the first number that is no smaller is found as by looking at all', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 }), fc.integer({ min: -1, max: 41 }), (list, value) => {
        const rising = [...new Set(list)].sort((a, b) => a - b);
        const found = rising.findIndex((each) => each >= value);
        expect(firstAtLeast(rising, value)).toBe(found < 0 ? rising.length : found);
      }),
    );
  });

  test('a chart of a part spans the values of that part alone', () => {
    const epochs = Int32Array.from({ length: 100 }, (_, at) => at + 1);
    const values = Float64Array.from(epochs, (epoch) => (epoch === 50 ? 9 : 1 + epoch / 1000));
    const run = { model: 'bpr', state: 'finished', epochs: 100, bestEpoch: 50 } as const;
    const spec = validationSpec(run, { key: 'recall@20', stage: 'train', epochs, values });
    expect(withinSpan(spec, undefined)).toBe(spec);
    const part = withinSpan(spec, { from: 10, to: 20 });
    expect(part.x).toMatchObject({ min: 10, max: 20 });
    expect(part.y!.max!).toBeLessThan(2);
    expect(withinSpan(spec, { from: 40, to: 60 }).y!.max!).toBeGreaterThan(9);
    expect([...Array.from(valuesIn({ x: epochs, y: values }, { from: 10, to: 12 }))]).toEqual([1.01, 1.011, 1.012]);
  });
});

test('a reading is of an epoch that is there, and the nearest one is found', () => {
  const series = { key: 'loss', stage: 'train', epochs: Int32Array.of(1, 5, 9), values: Float64Array.of(3, 2, 1) };
  expect([seriesAt(series, 5), seriesAt(series, 6), seriesAt(undefined, 1)]).toEqual([2, undefined, undefined]);
  expect([0, 2.9, 3.1, 8, 20].map((x) => nearestEpoch(series, x))).toEqual([1, 1, 5, 9, 9]);
});
