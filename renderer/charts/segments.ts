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
  readonly top: number;
  readonly bottom: number;
  readonly columns: readonly { readonly x: number; readonly name: string; readonly lines: readonly string[] }[];
  /** From one line of a name to the next. */
  readonly linePitch: number;
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

/** Left there is room for the name of the axis beside its numbers. */
const margin = { left: 60, right: 12, bottom: 28 };
const legendPitch = 18;
const legendCell = 156;

const linePitch = 13;

/** About what 11 px of Inter take; a Chinese sign is as wide as it is high. */
const wide = (text: string) => [...text].reduce((sum, sign) => sum + (sign > '\u2e80' ? 11 : 5.8), 0);

/** A name in lines that fit beside those of its neighbours, broken between words. */
function linesWithin(name: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of name.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && wide(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

export function segmentsDrawing(
  rows: readonly SegmentSeries[],
  names: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
): SegmentsDrawing {
  const perLine = Math.max(1, Math.floor(width / legendCell));
  const top = Math.ceil(rows.length / perLine) * legendPitch + 16;
  const step = (width - margin.left - margin.right) / names.length;
  const broken = names.map((name) => linesWithin(name, step - 4));
  const bottom = height - margin.bottom - linePitch * (Math.max(1, ...broken.map(({ length }) => length)) - 1);
  const ends = rows.flatMap(({ values }) =>
    values.flatMap(({ mean, sd }) => (mean === undefined ? [] : [mean - (sd ?? 0), mean + (sd ?? 0)])),
  );
  const [lowest, highest] = ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
  const room = (highest - lowest || Math.abs(highest) || 1) * 0.08;
  // Dots are read by their place, so that the axis need not begin at 0.
  const [least, most] = [lowest >= 0 ? Math.max(0, lowest - room) : lowest - room, highest + room];
  const y = (value: number) => bottom - ((value - least) / (most - least)) * (bottom - top);
  const apart = Math.min(14, (step * 0.8) / Math.max(1, rows.length));
  return {
    left: margin.left,
    top,
    bottom,
    columns: names.map((name, at) => ({ x: margin.left + step * (at + 0.5), name, lines: broken[at]! })),
    linePitch,
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
