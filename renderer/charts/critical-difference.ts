/** Places of a critical-difference diagram (Demšar 2006): an axis of mean ranks, best left, names in two columns, bars over what is not told apart. Pure. */
export interface RankedName {
  readonly key: string;
  readonly title: string;
  readonly rank: number;
}

export interface Diagram {
  readonly width: number;
  readonly height: number;
  readonly axisY: number;
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
  /** From the axis down to the name's line, then out to its name. */
  readonly names: readonly {
    readonly key: string;
    readonly title: string;
    readonly rank: number;
    readonly x: number;
    readonly y: number;
    readonly side: 'left' | 'right';
    readonly textX: number;
  }[];
  readonly bars: readonly { readonly from: number; readonly to: number; readonly y: number }[];
  /** The critical difference drawn above the axis from rank 1. */
  readonly ruler: { readonly from: number; readonly to: number; readonly y: number } | undefined;
}

const pitch = 22;
const barPitch = 8;

export function criticalDifferenceDiagram(
  rows: readonly RankedName[],
  groups: readonly (readonly number[])[],
  criticalDifference: number | undefined,
  width: number,
): Diagram {
  // Room for names at both sides; in one column of a paper they take a third.
  const margin = Math.min(168, width * 0.34);
  const least = 1;
  const most = Math.max(2, rows.length);
  const x = (rank: number) => margin + ((rank - least) / (most - least)) * (width - 2 * margin);
  const axisY = criticalDifference === undefined ? 28 : 52;
  const order = rows.map((row, index) => ({ ...row, index })).sort((a, b) => a.rank - b.rank || a.index - b.index);
  const firstNameY = axisY + 18 + groups.length * barPitch;
  const half = Math.ceil(order.length / 2);
  const names = order.map((row, place) => {
    const side = place < half ? ('left' as const) : ('right' as const);
    // Leaders do not cross: the outermost ranks have the topmost names.
    const line = side === 'left' ? place : order.length - 1 - place;
    return {
      key: row.key,
      title: row.title,
      rank: row.rank,
      x: x(row.rank),
      y: firstNameY + line * pitch,
      side,
      textX: side === 'left' ? margin - 24 : width - margin + 24,
    };
  });
  return {
    width,
    height: firstNameY + Math.max(half, order.length - half) * pitch,
    axisY,
    ticks: Array.from({ length: most }, (_, at) => ({ x: x(at + 1), label: String(at + 1) })),
    names,
    bars: groups.map((group, at) => {
      const ranks = group.map((index) => rows[index]!.rank);
      return { from: x(Math.min(...ranks)) - 4, to: x(Math.max(...ranks)) + 4, y: axisY + 12 + at * barPitch };
    }),
    ruler:
      criticalDifference === undefined ? undefined : { from: x(least), to: x(least + Math.min(criticalDifference, most - least)), y: 20 },
  };
}
