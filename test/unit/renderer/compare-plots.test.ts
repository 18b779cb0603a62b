import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { metricOf } from '#contract/metrics.ts';
import type { Parameters } from '#contract/parameters.ts';
import { criticalDifferenceDiagram } from '#renderer/charts/critical-difference.ts';
import { stacked } from '#renderer/charts/end-labels.ts';
import { rowsCsv } from '#renderer/charts/figure-data.ts';
import { segmentsDrawing } from '#renderer/charts/segments.ts';
import { slices } from '#renderer/charts/slices.ts';
import { placeOf } from '#renderer/state/point-walk.svelte.ts';

const parameters: Parameters = {
  ...{ metric: metricOf('recall@20')!, missing: 0, models: [], datasets: [], model: 'egra', dataset: 'demo', partial: [] },
  parameters: [
    { key: 'ii_k', isNumber: true, values: [5, 10, 20] },
    { key: 'align', isNumber: false, values: ['direct', 'anchor'] },
  ],
  runs: [
    { id: 'a', seed: 1, settings: { ii_k: 5, align: 'direct' }, value: 0.1 },
    { id: 'b', seed: 2, settings: { ii_k: 5, align: 'anchor' }, value: 0.3 },
    { id: 'c', seed: 1, settings: { ii_k: 20, align: 'anchor' }, value: 0.4 },
  ],
};

describe('slices', () => {
  it('have a plot a setting with the mean of each value that a kept run has', () => {
    const drawn = slices(parameters, new Set(['a', 'b', 'c']), 600);
    const [links, align] = drawn.slices;
    expect(links!.means.map(({ value, mean, n }) => [value, mean, n])).toEqual([
      ['5', 0.2, 2],
      ['20', 0.4, 1],
    ]);
    expect(align!.means.map(({ value, mean }) => [value, mean])).toEqual([
      ['direct', 0.1],
      ['anchor', 0.35],
    ]);
    // A larger value stands higher, a later one further right; both plots share the scale.
    expect(links!.means[1]!.y).toBeLessThan(links!.means[0]!.y);
    expect(links!.means[1]!.x).toBeGreaterThan(links!.means[0]!.x);
    expect(align!.left).toBe(300);
    expect(links!.dots.find(({ id }) => id === 'a')!.y).toBe(align!.dots.find(({ id }) => id === 'a')!.y);
  });

  it('look at kept runs alone, and stand below each other in one column', () => {
    const drawn = slices(parameters, new Set(['c']), 300);
    expect(drawn.slices.map(({ dots }) => dots.map(({ id }) => id))).toEqual([['c'], ['c']]);
    expect(drawn.slices.map(({ left }) => left)).toEqual([0, 0]);
    expect(drawn.slices[1]!.top).toBe(drawn.height / 2);
    expect(slices(parameters, new Set(), 300).slices[0]).toMatchObject({ dots: [], line: '' });
  });
});

describe('a plot of segments', () => {
  const rows = [
    { key: 'a', title: 'A', model: 'mgcn', values: [{ mean: 0.2, sd: 0.05 }, { mean: 0.4 }, {}] },
    { key: 'b', title: 'B', model: 'egra', values: [{ mean: 0.3 }, {}, {}] },
  ];
  const drawn = segmentsDrawing(rows, ['All', 'sparse', 'cold'], { width: 600, height: 300 });

  it('has a dot for every value, none where there is no user, with its spread around it', () => {
    expect(drawn.dots.map(({ key, column }) => `${key}${column}`)).toEqual(['a0', 'a1', 'b0']);
    const [first, second] = drawn.dots;
    expect(first!.high).toBeLessThan(first!.y);
    expect(first!.low).toBeGreaterThan(first!.y);
    expect(second!.low).toBe(second!.high);
    expect(second!.y).toBeLessThan(first!.y);
  });

  it('breaks names between words where columns stand close, as in one column of a paper, and makes room below', () => {
    const names = ['All', 'cold, 0', 'sparse, 1 to 5', '6 to 10', '11 to 20', '21 to 50', 'more than 50'];
    const narrow = segmentsDrawing(rows, names, { width: 346, height: 215 });
    expect(narrow.columns.map(({ lines }) => lines)).toContainEqual(['sparse,', '1 to 5']);
    expect(narrow.columns.map(({ lines }) => lines.join(' '))).toEqual(names);
    const broad = segmentsDrawing(rows, names, { width: 900, height: 215 });
    expect(broad.columns.every(({ lines }) => lines.length === 1)).toBe(true);
    expect(narrow.bottom).toBeLessThan(broad.bottom);
  });

  it('keeps rows of one segment beside each other and inside their column', () => {
    const [a, b] = [drawn.dots[0]!, drawn.dots[2]!];
    expect(b.x).toBeGreaterThan(a.x);
    expect((a.x + b.x) / 2).toBeCloseTo(drawn.columns[0]!.x, 9);
    expect(b.x).toBeLessThan((drawn.columns[0]!.x + drawn.columns[1]!.x) / 2);
  });
});

describe('a critical-difference diagram', () => {
  it('keeps its names inside one column of a paper', () => {
    const names = ['A', 'B', 'C'].map((title, at) => ({ key: title, title, rank: at + 1 }));
    const drawn = criticalDifferenceDiagram(names, [[0, 1]], 1.2, 346);
    for (const { textX } of drawn.names) {
      expect(textX).toBeGreaterThan(80);
      expect(textX).toBeLessThan(266);
    }
    expect(drawn.ticks[0]!.x).toBeLessThan(drawn.ticks[2]!.x);
  });
});

describe('walking points by arrow keys', () => {
  it.each([
    ['ArrowRight', -1, 0],
    ['ArrowRight', 4, 4],
    ['ArrowLeft', -1, 4],
    ['ArrowUp', 0, 0],
    ['ArrowDown', 1, 2],
    ['Home', 3, 0],
    ['End', 0, 4],
  ])('%s at %i leads to %i of 0 … 4', (key, at, next) => expect(placeOf(key, at, 4)).toBe(next));

  it.each([
    ['ArrowRight', 86, 86],
    ['ArrowDown', 80, 86],
    ['ArrowLeft', 86, 76],
    ['ArrowUp', 3, 0],
  ])('%s from %i by ten leads to %i of 0 … 86 and never back at an end', (key, at, next) => expect(placeOf(key, at, 86, 10)).toBe(next));

  it('leaves other keys alone', () => expect(placeOf('t', 1, 4)).toBeUndefined());
});

describe('drawn data as CSV', () => {
  it('keeps all digits, empties and words that a spreadsheet would run', () => {
    const text = rowsCsv(
      ['row', 'mean'],
      [
        ['=x, "y"', 0.1 + 0.2],
        ['b', undefined],
      ],
    );
    expect(parse(text)).toEqual([
      ['row', 'mean'],
      [`'=x, "y"`, '0.30000000000000004'],
      ['b', ''],
    ]);
  });
});

describe('names at line ends', () => {
  it('stand where lines end, below each other where these are close, and inside the plot', () => {
    expect(stacked([50, 20], 0, 100)).toEqual([50, 20]);
    expect(stacked([50, 51, 52], 0, 200)).toEqual([50, 66, 82]);
    expect(stacked([95, 96, 97], 0, 100)).toEqual([68, 84, 100]);
    const places = stacked([10, 99, 98, 97, 96], 0, 100);
    expect(Math.max(...places)).toBe(100);
    const order = [...places].sort((a, b) => a - b);
    for (const [at, place] of order.entries()) if (at > 0) expect(place - order[at - 1]!).toBeGreaterThanOrEqual(16);
  });
});
