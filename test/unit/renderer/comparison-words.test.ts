import { describe, expect, it } from 'vitest';
import type { Curves } from '#contract/table.ts';
import { curvesSpec, epochSentence, groupedCurves, heldWords, readout, tally, zoomedCurves } from '#renderer/state/comparison-words.ts';
import { changedLines, pieces } from '#renderer/state/source-text.ts';
import { table } from '#test/fixtures/table.ts';

function curve(model: string, values: number[], best: number): Curves['curves'][number] {
  const series = (key: string) => ({
    key,
    stage: 'training',
    epochs: Int32Array.from(values.map((_, at) => at + 1)),
    values: Float64Array.from(values),
  });
  return {
    key: model,
    dataset: 'demo',
    datasetName: 'Demo',
    model,
    title: model.toUpperCase(),
    differences: '',
    inferred: false,
    n: 3,
    runIds: [`${model}-1`],
    whole: values.length,
    held: Int32Array.from(values.map(() => 3)),
    mean: series('recall@20'),
    sd: Float64Array.from(values.map(() => 0.01)),
    loss: series('loss'),
    seconds: series('train-seconds'),
    bestEpoch: best,
    bestValue: values[best - 1]!,
    stopReason: 'early-stopping',
    steps: { state: 'known', perEpoch: 4 },
    sentence: '',
  };
}

