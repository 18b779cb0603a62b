/** Places of a plot of segments: one column a segment, in it a dot a row with its spread over seeds; rows stand beside each other. Pure. */
import { niceTicks } from './ticks.ts';

export interface SegmentSeries {
  readonly key: string;
  readonly title: string;
  readonly model: string;
  /** Of each column: all users, then the segments. */
  readonly values: readonly { readonly mean?: number | undefined; readonly sd?: number | undefined }[];
}

export interface SegmentsDrawing {
  readonly left: number;
  readonly bottom: number;
  readonly columns: readonly { readonly x: number; readonly name: string }[];
  readonly yTicks: readonly { readonly y: number; readonly label: string }[];
  readonly dots: readonly {
    readonly key: string;
    readonly model: string;
    readonly column: number;
    readonly x: number;
    readonly y: number;
    /** Ends of mean ± sd. */
    readonly low: number;
    readonly high: number;
  }[];
  readonly legend: readonly {
    readonly key: string;
    readonly title: string;
    readonly model: string;
    readonly x: number;
    readonly y: number;
  }[];
}

const margin = { left: 48, right: 12, bottom: 28 };
const legendPitch = 18;
const legendCell = 156;

export function segmentsDrawing(
  rows: readonly SegmentSeries[],
  names: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
): SegmentsDrawing {
  const perLine = Math.max(1, Math.floor(width / legendCell));
  const top = Math.ceil(rows.length / perLine) * legendPitch + 16;
  const bottom = height - margin.bottom;
  const ends = rows.flatMap(({ values }) =>
    values.flatMap(({ mean, sd }) => (mean === undefined ? [] : [mean - (sd ?? 0), mean + (sd ?? 0)])),
  );
  const [lowest, highest] = ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
  const room = (highest - lowest || Math.abs(highest) || 1) * 0.08;
  // Dots are read by their place, so that the axis need not begin at 0.
  const [least, most] = [lowest >= 0 ? Math.max(0, lowest - room) : lowest - room, highest + room];
  const y = (value: number) => bottom - ((value - least) / (most - least)) * (bottom - top);
  const step = (width - margin.left - margin.right) / names.length;
  const apart = Math.min(14, (step * 0.8) / Math.max(1, rows.length));
  return {
    left: margin.left,
    bottom,
    columns: names.map((name, at) => ({ x: margin.left + step * (at + 0.5), name })),
    yTicks: niceTicks(least, most, 4).map((value) => ({ y: y(value), label: String(Number(value.toPrecision(4))) })),
    dots: rows.flatMap(({ key, model, values }, row) =>
      values.flatMap(({ mean, sd }, column) =>
        mean === undefined
          ? []
          : [
              {
                ...{ key, model, column, y: y(mean), low: y(mean - (sd ?? 0)), high: y(mean + (sd ?? 0)) },
                x: margin.left + step * (column + 0.5) + (row - (rows.length - 1) / 2) * apart,
              },
            ],
      ),
    ),
    legend: rows.map(({ key, title, model }, at) => ({
      ...{ key, title, model },
      x: (at % perLine) * legendCell + 8,
      y: Math.floor(at / perLine) * legendPitch + 10,
    })),
  };
}
