import { describe, expect, it } from 'vitest';
import type { Curves } from '#contract/table.ts';
import { curvesSpec, readout, tally } from '#renderer/state/comparison-words.ts';
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
    mean: series('recall@20'),
    sd: Float64Array.from(values.map(() => 0.01)),
    loss: series('loss'),
    seconds: series('train-seconds'),
    bestEpoch: best,
    bestValue: values[best - 1]!,
    stopReason: 'early-stopping',
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