describe('the Compare screen in numbers', () => {
  it('counts columns above, equal and below the baseline and skips missing cells', () => {
    expect(tally(table, 2, 1)).toEqual({ above: 2, equal: 1, below: 0 });
    expect(tally(table, 0, 1)).toEqual({ above: 0, equal: 0, below: 3 });
  });

  it('draws the focus thicker with its band, and diamonds at best epochs', () => {
    const spec = curvesSpec({
      curves: [curve('a', [1, 3, 2], 2), curve('b', [1, 2], 2)],
      what: 'mean',
      label: 'R',
      focus: 'a',
      cursor: undefined,
      diamonds: false,
    });
    expect(spec.lines[0]).toMatchObject({ width: 2, best: { x: 2, y: 3 }, end: 'cap' });
    expect(spec.lines[0]?.spread).toBeDefined();
    expect(spec.lines[1]).toMatchObject({ width: 1.5 });
    expect(spec.lines[1]?.best).toBeUndefined();
  });

  it('dots a mean from where seeds have ended, names it once, and keeps cap and diamond where they belong', () => {
    const draw = (best: number) =>
      curvesSpec({
        curves: [{ ...curve('a', [1, 3, 5, 4], best), whole: 2 }],
        ...{ what: 'mean', label: 'R', focus: 'a', cursor: undefined, diamonds: true },
      }).lines;
    const [head, tail] = draw(2);
    expect([...(head!.points.y as Float64Array)]).toEqual([1, 3]);
    expect(head).toMatchObject({ isUnnamed: true, best: { x: 2, y: 3 } });
    expect(head!.end).toBeUndefined();
    // The dotted part begins at the last whole point, so that the line has no gap.
    expect([...(tail!.points.y as Float64Array)]).toEqual([3, 5, 4]);
    expect(tail).toMatchObject({ dash: 'dotted', end: 'cap' });
    expect(tail!.best).toBeUndefined();
    expect(tail!.spread).toHaveLength(3);
    expect(draw(3)[1]).toMatchObject({ best: { x: 3, y: 5 } });
  });

  it('shows a part of the axis with the range of values there, and each name at the part of its line that is in sight', () => {
    const values = Array.from({ length: 40 }, (_, at) => (at === 30 ? 9 : at / 100));
    const spec = curvesSpec({
      curves: [{ ...curve('a', values, 2), whole: 20 }],
      ...{ what: 'mean', label: 'R', focus: 'a', cursor: undefined, diamonds: true },
    });
    expect(zoomedCurves(spec, undefined)).toBe(spec);
    const early = zoomedCurves(spec, { from: 2, to: 10 });
    expect(early.x).toMatchObject({ min: 2, max: 10 });
    expect(early.y!.max).toBeLessThan(0.2);
    expect(early.lines.map(({ isUnnamed }) => isUnnamed === true)).toEqual([false, false]);
    const late = zoomedCurves(spec, { from: 25, to: 35 });
    expect(late.y!.max).toBeGreaterThan(9);
    expect(late.lines.map(({ isUnnamed }) => isUnnamed === true)).toEqual([true, false]);
    const log = curvesSpec({
      curves: [curve('a', values, 2)],
      ...{ what: 'mean', label: 'R', focus: 'a', cursor: undefined, diamonds: true },
      layout: { axis: 'epoch', smoothing: 1, log: true, clips: false },
    });
    expect(zoomedCurves(log, { from: 5, to: 20 }).y!.log).toBe(true);
  });

  it('groups many curves to the mean and spread of each model', () => {
    const runs = (id: string, values: number[]) => ({ ...curve('egra', values, 1), key: id, runIds: [id] });
    const [egra, mgcn] = groupedCurves([runs('x', [1, 2, 3]), runs('y', [3, 4]), runs('z', [5, 6, 9]), curve('mgcn', [7, 8], 2)]);
    expect([...egra!.mean.values]).toEqual([3, 4, 6]);
    expect([...egra!.held]).toEqual([3, 3, 2]);
    expect([2, 3, 4].map((epoch) => heldWords(egra!, epoch))).toEqual(['', '2 of 3 configurations', '']);
    expect(egra!.sd![0]).toBe(2);
    expect(egra).toMatchObject({ n: 3, whole: 2, runIds: ['x', 'y', 'z'], differences: '3 configurations' });
    expect(mgcn).toMatchObject({ key: 'mgcn' });
  });

  it('says at an epoch of how many seeds a mean is, where some have ended', () => {
    const own = { ...curve('a', [1, 3, 5], 2), held: Int32Array.of(3, 3, 1) };
    expect([1, 3, 4].map((epoch) => heldWords(own, epoch))).toEqual(['', '1 of 3 seeds', '']);
    expect(epochSentence([own], 3, 'Recall@20')).toBe('Epoch 3, Recall@20: A 5.0000 (1 of 3 seeds).');
  });

  it('says the best few values at an epoch, and that all have ended', () => {
    const curves = ['a', 'b', 'c', 'd', 'e', 'f'].map((model, at) => curve(model, [at / 10], 1));
    expect(epochSentence(curves, 1, 'Recall@20')).toBe('Epoch 1, Recall@20: F 0.5000, E 0.4000, D 0.3000, C 0.2000, B 0.1000 and 1 more.');
    expect(epochSentence(curves, 9, 'Recall@20')).toBe('Epoch 9: every curve has ended.');
  });

  it('reads out every curve at an epoch, best first, an ended one last without a value', () => {
    expect(
      readout([curve('a', [1, 3], 2), curve('b', [1, 2, 5], 3), curve('c', [9, 9, 9], 1)], 3).map((row) => [row.key, row.value]),
    ).toEqual([
      ['c', 9],
      ['b', 5],
      ['a', undefined],
    ]);
  });
});

describe('the source of an export', () => {
  it('keeps every character when it is coloured', () => {
    const line = 'EGRA$^{a}$ & \\textbf{0.0600}{\\scriptsize\\,$\\pm$.0013} \\\\';
    expect(
      pieces(line, 'latex')
        .map((piece) => piece.text)
        .join(''),
    ).toBe(line);
    expect(pieces(line, 'latex').some((piece) => piece.kind === 'number' && piece.text === '0.0600')).toBe(true);
  });

  it('tints changed lines, and nothing where all is new', () => {
    expect([...changedLines(['a', 'b', 'c'], ['a', 'x', 'c'])]).toEqual([1]);
    expect([...changedLines([], ['a'])]).toEqual([]);
  });
});
