/** Lines over epochs (or any number) as an ECharts option. Pure: same input, same option; nothing here touches the page. */
import type { EChartsCoreOption } from 'echarts/core';
import { markerPaths, modelIdentity } from '#renderer/state/model-identity.ts';
import { decimated, type Points } from './decimate.ts';
import type { ChartSize } from './echart.svelte.ts';
import { endLabelGraphics, type EndLabel } from './end-labels.ts';
import type { ChartTheme } from './theme.ts';

export interface ChartLine {
  readonly id: string;
  /** Shown at the end of the line where `endLabels` is set, and in the summary for readers. */
  readonly label: string;
  /** A part of a line whose name stands at another part of it. */
  readonly isUnnamed?: boolean;
  readonly points: Points;
  /** Colour and marker of this model; without it `colour` is used. */
  readonly model?: string;
  readonly colour?: 'accent' | 'done' | 'controlLine' | 'ink2' | 'mark';
  /** 1.5 unless told; 2 for the line in focus. */
  readonly width?: number;
  readonly opacity?: number;
  readonly dash?: 'solid' | 'dashed' | 'dotted';
  /** Half-width around each y, drawn as a band of 16 %. */
  readonly spread?: ArrayLike<number>;
  /** Best epoch: filled diamond with a drop line; without that line (`drops: false`) it has the colour of its own line. */
  readonly best?: { readonly x: number; readonly y: number; readonly drops?: boolean };
  /** Stands beside the name at the end of the line. */
  readonly value?: string;
  /** End of the line: a cap for an early stop, a dot with a halo for a run that goes on, a cross where it failed. */
  readonly end?: 'cap' | 'live' | 'cross';
}

export interface ChartAxis {
  readonly label?: string;
  readonly min?: number;
  readonly max?: number;
  readonly log?: boolean;
  readonly format?: (value: number) => string;
  /** Where lines and words stand, when the axis does not begin and end on a round number. */
  readonly ticks?: readonly number[];
}

export interface LineChartSpec {
  readonly lines: readonly ChartLine[];
  readonly x?: ChartAxis | undefined;
  readonly y?: ChartAxis | undefined;
  /** Patience left: tinted from the best epoch to the earliest stop, which is dotted. */
  readonly patience?: { readonly from: number; readonly to: number } | undefined;
  /** Linked cross-hair. */
  readonly cursor?: number | undefined;
  readonly marks?: readonly { readonly x: number; readonly label: string; readonly tone?: 'bad' }[];
  /** Room at the right for direct labels, px; 0 without labels. */
  readonly endLabels?: number;
  /** Read instead of the picture: "Validation Recall@20 over 42 epochs, best 0.0631 at 33". */
  readonly summary: string;
}

const defaultFormat = (value: number) => String(Number(value.toPrecision(6)));

function lineColour(line: Pick<ChartLine, 'model' | 'colour'>, theme: ChartTheme): string {
  if (line.model !== undefined) return theme.series[modelIdentity(line.model).slot - 1] ?? theme.accent;
  return theme[line.colour ?? 'accent'];
}

/** Axis parts shared by every chart: hairline grid, labels of 11 px, no tick boxes. */
export function axis(kind: 'x' | 'y', spec: ChartAxis, theme: ChartTheme): Record<string, unknown> {
  return {
    type: spec.log ? 'log' : 'value',
    min: spec.min,
    max: spec.max,
    scale: true,
    splitNumber: kind === 'x' ? 4 : 3,
    axisLine: { show: kind === 'x', lineStyle: { color: theme.line } },
    axisTick: { show: false, ...(spec.ticks === undefined ? {} : { customValues: spec.ticks }) },
    splitLine: { show: kind === 'y', lineStyle: { color: theme.line, width: 1 } },
    axisLabel: {
      color: theme.ink3,
      fontFamily: theme.font,
      fontSize: 11,
      hideOverlap: true,
      formatter: spec.format ?? defaultFormat,
      ...(spec.ticks === undefined ? {} : { customValues: spec.ticks }),
    },
    name: spec.label,
    nameLocation: 'middle',
    nameGap: kind === 'x' ? 24 : 40,
    nameTextStyle: { color: theme.ink3, fontFamily: theme.font, fontSize: 11 },
  };
}

/**
 * A zigzag whose own way, up and down, is so many times as long as the chart is wide is a band: as thin as a hair it looks the same, and
 * a wider stroke would take seven times as long to paint.
 */
