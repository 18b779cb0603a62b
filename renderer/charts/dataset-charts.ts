/** Pictures of a dataset: popularity by rank and rows over time. Pure. */
import type { Distributions } from '#contract/dataset.ts';
import type { EChartsCoreOption } from 'echarts/core';
import type { ChartSize } from './echart.svelte.ts';
import { axis, lineChart } from './line.ts';
import type { ChartTheme } from './theme.ts';

/** Train rows of the item at each rank, both axes logarithmic; the tail after the mark is dotted. */
export function popularityChart(popularity: Distributions['popularity'], theme: ChartTheme, size: ChartSize): EChartsCoreOption {
  const { ranks, rows, headItems } = popularity;
  // A logarithmic axis has no zero: items nobody has in train are counted in the segments, not drawn here.
  const drawn = ranks.map((rank, index) => ({ rank, rows: rows[index] ?? 0 })).filter((point) => point.rows > 0);
  const head = drawn.filter((point) => point.rank <= headItems);
  const tail = drawn.filter((point) => point.rank >= headItems);
  const points = (list: typeof drawn) => ({ x: list.map((point) => point.rank), y: list.map((point) => point.rows) });
  const last = drawn[drawn.length - 1]?.rank ?? 1;
  return lineChart(
    {
      lines: [
        { id: 'head', label: 'head', points: points(head), colour: 'accent' },
        { id: 'tail', label: 'tail', points: points(tail), colour: 'accent', dash: 'dotted' },
      ],
      x: { log: true, min: 1, max: last },
      y: { log: true, min: 1 },
      marks: [{ x: headItems, label: `tail from rank ${headItems.toLocaleString('en-US')}` }],
      summary: `Train rows by popularity rank: the first ${headItems} items hold ${Math.round(popularity.headShare * 100)} % of rows, ${popularity.tailItems} items form the tail`,
    },
    theme,
    size,
  );
}

/** Rows per time bin, the three parts stacked: train in accent, validation lighter, test in the grey of masked parts. */
export function timelineChart(
  timeline: NonNullable<Distributions['timeline']> & { readonly dropped?: readonly number[] },
  theme: ChartTheme,
  summary: string,
): EChartsCoreOption {
  const centres = timeline.train.map((_, bin) => (timeline.edges[bin]! + timeline.edges[bin + 1]!) / 2);
  const part = (id: string, counts: readonly number[], colour: string, opacity: number) => ({
    id,
    name: id,
    type: 'bar',
    stack: 'rows',
    barWidth: '90%',
    itemStyle: { color: colour, opacity },
    data: counts.map((value, bin) => [centres[bin], value]),
  });
  return {
    animation: false,
    aria: { enabled: true, label: { description: summary } },
    grid: { left: 4, right: 8, top: 8, bottom: 2, containLabel: true },
    xAxis: {
      ...axis('x', {}, theme),
      type: 'time',
      axisLabel: { color: theme.ink3, fontFamily: theme.font, fontSize: 11, hideOverlap: true },
    },
    yAxis: { ...axis('y', { min: 0 }, theme), minInterval: 1 },
    series: [
      part('train', timeline.train, theme.accent, 1),
      part('validation', timeline.validation, theme.accent, 0.45),
      part('test', timeline.test, theme.controlLine, 1),
      ...(timeline.dropped === undefined || timeline.dropped.every((rows) => rows === 0)
        ? []
        : [part('left out', timeline.dropped, theme.line, 1)]),
    ],
  };
}
