/** Counts per bin as bars that touch the axis, from the contract's histograms. Pure. */
import type { Histogram } from '#contract/dataset.ts';
import type { EChartsCoreOption } from 'echarts/core';
import { axis } from './line.ts';
import type { ChartTheme } from './theme.ts';

export interface HistogramSpec {
  readonly histogram: Histogram;
  /** Splits and modalities never use model colours (look.md). */
  readonly colour?: 'accent' | 'done' | 'controlLine';
  /** Vertical marks at values, e.g. a segment bound: { at: 5, label: '5 and fewer: sparse' }. */
  readonly marks?: readonly { readonly at: number; readonly label: string }[];
  /** Bins to tint as a warning, by index. */
  readonly warn?: readonly number[];
  /** Only bars, for a small picture inside a row. */
  readonly bare?: boolean;
  readonly format?: (edge: number) => string;
  readonly summary: string;
}

/**
 * Where bins cut on a log scale become wider than the first: small whole numbers have a bin each, so the first is no measure of the
 * last. Undefined where all bins are alike.
 */
export function widerFrom({ edges, scale }: Histogram): number | undefined {
  if (scale === 'linear' || edges.length < 3) return undefined;
  const first = edges[1]! - edges[0]!;
  return edges.find((edge, index) => index + 1 < edges.length && edges[index + 1]! - edge > 1.5 * first);
}

/** Where a value lies on the bin axis: bin index plus the share inside it; clamped to the ends. */
export function binPosition(edges: readonly number[], value: number, scale: 'linear' | 'log'): number {
  const last = edges.length - 1;
  if (last < 1 || value <= edges[0]!) return 0;
  if (value >= edges[last]!) return last;
  let bin = 0;
  while (value >= edges[bin + 1]!) bin++;
  const [low, high] = [edges[bin]!, edges[bin + 1]!];
  const share = scale === 'log' && low > 0 ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return bin + share;
}

const edgeText = (edge: number) => (Number.isInteger(edge) ? String(edge) : String(Number(edge.toPrecision(3))));

/** The option: the x axis counts bins, its labels are the edges, so linear and logarithmic bins look alike. */
export function histogramChart(spec: HistogramSpec, theme: ChartTheme): EChartsCoreOption {
  const { edges, counts, scale } = spec.histogram;
  const format = spec.format ?? edgeText;
  const colour = theme[spec.colour ?? 'accent'];
  const warned = new Set(spec.warn ?? []);
  const data = counts.map((value, bin) => ({ value: [bin, value], itemStyle: { color: warned.has(bin) ? theme.warn : colour } }));
  return {
    animation: false,
    textStyle: { fontFamily: theme.font },
    aria: { enabled: true, label: { description: spec.summary } },
    grid: spec.bare
      ? { left: 0, right: 0, top: 2, bottom: 1 }
      : { left: 4, right: 8, top: spec.marks === undefined ? 8 : 22, bottom: 2, containLabel: true },
    xAxis: {
      ...axis('x', { min: 0, max: counts.length, format: (position) => format(edges[Math.round(position)] ?? 0) }, theme),
      scale: false,
      show: spec.bare !== true,
      minInterval: 1,
    },
    yAxis: { ...axis('y', { min: 0 }, theme), show: spec.bare !== true, minInterval: 1 },
    series: [
      {
        id: 'bins',
        type: 'custom',
        data,
        renderItem: renderBar,
        encode: { x: 0, y: 1 },
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          data: (spec.marks ?? []).map((mark) => {
            const at = binPosition(edges, mark.at, scale);
            return {
              xAxis: at,
              lineStyle: { color: theme.mark, width: 1.5, type: 'solid' },
              label: {
                formatter: mark.label,
                color: theme.mark,
                fontSize: 12,
                position: 'end',
                distance: 4,
                align: at > counts.length / 2 ? 'right' : 'left',
              },
            };
          }),
        },
      },
    ],
  };
}

interface RenderApi {
  value(dimension: number): number;
  coord(point: [number, number]): [number, number];
  visual(name: string): string;
}

function renderBar(_: unknown, api: RenderApi): unknown {
  const bin = api.value(0);
  const value = api.value(1);
  const [left, top] = api.coord([bin, value]);
  const [right, bottom] = api.coord([bin + 1, 0]);
  const gap = right - left > 6 ? 1.5 : right - left > 3 ? 1 : 0;
  // A bin that holds anything is at least one pixel high: the tail must not vanish.
  const height = value > 0 ? Math.max(1, bottom - top) : 0;
  return {
    type: 'rect',
    shape: { x: left + gap / 2, y: bottom - height, width: Math.max(1, right - left - gap), height },
    style: { fill: api.visual('color') },
  };
}
