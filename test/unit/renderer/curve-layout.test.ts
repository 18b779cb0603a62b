import { describe, expect, it } from 'vitest';
import type { Curves } from '#contract/table.ts';
import { curvesSpec, epochSentence, groupedCurves, readout, stepless } from '#renderer/state/comparison-words.ts';
import {
  endOf,
  epochAt,
  isTimed,
  overSteps,
  placeAxis,
  placesOf,
  plainLayout,
  standsOn,
  withoutOutliers,
} from '#renderer/state/curve-layout.ts';

const series = (key: string, values: readonly number[], epochs = values.map((_, at) => at + 1)) => ({
  ...{ key, stage: 'training', epochs: Int32Array.from(epochs), values: Float64Array.from(values) },
});

const curve = (key: string, values: readonly number[], seconds: readonly number[]): Curves['curves'][number] => ({
  ...{ key, dataset: 'demo', datasetName: 'Demo', model: key, title: key.toUpperCase(), differences: '', inferred: false, n: 2 },
  ...{ runIds: [key], mean: series('recall@20', values), whole: values.length, loss: series('loss', values) },
  held: Int32Array.from(values.map(() => 2)),
  steps: { state: 'known', perEpoch: 4 },
  ...{ seconds: series('train-seconds', seconds), bestEpoch: 2, bestValue: values[1]!, sentence: '' },
});

const slow = curve('slow', [0.1, 0.4, 0.3], [2, 3, 4]);
const quick = curve('quick', [0.2, 0.3], [1, 1]);

describe('curves over training time', () => {
  it('stand where the seconds of their epochs add up to, also where not every epoch was evaluated', () => {
    expect([...placesOf(slow, slow.mean, 'time')]).toEqual([2, 5, 9]);
    expect([...placesOf(slow, series('loss', [7], [3]), 'time')]).toEqual([9]);
    expect(placesOf(slow, slow.mean, 'epoch')).toBe(slow.mean.epochs);
    expect([endOf(slow, 'time'), endOf(slow, 'epoch')]).toEqual([9, 3]);
  });

  it('are read out at one time, each in the epoch it had reached', () => {
    expect([1.9, 2, 4.9, 5, 9, 9.1].map((seconds) => epochAt(slow, seconds, 'time'))).toEqual([undefined, 1, 1, 2, 3, undefined]);
    const rows = readout([slow, quick], (of) => epochAt(of, 2, 'time'));
    expect(rows.map(({ key, value }) => [key, value])).toEqual([
      ['quick', 0.3],
      ['slow', 0.1],
    ]);
    const time = { words: '2.0 s', epochOf: (of: Curves['curves'][number]) => epochAt(of, 2, 'time') };
    expect(epochSentence([slow, quick], 0, 'Recall@20', time)).toBe('After 2.0 s, Recall@20: QUICK 0.3000, SLOW 0.1000.');
  });

  it('need times: what was recorded without them is none of them', () => {
    expect([isTimed(slow), isTimed(curve('imported', [1, 2], []))]).toEqual([true, false]);
  });

  it('have an axis in seconds', () => {
    const axis = placeAxis(120, 'time');
    expect(axis.max).toBeCloseTo(124.8);
    expect([axis.format?.(0), axis.format?.(100)]).toEqual(['0', '1:40']);
  });
});

