import { describe, expect, test } from 'vitest';
import { endLabelGraphics, endLabelRoom } from '#renderer/charts/end-labels.ts';
import { binPosition, histogramChart, widerFrom } from '#renderer/charts/histogram.ts';
import { lineChart } from '#renderer/charts/line.ts';
import type { ChartTheme } from '#renderer/charts/theme.ts';
import { cards } from '#models/cards.ts';
import { markerPaths, markerShapes, modelIdentity } from '#renderer/state/model-identity.ts';

const theme: ChartTheme = {
  ink: '#000001',
  ink2: '#000002',
  ink3: '#000003',
  line: '#000004',
  lineStrong: '#000005',
  surface: '#000006',
  paper: '#000007',
  accent: '#000008',
  mark: '#000009',
  markWash: '#00000a',
  done: '#00000b',
  controlLine: '#00000c',
  warn: '#00000d',
  bad: '#00000e',
  font: 'Inter',
  series: Array.from({ length: 12 }, (_, index) => `#0001${String(index).padStart(2, '0')}`),
};
const size = { width: 300, height: 100 };

interface DrawnSeries {
  id: string;
  data: [number, number][];
  lineStyle: { color: string; width: number };
  markPoint?: { data: { symbol: string; symbolSize: number; itemStyle: { color: string }; coord: [number, number] }[] };
  markArea?: unknown;
  areaStyle?: { opacity: number };
}

const seriesOf = (option: ReturnType<typeof lineChart>) => option['series'] as DrawnSeries[];

describe('lineChart', () => {
  const points = { x: [1, 2, 3], y: [0.1, 0.3, 0.2] };

  test('gives a model its own colour and marks the best epoch with a filled diamond of 12 px', () => {
    const option = lineChart(
      { lines: [{ id: 'v', label: 'EGRA', points, model: 'egra', best: { x: 2, y: 0.3 } }], summary: 's' },
      theme,
      size,
    );
    const [line] = seriesOf(option);
    expect(line!.lineStyle).toMatchObject({ color: theme.series[modelIdentity('egra').slot - 1], width: 1.5 });
    expect(line!.markPoint!.data[0]).toMatchObject({
      symbol: 'diamond',
      symbolSize: 12,
      coord: [2, 0.3],
      itemStyle: { color: theme.mark },
    });
  });

  test('never hands ECharts more than two points a pixel', () => {
    const x = Float64Array.from({ length: 200_000 }, (_, index) => index);
    const [line] = seriesOf(
      lineChart({ lines: [{ id: 'l', label: 'l', points: { x, y: x }, colour: 'accent' }], summary: 's' }, theme, size),
    );
    expect(line!.data.length).toBeLessThanOrEqual(2 * size.width + 4);
  });

  test('draws a band of 16 % around a mean and nothing filled without one', () => {
    const withBand = seriesOf(
      lineChart({ lines: [{ id: 'm', label: 'm', points, spread: [0.01, 0.02, 0.01] }], summary: 's' }, theme, size),
    );
    expect(withBand.find((series) => series.id === 'm/high')).toMatchObject({
      areaStyle: { opacity: 0.16 },
      data: [
        [1, 0.02],
        [2, 0.04],
        [3, 0.02],
      ],
    });
    expect(seriesOf(lineChart({ lines: [{ id: 'm', label: 'm', points }], summary: 's' }, theme, size))).toHaveLength(1);
  });

  test('describes itself for readers', () => {
    expect(lineChart({ lines: [], summary: 'Validation Recall@20 over 42 epochs' }, theme, size)['aria']).toMatchObject({
      enabled: true,
      label: { description: 'Validation Recall@20 over 42 epochs' },
    });
  });
});

describe('histogramChart', () => {
  test('places a mark by value inside its bin, on logarithmic bins by ratio', () => {
    expect(binPosition([0, 10, 20], 15, 'linear')).toBe(1.5);
    expect(binPosition([1, 10, 100], Math.sqrt(1000), 'log')).toBeCloseTo(1.5, 12);
    expect(binPosition([1, 10, 100], 0.5, 'log')).toBe(0);
    expect(binPosition([1, 10, 100], 500, 'log')).toBe(2);
  });

  test('draws one bar a bin in a colour that means no model', () => {
    const option = histogramChart({ histogram: { scale: 'linear', edges: [0, 1, 2], counts: [3, 4] }, warn: [0], summary: 's' }, theme);
    const [bars] = option['series'] as { data: { value: number[]; itemStyle: { color: string } }[] }[];
    expect(bars!.data).toEqual([
      { value: [0, 3], itemStyle: { color: theme.warn } },
      { value: [1, 4], itemStyle: { color: theme.accent } },
    ]);
  });
});

describe('models', () => {
  test('every model looks like no other, the well-known in hues of their own', () => {
    const ids = ['bpr', 'lightgcn', 'vbpr', 'freedom', 'mgcn', 'egra', 'siger', 'bm3'];
    expect(new Set(ids.map((id) => modelIdentity(id).slot)).size).toBe(ids.length);
    const looks = cards.map(({ id }) => modelIdentity(id)).map(({ slot, shape, dashed }) => `${slot} ${shape} ${dashed}`);
    expect(new Set(looks).size).toBe(cards.length);
    expect(modelIdentity('somebody-elses-model')).toEqual(modelIdentity('somebody-elses-model'));
    expect(modelIdentity('somebody-elses-model').dashed).toBe(true);
  });

  test('every shape can be drawn', () => {
    for (const shape of markerShapes) expect(markerPaths[shape].path).toMatch(/^M[\d.]/);
  });
});

describe('names right of a figure', () => {
  test('stand whole behind their markers, however wide the page sets them', () => {
    const widthOf = (text: string, font: string) => (font === '12px Inter' ? text.length * 7.9 : 0);
    const names = ['LightGCN', 'EGRA'];
    const room = endLabelRoom(names, theme, widthOf);
    const labels = names.map((text) => ({ text, colour: '#000', x: 0, y: 50, marker: { shape: 'disc', dashed: false } as const }));
    const drawn = endLabelGraphics(labels, { room, top: 0, bottom: 100 }, theme, { width: 347, height: 215 });
    const texts = drawn.filter(({ type }) => type === 'text') as { x: number; style: { text: string; width: number; font: string } }[];
    expect(texts.map(({ style }) => style.text)).toEqual(names);
    for (const { x, style } of texts) {
      // A pixel less is where ECharts begins to cut.
      expect(style.width - 1).toBeGreaterThanOrEqual(widthOf(style.text, style.font));
      expect(x + widthOf(style.text, style.font)).toBeLessThanOrEqual(347);
    }
  });
});

describe('bins', () => {
  const bins = (edges: readonly number[], scale: 'linear' | 'log') =>
    widerFrom({ edges: [...edges], counts: edges.slice(1).map(() => 1), scale });

  test('cut on a log scale are called wider only from where they are', () => {
    expect(bins([0, 1, 2, 3, 5, 9], 'log')).toBe(3);
    expect(bins([0, 1, 2, 3, 4], 'log')).toBeUndefined();
    expect(bins([0, 1, 2, 4], 'linear')).toBeUndefined();
  });
});