const denseShare = 16;
const hairline = 1;

function isDense(points: readonly (readonly [number, number])[], { y }: LineChartSpec, { width, height }: ChartSize): boolean {
  if (y?.min === undefined || y.max === undefined || y.log === true) return points.length > width;
  let way = 0;
  for (let at = 1; at < points.length; at++) way += Math.abs(points[at]![1] - points[at - 1]![1]) || 0;
  return (way / (y.max - y.min)) * height > denseShare * width;
}

const crossSymbol = 'path://M2 0L6 4L10 0L12 2L8 6L12 10L10 12L6 8L2 12L0 10L4 6L0 2Z';

function vertical(x: number, colour: string, type: 'solid' | 'dotted', label?: string, span?: ChartAxis) {
  // Right of the middle the words run back over the chart, so that they are never cut off.
  const scale = (value: number) => (span?.log === true ? Math.log(value) : value);
  const share = span?.max === undefined || span.min === undefined ? 0 : (scale(x) - scale(span.min)) / (scale(span.max) - scale(span.min));
  return {
    xAxis: x,
    lineStyle: { color: colour, width: 1.5, type },
    label: {
      show: label !== undefined,
      formatter: label ?? '',
      color: colour,
      fontSize: 12,
      position: 'end',
      align: share > 0.5 ? 'right' : 'left',
    },
  };
}

function bandSeries(line: ChartLine, colour: string): Record<string, unknown>[] {
  const spread = line.spread;
  if (spread === undefined) return [];
  const { x, y } = line.points;
  const low: [number, number][] = [];
  const high: [number, number][] = [];
  for (let index = 0; index < x.length; index++) {
    const half = spread[index] ?? 0;
    low.push([x[index]!, y[index]! - half]);
    high.push([x[index]!, 2 * half]);
  }
  const base = { type: 'line', stack: `band-${line.id}`, symbol: 'none', silent: true, lineStyle: { opacity: 0 }, animation: false };
  return [
    { ...base, id: `${line.id}/low`, data: low },
    { ...base, id: `${line.id}/high`, data: high, areaStyle: { color: colour, opacity: 0.16 } },
  ];
}

