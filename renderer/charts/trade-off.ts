/** Places of a trade-off plot: one point a row, the front of those nothing beats in both. Pure. */
import { paretoOf } from './pareto.ts';
import { niceTicks } from './ticks.ts';

export interface TradePoint {
  readonly key: string;
  readonly title: string;
  readonly model: string;
  readonly x: number;
  readonly y: number;
}

export interface TradeOff {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly bottom: number;
  readonly points: readonly (TradePoint & {
    readonly cx: number;
    readonly cy: number;
    readonly isFront: boolean;
    readonly labelLeft: boolean;
  })[];
  readonly front: string;
  readonly xTicks: readonly { readonly at: number; readonly value: number }[];
  readonly yTicks: readonly { readonly at: number; readonly value: number }[];
}

const margin = { left: 64, right: 24, top: 16, bottom: 48 };

export function tradeOff(
  points: readonly TradePoint[],
  better: { readonly x: 'higher' | 'lower'; readonly y: 'higher' | 'lower' },
  { width, height }: { readonly width: number; readonly height: number },
): TradeOff {
  const x = scale(
    points.map((point) => point.x),
    margin.left,
    width - margin.right,
  );
  const y = scale(
    points.map((point) => point.y),
    height - margin.bottom,
    margin.top,
  );
  const front = new Set(
    paretoOf(points.map((point) => [better.x === 'higher' ? point.x : -point.x, better.y === 'higher' ? point.y : -point.y] as const)),
  );
  const placed = points.map((point, index) => {
    const cx = x.place(point.x);
    return { ...point, cx, cy: y.place(point.y), isFront: front.has(index), labelLeft: cx > width - margin.right - 120 };
  });
  const line = placed.filter((point) => point.isFront).sort((a, b) => a.cx - b.cx);
  return {
    width,
    height,
    left: margin.left,
    bottom: height - margin.bottom,
    points: placed,
    front: line.map((point, at) => `${at === 0 ? 'M' : 'L'}${point.cx} ${point.cy}`).join(''),
    xTicks: x.ticks,
    yTicks: y.ticks,
  };
}

export interface Area {
  readonly x: { readonly low: number; readonly high: number };
  readonly y: { readonly low: number; readonly high: number };
}

/** The values of the points inside a rectangle of the plot; undefined for one too small to be meant, no point inside keeps none. */
export function areaOf(
  { points }: Pick<TradeOff, 'points'>,
  from: readonly [number, number],
  to: readonly [number, number],
): Area | undefined {
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
  if (right - left < 4 || bottom - top < 4) return undefined;
  const inside = points.filter(({ cx, cy }) => cx >= left && cx <= right && cy >= top && cy <= bottom);
  const ends = (values: readonly number[]) => ({ low: Math.min(...values), high: Math.max(...values) });
  return { x: ends(inside.map(({ x }) => x)), y: ends(inside.map(({ y }) => y)) };
}

/** Whether a point lies in what is kept; a side without a range keeps all. */
export function isInArea({ x, y }: Pick<TradePoint, 'x' | 'y'>, area: Partial<Area>): boolean {
  const within = (value: number, range: Area['x'] | undefined) => range === undefined || (value >= range.low && value <= range.high);
  return within(x, area.x) && within(y, area.y);
}

/** A linear scale over the values with a tenth of air at both ends, and round ticks. */
function scale(values: readonly number[], from: number, to: number) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || Math.abs(most) || 1;
  const [low, high] = [least - 0.1 * span, most + 0.1 * span];
  const place = (value: number) => from + ((value - low) / (high - low)) * (to - from);
  const ticks = niceTicks(low, high, 5).map((value) => ({ at: place(value), value }));
  return { place, ticks };
}
