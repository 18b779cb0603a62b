/**
 * Sums of hops over a graph whose matrix G is held in blocks (sparse.ts), tables in two halves. Σ_{k<c} Gᵏ is (1 + G² + G⁴ …)(1 + G) for an
 * even count c and 1 + G·Σ_{k<c−1} Gᵏ for an odd one; 1 + G is held as a matrix of its own, so up to three layers cost their products and
 * no pass over a whole table besides.
 */
import type { RowsView } from '../../device.ts';
import type { Pointer } from './c-api.ts';
import { chosenRows, scatterSum } from './scatter.ts';
import { types } from './session.ts';
import { lowerProduct, multiply, multiplyTurned, multiplyVariant } from './sparse.ts';
import type { Blocks, Side, TensorflowMatrix } from './sparse.ts';
import type { Workspace } from './workspace.ts';

/** Rows before the split and rows from it on. */
interface Halves {
  readonly above: Pointer;
  readonly below: Pointer;
}

function halved(on: Workspace, x: Pointer, at: number, height: number, width: number): Halves {
  return { above: on.rows(x, 0, at, width), below: on.rows(x, at, height - at, width) };
}

function joined(on: Workspace, { above, below }: Halves): Pointer {
  return on.concat([above, below], 0);
}

function hop(on: Workspace, blocks: Blocks, halves: Halves): Halves {
  return { above: multiplyVariant(on, blocks.upper, halves.below), below: lowerProduct(on, blocks, halves) };
}

/** (1 + G) x for a whole table. */
function firstHop(on: Workspace, blocks: Blocks, x: Pointer): Halves {
  return { above: multiplyVariant(on, blocks.upperWithOwn, x), below: multiplyVariant(on, blocks.lowerWithOwn, x) };
}

function added(on: Workspace, a: Halves, b: Halves): Halves {
  return { above: on.each('AddV2', a.above, b.above), below: on.each('AddV2', a.below, b.below) };
}

/** Σ_{k<terms} Gᵏ x as own + G·last, for two terms and more. Not added up, for often only some rows are wanted. */
function summands(on: Workspace, side: Side, blocks: Blocks, x: Pointer, terms: number, width: number): { own: Halves; last: Halves } {
  const whole = halved(on, x, side.split, side.size[0], width);
  if (terms === 2) return { own: whole, last: whole };
  const pair = firstHop(on, blocks, x);
  let sum = pair;
  for (let done = 2; done + 2 < terms; done += 2) sum = added(on, pair, hop(on, blocks, hop(on, blocks, sum)));
  return terms % 2 === 1 ? { own: whole, last: sum } : { own: pair, last: hop(on, blocks, sum) };
}

/** (1/(layers+1)) Σ Gˡ x, whole. */
export function propagated(on: Workspace, side: Side, x: Pointer, layers: number, width: number): Pointer {
  const scale = on.session.constant(1 / (layers + 1));
  if (side.blocks !== undefined && layers > 0) {
    const { own, last } = summands(on, side, side.blocks, x, layers + 1, width);
    return on.each('Mul', joined(on, added(on, own, hop(on, side.blocks, last))), scale);
  }
  let last = x;
  let sum = x;
  for (let l = 0; l < layers; l++) {
    last = multiply(on, side, last, width);
    sum = on.each('AddV2', sum, last);
  }
  return on.each('Mul', sum, scale);
}

/** The same rows of each half. */
function taken(on: Workspace, { above, below }: Halves, places: Halves): Halves {
  return { above: on.gather(above, places.above), below: on.gather(below, places.below) };
}

function placesOf(on: Workspace, { parts }: RowsView): Halves {
  return { above: on.ints(parts[0]), below: on.ints(parts[1]) };
}