interface NamedPlot {
  readonly grid: Record<string, unknown>;
  readonly top: number;
  readonly bottom: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** Where things lie in a chart whose lines are named at their ends: its margins are set, not found from its words, so that names can be placed. */
function namedPlot({ x, y, endLabels = 0, marks }: LineChartSpec, { width, height }: ChartSize): NamedPlot | undefined {
  if (endLabels <= 0 || x?.min === undefined || x.max === undefined || y?.min === undefined || y.max === undefined) return undefined;
  if (x.log === true) return undefined;
  const left = y.label === undefined ? 44 : 64;
  const top = marks === undefined ? 8 : 24;
  const foot = x.label === undefined ? 26 : 46;
  const [fromX, toX, fromY, toY] = [x.min, x.max, y.min, y.max];
  return {
    grid: { left, right: endLabels, top, bottom: foot, containLabel: false },
    top,
    bottom: height - foot,
    x: (value) => left + ((value - fromX) / (toX - fromX)) * (width - left - endLabels),
    y: (value) => {
      const share = y.log === true ? Math.log(Math.max(value, fromY) / fromY) / Math.log(toY / fromY) : (value - fromY) / (toY - fromY);
      // A line may end beyond an axis that leaves outliers out.
      return height - foot - Math.min(1, Math.max(0, share)) * (height - foot - top);
    },
  };
}

/** The option. At most two points a pixel column reach ECharts, spikes kept. */
export function lineChart(spec: LineChartSpec, theme: ChartTheme, size: ChartSize): EChartsCoreOption {
  // As many as the chart is wide: fewer than the plot has pixels leave gaps in a band drawn as thin as a hair.
  const buckets = Math.max(50, Math.floor(size.width));
  const series: Record<string, unknown>[] = [];
  const labels: EndLabel[] = [];
  const plot = namedPlot(spec, size);
  for (const [index, line] of spec.lines.entries()) {
    const colour = lineColour(line, theme);
    const identity = line.model === undefined ? undefined : modelIdentity(line.model);
    const data = decimated(line.points, buckets, spec.x?.min, spec.x?.max);
    const last = data.filter((point) => Number.isFinite(point[1])).pop();
    const markLines: unknown[] = [];
    if (line.best !== undefined && line.best.drops !== false) {
      const foot = spec.y?.min ?? 'min';
      markLines.push([
        { coord: [line.best.x, line.best.y], symbol: 'none', lineStyle: { color: theme.mark, width: 1.5, type: 'solid' } },
        foot === 'min' ? { xAxis: line.best.x, yAxis: 'min', symbol: 'none' } : { coord: [line.best.x, foot], symbol: 'none' },
      ]);
    }
    if (index === 0) {
      for (const mark of spec.marks ?? []) {
        const [tone, type] = mark.tone === 'bad' ? ([theme.bad, 'dotted'] as const) : ([theme.mark, 'solid'] as const);
        markLines.push(vertical(mark.x, tone, type, mark.label, spec.x));
      }
      if (spec.patience !== undefined && spec.patience.to <= (spec.x?.max ?? Infinity))
        markLines.push(vertical(spec.patience.to, theme.mark, 'dotted'));
      if (spec.cursor !== undefined) markLines.push(vertical(spec.cursor, theme.ink3, 'solid'));
    }
    const points: unknown[] = [];
    if (line.end === 'cap' && last !== undefined)
      points.push({ coord: last, symbol: 'rect', symbolSize: [2, 10], itemStyle: { color: colour } });
    if (line.end === 'cross' && last !== undefined)
      points.push({ coord: last, symbol: crossSymbol, symbolSize: 11, itemStyle: { color: theme.bad } });
    if (line.end === 'live' && last !== undefined) {
      points.push({
        coord: last,
        symbol: 'circle',
        symbolSize: 13,
        itemStyle: { color: 'transparent', borderColor: colour, borderWidth: 1, opacity: 0.5 },
      });
      points.push({ coord: last, symbol: 'circle', symbolSize: 7, itemStyle: { color: colour } });
    }
    // Last, so that a best epoch that is the newest one is not hidden by the live dot.
    if (line.best !== undefined)
      points.push({
        coord: [line.best.x, line.best.y],
        symbol: 'diamond',
        symbolSize: line.best.drops === false ? 10 : 12,
        itemStyle: line.best.drops === false ? { color: colour, borderColor: theme.surface, borderWidth: 1 } : { color: theme.mark },
      });
    series.push(...bandSeries(line, colour), {
      id: line.id,
      name: line.label,
      type: 'line',
      data,
      symbol: identity === undefined ? 'circle' : `path://${markerPaths[identity.shape].path}`,
      symbolSize: data.length === 1 ? 6 : 0,
      showSymbol: data.length === 1,
      lineStyle: {
        width: isDense(data, spec, size) ? hairline : (line.width ?? 1.5),
        color: colour,
        opacity: line.opacity ?? 1,
        type: line.dash ?? (identity?.dashed === true ? 'dashed' : 'solid'),
      },
      itemStyle: { color: colour },
      emphasis: { disabled: true },
      markLine: markLines.length === 0 ? undefined : { silent: true, symbol: 'none', animation: false, data: markLines },
      markPoint: points.length === 0 ? undefined : { silent: true, animation: false, label: { show: false }, data: points },
      markArea:
        index === 0 && spec.patience !== undefined
          ? {
              silent: true,
              animation: false,
              itemStyle: { color: theme.markWash },
              data: [[{ xAxis: spec.patience.from }, { xAxis: Math.min(spec.patience.to, spec.x?.max ?? spec.patience.to) }]],
            }
          : undefined,
      z: line.best === undefined ? 2 : 3,
    });
    if (plot !== undefined && last !== undefined && line.isUnnamed !== true)
      labels.push({
        text: line.label,
        colour,
        x: plot.x(last[0]),
        y: plot.y(last[1]),
        ...(line.value === undefined ? {} : { value: line.value }),
        ...(identity === undefined ? {} : { marker: identity }),
      });
  }
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    aria: { enabled: true, label: { description: spec.summary } },
    ...(plot === undefined ? {} : { graphic: endLabelGraphics(labels, { room: spec.endLabels ?? 0, ...plot }, theme, size) }),
    grid: plot?.grid ?? {
      left: spec.y?.label === undefined ? 8 : 28,
      right: Math.max(12, spec.endLabels ?? 0),
      top: spec.marks === undefined ? 8 : 24,
      bottom: spec.x?.label === undefined ? 4 : 24,
      containLabel: true,
    },
    xAxis: axis('x', spec.x ?? {}, theme),
    yAxis: axis('y', spec.y ?? {}, theme),
    series,
  };
}
