import { describe, expect, it } from 'vitest';
import { captionText, marksSentence, panelSpans } from '#contract/table-words.ts';
import { formats } from '#export/formats.ts';
import { fitOf, layoutOf } from '#export/latex-layout.ts';
import { manyColumns, options, table } from '#test/fixtures/table.ts';

const latex = options('latex');

describe('the size of a table in print', () => {
  it('is that of the text around where it fits, and nothing is proposed', () => {
    expect(fitOf(table, latex)).toMatchObject({ points: 9, better: [], panels: [{ from: 0, to: 4 }] });
  });

  it('is told where many columns are shrunk, with what would be larger, largest first', () => {
    const fit = fitOf(manyColumns(5), latex);
    expect(fit.points).toBeLessThan(fit.least);
    expect(fit.better[0]).toMatchObject({ arrange: 'stacked', columns: 'two', panels: 3 });
    expect(fit.better[0]!.points).toBeGreaterThanOrEqual(fit.least);
    expect(fit.better.map(({ points }) => points)).toEqual(fit.better.map(({ points }) => points).sort((a, b) => b - a));
    expect(fitOf(manyColumns(5), { ...latex, arrange: 'stacked' })).toMatchObject({ points: fit.better[0]!.points, better: [] });
    // Of one column to two as well.
    expect(fitOf(manyColumns(2), { ...latex, columns: 'one' }).better).toContainEqual(
      expect.objectContaining({ arrange: 'whole', columns: 'two' }),
    );
  });
});

it('shrinks a table that is higher than its page to that, and proposes no panels that would run off it', () => {
  const few = manyColumns(5);
  const high = (rows: number) => ({
    ...few,
    rows: Array.from({ length: rows }, (_, at) => ({ ...few.rows[0]!, key: `row-${at}` })),
    cells: Array.from({ length: rows }, () => few.cells[0]!),
  });
  expect(fitOf(high(20), latex).better.find(({ arrange }) => arrange === 'stacked')?.points).toBeLessThan(7);
  const fit = fitOf(high(250), latex);
  expect(fit).toMatchObject({ isTall: true, better: [] });
  expect(fit.points).toBeLessThan(3);
  expect(formats.latex.write(high(250), latex)).toContain('\\resizebox*{!}{');
  expect(fitOf(few, latex).isTall).toBe(false);
});

describe('panels', () => {
  const panelsOf = (datasets: number, columns: 'one' | 'two') =>
    layoutOf(manyColumns(datasets), { ...latex, arrange: 'stacked', columns }).panels;

  it('hold as many whole datasets as fit, about the same number in each', () => {
    expect(panelsOf(5, 'two')).toEqual([
      { from: 0, to: 8 },
      { from: 8, to: 16 },
      { from: 16, to: 20 },
    ]);
    expect(panelsOf(1, 'two')).toEqual([{ from: 0, to: 4 }]);
  });

  it('break a dataset that is too wide by itself between its columns, and name it over each piece', () => {
    const panels = panelsOf(2, 'one');
    expect(panels.length).toBeGreaterThan(2);
    expect(panels[0]!.from).toBe(0);
    expect(panels.at(-1)!.to).toBe(8);
    for (const [at, { from }] of panels.slice(1).entries()) expect(from).toBe(panels[at]!.to);
    expect(panels.map((panel) => panelSpans(manyColumns(2), panel).datasets.map(({ title }) => title))).toEqual([
      ...[['Baby'], ['Baby']],
      ...[['Sports and Outdoors'], ['Sports and Outdoors']],
    ]);
  });
});

it('breaks a long heading over its columns instead of widening the last of them', () => {
  const name = 'Amazon Reviews 2014, Clothing Shoes and Jewelry, five-core, images and texts';
  const long = { ...table, groups: [table.groups[0]!, { ...table.groups[1]!, name }] };
  const source = formats.latex.write(long, latex);
  expect(source).toMatch(
    /\\multicolumn\{2\}\{c\}\{\\begin\{tabular\}\[b\]\{@\{\}c@\{\}\}Amazon Reviews 2014, .*\\\\ .*texts\\end\{tabular\}\}/,
  );
  expect(fitOf(long, latex).points).toBe(9);
});

describe('a caption', () => {
  const said = { ...table, caption: `Validation, mean \u00b1 sd over 3 seeds; epoch. ${marksSentence} Full ranking.` };

  it('speaks of the marks and deviations that an export shows, and of no others', () => {
    expect(captionText(said, latex)).toContain(marksSentence);
    expect(captionText(said, { ...latex, second: false })).toBe(
      'Validation, mean \u00b1 sd over 3 seeds; epoch. Best in bold, on unrounded values. Full ranking.',
    );
    expect(captionText(said, { ...latex, best: false })).toContain('Second underlined, on unrounded values.');
    expect(captionText(said, { ...latex, best: false, second: false, sd: false })).toBe(
      'Validation, mean over 3 seeds; epoch. Full ranking.',
    );
  });

  it('says nothing of bold in a CSV file, which has none', () => {
    const source = formats.csv.write(said, { ...options('csv'), facts: true });
    expect(source).toContain('mean \u00b1 sd over 3 seeds');
    expect(source).not.toMatch(/bold|underlined/);
  });
});
