/**
 * Names of lines in a column right of them, each with a dotted leader from its line's end: a name never lies over another line, and
 * names of lines that end close to each other stand below each other. Pure.
 */
import { markerPaths, type ModelIdentity } from '#renderer/state/model-identity.ts';
import type { ChartSize } from './echart.svelte.ts';
import type { ChartTheme } from './theme.ts';

export interface EndLabel {
  readonly text: string;
  readonly colour: string;
  /** Where the line ends, px. */
  readonly x: number;
  readonly y: number;
  /** At the right edge, under "at best epoch". */
  readonly value?: string;
  /** Of the model. */
  readonly marker?: Pick<ModelIdentity, 'shape' | 'dashed'>;
}

const pitch = 16;
/** Between the plot and a name, of a marker before it, and of a value behind it, px. */
const [leaderRoom, markerRoom, valueRoom] = [30, 16, 50];
const fontOf = (theme: ChartTheme): string => `12px ${theme.font}`;

/** Room right of the plot in which these names stand whole behind their markers, px. */
export function endLabelRoom(names: readonly string[], theme: ChartTheme, widthOf: (text: string, font: string) => number): number {
  // ECharts cuts what comes within a pixel of its width.
  return leaderRoom + markerRoom + Math.ceil(Math.max(0, ...names.map((name) => widthOf(name, fontOf(theme))))) + 1;
}

/** Middles at least `pitch` apart, as near to the wanted ones as their order allows, inside [low, high] where they fit. */
export function stacked(wanted: readonly number[], low: number, high: number, gap = pitch): readonly number[] {
  const order = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]! || a - b);
  const places = [...wanted];
  let next = low;
  for (const at of order) {
    places[at] = Math.max(next, places[at]!);
    next = places[at]! + gap;
  }
  // What was pushed below the end goes up again, and takes what it meets along.
  let limit = high;
  for (const at of [...order].reverse()) {
    places[at] = Math.min(limit, places[at]!);
    limit = places[at]! - gap;
  }
  return places;
}

/** As markerLook draws it in markup. */
function markerStyle({ shape, dashed }: Pick<ModelIdentity, 'shape' | 'dashed'>, colour: string): Record<string, unknown> {
  const { open } = markerPaths[shape];
  return {
    ...{ fill: open ? null : colour, fillOpacity: dashed ? 0.25 : 1, stroke: open || dashed ? colour : null },
    lineWidth: shape === 'plus' || shape === 'cross' ? 2.2 : 1.5,
    ...(open && dashed ? { lineDash: [2, 1] } : {}),
  };
}

/** Graphic elements of ECharts for names that begin `room` px from the right edge. */
export function endLabelGraphics(
  labels: readonly EndLabel[],
  { room, top, bottom }: { readonly room: number; readonly top: number; readonly bottom: number },
  theme: ChartTheme,
  size: ChartSize,
): Record<string, unknown>[] {
  const places = stacked(
    labels.map(({ y }) => y),
    labels.some(({ value }) => value !== undefined) ? Math.max(top, 22) : top,
    bottom,
  );
  const column = size.width - room + 26;
  const hasValues = labels.some(({ value }) => value !== undefined);
  const heading = {
    ...{ type: 'text', silent: true, x: size.width - 4, y: 0 },
    style: { text: 'at best epoch', fill: theme.ink3, font: `11px ${theme.font}`, align: 'right', verticalAlign: 'top' },
  };
  const rows = labels.flatMap(({ text, colour, x, y, value, marker }, at) => {
    const middle = places[at]!;
    const elbow = size.width - room + 8;
    return [
      {
        type: 'polyline',
        silent: true,
        shape: {
          points: [
            [Math.min(x + 4, elbow), y],
            [elbow, y],
            [column - 4, middle],
          ],
        },
        style: { stroke: colour, lineWidth: 1, lineDash: [1, 3], fill: null },
      },
      {
        type: 'text',
        silent: true,
        x: column + (marker === undefined ? 0 : markerRoom),
        y: middle,
        style: {
          ...{ text, fill: theme.ink, font: fontOf(theme), verticalAlign: 'middle', overflow: 'truncate' },
          width: room - leaderRoom - (marker === undefined ? 0 : markerRoom) - (hasValues ? valueRoom : 0),
        },
      },
      ...(marker === undefined
        ? []
        : [
            {
              ...{ type: `marker-${marker.shape}`, silent: true, x: column, y: middle - 6 },
              style: markerStyle(marker, colour),
            },
          ]),
      ...(value === undefined
        ? []
        : [
            {
              ...{ type: 'text', silent: true, x: size.width - 4, y: middle },
              style: { text: value, fill: theme.ink2, font: fontOf(theme), align: 'right', verticalAlign: 'middle' },
            },
          ]),
    ];
  });
  return hasValues ? [heading, ...rows] : rows;
}