/** The outputs of `propagateRows` (device.ts). */
export function propagatedRows(on: Workspace, matrix: TensorflowMatrix, table: Pointer, width: number, view: RowsView): Pointer[] {
  const side = matrix.side(false);
  const places = placesOf(on, view);
  const { split, size, blocks } = side;
  const start = halved(on, table, split, size[0], width);
  const rows = (): Pointer => {
    if (blocks === undefined || view.layers === 0) {
      return joined(on, taken(on, halved(on, propagated(on, side, table, view.layers, width), split, size[0], width), places));
    }
    const { own, last } = summands(on, side, blocks, table, view.layers + 1, width);
    const chosen = chosenRows(on, matrix, view.parts[0]);
    // Of the rows from the split on a batch needs most: all are computed.
    const above =
      chosen === undefined
        ? on.gather(multiplyVariant(on, blocks.upper, last.below), places.above)
        : multiplyVariant(on, chosen, last.below);
    const below = on.gather(lowerProduct(on, blocks, last), places.below);
    return on.each('Mul', joined(on, added(on, taken(on, own, places), { above, below })), on.session.constant(1 / (view.layers + 1)));
  };
  return [rows(), ...(view.withStart ? [joined(on, taken(on, start, places))] : []), ...(view.withLower ? [start.below] : [])];
}

/** A table in halves to which rows are added where they belong; TensorFlow adds in place where nobody else has the table. */
function scattered(on: Workspace, onto: Halves, places: Halves, rows: Halves, counts: readonly [number, number]): Halves {
  const add = (table: Pointer, at: Pointer, values: Pointer, count: number): Pointer => {
    if (count === 0) return table;
    const column = on.run('Reshape', [at, on.session.constantInts([count, 1])], {
      T: { type: types.int32 },
      Tshape: { type: types.int32 },
    });
    return on.run('TensorScatterAdd', [table, column, values], { T: { type: types.float }, Tindices: { type: types.int32 } });
  };
  return { above: add(onto.above, places.above, rows.above, counts[0]), below: add(onto.below, places.below, rows.below, counts[1]) };
}

/** Gradient to the table. Upstream as {@link propagatedRows} hands out. */
export function propagatedRowsGradient(
  on: Workspace,
  matrix: TensorflowMatrix,
  upstream: readonly Pointer[],
  width: number,
  view: RowsView,
): Pointer {
  const side = matrix.side(true);
  const places = placesOf(on, view);
  const { split, size, blocks } = side;
  const height = size[0];
  const counts = [view.parts[0].length, view.parts[1].length] as const;
  const halvesOfRows = (rows: Pointer): Halves => halved(on, rows, counts[0], counts[0] + counts[1], width);
  const terms = view.layers + 1;
  const rows = halvesOfRows(on.each('Mul', upstream[0]!, on.session.constant(1 / terms)));
  const baseAbove = (): Pointer => scatterSum(on, rows.above, [view.parts[0]], split);
  const baseBelow = scatterSum(on, rows.below, [view.parts[1]], height - split);
  const withBase = (halves: Halves): Halves => scattered(on, halves, places, rows, counts);
  let found: Halves;
  if (terms === 1) found = { above: baseAbove(), below: baseBelow };
  else if (blocks === undefined) {
    const whole = joined(on, { above: baseAbove(), below: baseBelow });
    let sum = whole;
    for (let l = 0; l < view.layers; l++) sum = on.each('AddV2', whole, multiply(on, side, sum, width));
    found = halved(on, sum, split, height, width);
  } else {
    const chosen = chosenRows(on, matrix, view.parts[0]);
    const ofAbove = chosen === undefined ? multiplyVariant(on, blocks.lower, baseAbove()) : multiplyTurned(on, chosen, rows.above);
    const ofCorner = blocks.corner === undefined ? ofAbove : on.each('AddV2', ofAbove, multiplyVariant(on, blocks.corner, baseBelow));
    const start: Halves = { above: multiplyVariant(on, blocks.upper, baseBelow), below: ofCorner };
    if (terms === 2) found = withBase(start);
    else if (terms % 2 === 0) {
      let sum = withBase(hop(on, blocks, start));
      for (let done = 4; done + 2 <= terms; done += 2) sum = withBase(hop(on, blocks, hop(on, blocks, sum)));
      found = firstHop(on, blocks, joined(on, sum));
    } else {
      let sum = start;
      for (let done = 2; done + 2 < terms; done += 2) sum = added(on, start, hop(on, blocks, hop(on, blocks, sum)));
      found = withBase(firstHop(on, blocks, joined(on, sum)));
    }
  }
  if (view.withStart) found = scattered(on, found, places, halvesOfRows(upstream[1]!), counts);
  if (view.withLower) found = { ...found, below: on.each('AddV2', found.below, upstream[upstream.length - 1]!) };
  return joined(on, found);
}
