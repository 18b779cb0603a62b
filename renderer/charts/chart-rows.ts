/** What a chart draws, as rows of text: read from the very option that is drawn. Pure. */
import type { EChartsCoreOption } from 'echarts/core';

interface DrawnSeries {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly silent?: boolean;
  readonly data?: readonly unknown[];
}

interface DrawnAxis {
  readonly name?: string;
  readonly axisLabel?: { readonly formatter?: unknown };
}

/** Head and rows: series, x, y; bands and marks are no data. x of a histogram is the lower edge of its bin, as its axis writes it. */
export function chartRows(option: EChartsCoreOption): readonly (readonly string[])[] {
  const series = ([option['series']].flat() as (DrawnSeries | undefined)[]).filter((each) => each !== undefined);
  const [xAxis, yAxis] = [option['xAxis'], option['yAxis']] as (DrawnAxis | undefined)[];
  const formatter = xAxis?.axisLabel?.formatter;
  const rows = series
    .filter(({ silent, data }) => silent !== true && data !== undefined)
    .flatMap(({ id, name, type, data }) =>
      (data ?? []).flatMap((entry) => {
        const point = (Array.isArray(entry) ? entry : (entry as { value?: unknown } | null)?.value) as unknown;
        if (!Array.isArray(point) || point.length < 2) return [];
        const [x, y] = point as [unknown, unknown];
        const edge = type === 'custom' && typeof formatter === 'function' ? (formatter as (value: unknown) => unknown)(x) : x;
        return [[name ?? id ?? '', String(edge), Number.isNaN(y) ? '' : String(y)]];
      }),
    );
  return [['series', xAxis?.name ?? 'x', yAxis?.name ?? 'y'], ...rows];
}

/** Rows as a spreadsheet takes them from the clipboard. */
export const tabbed = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t')).join('\n');