describe('the look of curves', () => {
  const spec = (over: Partial<Parameters<typeof curvesSpec>[0]>) =>
    curvesSpec({ curves: [slow, quick], what: 'mean', label: 'R', focus: undefined, cursor: undefined, diamonds: true, ...over });

  it('lets one line lead: it alone drops a line from its best epoch, and none is dimmed', () => {
    const { lines } = spec({ lead: 'slow', values: true });
    expect(lines.map(({ width, opacity, best, value }) => [width, opacity, best?.drops, value])).toEqual([
      [2, 1, true, '0.4000'],
      [1.5, 1, false, '0.3000'],
    ]);
    expect(spec({ lead: 'slow', focus: 'quick' }).lines.map(({ best }) => best?.drops)).toEqual([false, true]);
    expect(spec({}).lines.every(({ best }) => best?.drops === true)).toBe(true);
  });

  it('keeps the raw line behind the smoothed one, and the diamond on the true value', () => {
    const { lines } = spec({ curves: [slow], layout: { ...plainLayout, smoothing: 0.35, axis: 'time' } });
    expect(lines.map(({ id }) => id)).toEqual(['slow/raw', 'slow']);
    expect(lines[0]).toMatchObject({ opacity: 0.35, isUnnamed: true });
    expect([...(lines[0]!.points.y as Float64Array)]).toEqual([0.1, 0.4, 0.3]);
    expect(lines[1]!.points.y[1]).toBeLessThan(0.4);
    expect(lines[1]!.best).toMatchObject({ x: 5, y: 0.4 });
  });

  it('leaves out the outermost hundredths when asked to', () => {
    const values = Array.from({ length: 100 }, (_, at) => at);
    const [kept] = withoutOutliers([values]);
    expect([kept![0], kept![kept!.length - 1], kept!.length]).toEqual([2, 97, 96]);
    const spike = curve('spike', [...values.map(() => 1), 1000], [1]);
    expect(spec({ curves: [spike], layout: { ...plainLayout, clips: true } }).y?.max ?? 0).toBeLessThan(10);
  });
});

describe('curves over steps', () => {
  const few = { ...slow, steps: { state: 'known', perEpoch: 10 } } as const;
  const many = { ...quick, steps: { state: 'known', perEpoch: 25 } } as const;
  const imported = { ...quick, steps: { state: 'logged' } } as const;
  const unknown = { ...quick, steps: { state: 'unknown', reason: 'its log counts epochs, not steps' } } as const;

  it('stand each where its own batches put it, and an imported one where its log has it', () => {
    expect([...placesOf(few, few.mean, 'step')]).toEqual([10, 20, 30]);
    expect([...placesOf(many, many.mean, 'step')]).toEqual([25, 50]);
    expect([...placesOf(imported, imported.mean, 'step')]).toEqual([1, 2]);
    expect([endOf(few, 'step'), endOf(many, 'step')]).toEqual([30, 50]);
    expect([epochAt(few, 25, 'step'), epochAt(many, 25, 'step'), epochAt(many, 24, 'step')]).toEqual([2, 1, undefined]);
  });

  it('leave out what has no known steps, with its reason', () => {
    expect([few, imported, unknown].map((each) => standsOn(each, 'step'))).toEqual([true, true, false]);
    expect(standsOn(unknown, 'epoch')).toBe(true);
    expect(stepless([few, unknown], false)).toEqual(['QUICK: its log counts epochs, not steps']);
  });

  it('of a mean need epochs of one length', () => {
    const alike = groupedCurves([few, { ...few, key: 'other' }]);
    expect(alike[0]!.steps).toEqual({ state: 'known', perEpoch: 10 });
    const [mixed] = groupedCurves([few, { ...few, key: 'other', steps: { state: 'known', perEpoch: 20 } }]);
    expect(mixed!.steps.state).toBe('unknown');
  });

  it('draw a run’s chart so many times as far, with all that stands in it', () => {
    const drawn = overSteps(
      {
        lines: [{ id: 'a', label: 'A', points: { x: Int32Array.of(1, 2), y: [0.1, 0.2] }, best: { x: 2, y: 0.2 } }],
        ...{ x: placeAxis(20, 'epoch'), patience: { from: 2, to: 5 }, cursor: 1, marks: [{ x: 2, label: 'failed' }], summary: '' },
      },
      7,
    );
    expect([...(drawn.lines[0]!.points.x as Float64Array)]).toEqual([7, 14]);
    expect(drawn).toMatchObject({ patience: { from: 14, to: 35 }, cursor: 7, marks: [{ x: 14 }], x: { min: 0, max: 22 * 7 } });
    expect([drawn.lines[0]!.best?.x, drawn.x?.format?.(1500)]).toEqual([14, '1,500']);
  });
});
