/** Sparse products for some rows alone, and their gradients, which begin with what reaches those rows. */
import type { GpuBuffer } from './dawn.ts';
import { wide } from './products.ts';
import type { Held } from './products.ts';
import { segmentSum } from './rows.ts';
import type { Program, Runner } from './runner.ts';

type Unit = 'f32' | 'vec4<f32>';
const units = [
  ['f32', '0.0'],
  ['vec4<f32>', 'vec4<f32>()'],
] as const;

function byUnit(make: (of: Unit, zero: string) => Program): ReadonlyMap<Unit, Program> {
  return new Map(units.map(([of, zero]) => [of, make(of, zero)]));
}

/** One invocation per place of the result: row rows[i] of (own + matrix · dense) · scale, own left out where adds is 0. */
const chosenRows = byUnit((of, zero) => ({
  name: `rows of a product ${of}`,
  buffers: {
    ...({ offsets: { of: 'u32' }, indices: { of: 'u32' }, entries: { of: 'f32' }, dense: { of } } as const),
    ...({ own: { of }, rows: { of: 'u32' }, out: { of, writes: true } } as const),
  },
  numbers: { count: 'u32', width: 'u32', adds: 'u32', scale: 'f32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  let row = rows[place / n.width];
  let column = place % n.width;
  let last = offsets[row + 1u];
  var sum = ${zero};
  var e = offsets[row];
  while (e < last) {
    let stop = min(e + 32u, last);
    var some = ${zero};
    for (; e < stop; e++) { some += entries[e] * dense[indices[e] * n.width + column]; }
    sum += some;
  }
  if (n.adds == 1u) { sum += own[row * n.width + column]; }
  out[place] = sum * n.scale;`,
}));

/** (own + matrix · dense) · scale over all rows, where row r of dense and own stands at chosen[places[r]] and is zero where that is −1. */
const fromRows = byUnit((of, zero) => ({
  name: `product from rows ${of}`,
  buffers: {
    ...({ offsets: { of: 'u32' }, indices: { of: 'u32' }, entries: { of: 'f32' }, chosen: { of } } as const),
    ...({ places: { of: 'i32' }, out: { of, writes: true } } as const),
  },
  numbers: { count: 'u32', width: 'u32', adds: 'u32', scale: 'f32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  let row = place / n.width;
  let column = place % n.width;
  let last = offsets[row + 1u];
  var sum = ${zero};
  var e = offsets[row];
  while (e < last) {
    let stop = min(e + 32u, last);
    var some = ${zero};
    for (; e < stop; e++) {
      let at = places[indices[e]];
      if (at >= 0) { some += entries[e] * chosen[u32(at) * n.width + column]; }
    }
    sum += some;
  }
  let own = places[row];
  if (n.adds == 1u && own >= 0) { sum += chosen[u32(own) * n.width + column]; }
  out[place] = sum * n.scale;`,
}));

const addToRows = byUnit((of) => ({
  name: `add to rows ${of}`,
  buffers: { rows: { of: 'u32' }, values: { of }, out: { of, writes: true } },
  numbers: { count: 'u32', width: 'u32' },
  lanes: 128,
  body: `
  if (place >= n.count) { return; }
  out[rows[place / n.width] * n.width + place % n.width] += values[place];`,
}));

/** Distinct rows among those that were named, and the gradients that reach them added up, in the order given. */
export interface Reached {
  readonly rows: Int32Array;
  /** Place of each row of the table among them, −1 where it has none. */
  readonly places: Int32Array;
  readonly sums: GpuBuffer;
}

export function reached(gpu: Runner, values: GpuBuffer, named: Int32Array, height: number, tableWidth: number): Reached {
  const places = new Int32Array(height).fill(-1);
  const rows: number[] = [];
  const placeOf = named.map((row) => {
    if (places[row]! < 0) places[row] = rows.push(row) - 1;
    return places[row]!;
  });
  const sums = gpu.scratch(Math.max(1, rows.length) * tableWidth * 4);
  if (rows.length > 0) segmentSum(gpu, values, placeOf, rows.length, sums, tableWidth);
  return { rows: Int32Array.from(rows), places, sums };
}

/** Rows of (own + matrix · dense) · scale, own undefined: left out. */
export function productRows(
  gpu: Runner,
  held: Held,
  { dense, own, rows, out }: { dense: GpuBuffer; own?: GpuBuffer; rows: Int32Array; out: GpuBuffer },
  tableWidth: number,
  scale: number,
): void {
  const { of, width } = wide(tableWidth);
  const count = rows.length * width;
  const buffers = [...held.buffers, dense, own ?? gpu.scratch(4), gpu.put(rows), out];
  gpu.each(chosenRows.get(of)!, buffers, [count, width, own === undefined ? 0 : 1, scale], count);
}

/** (x + matrix · x) · scale for x with few rows that are not zero; without x itself where it is not added. */
export function productFromRows(
  gpu: Runner,
  held: Held,
  { places, sums }: Reached,
  out: GpuBuffer,
  { tableWidth, isAdded, scale }: { tableWidth: number; isAdded: boolean; scale: number },
): void {
  const { of, width } = wide(tableWidth);
  const count = held.rows * width;
  gpu.each(fromRows.get(of)!, [...held.buffers, sums, gpu.put(places), out], [count, width, isAdded ? 1 : 0, scale], count);
}

/** out[rows[i]] += values[i]; rows are distinct. */
export function addRows(gpu: Runner, rows: Int32Array, values: GpuBuffer, out: GpuBuffer, tableWidth: number): void {
  const { of, width } = wide(tableWidth);
  const count = rows.length * width;
  gpu.each(addToRows.get(of)!, [gpu.put(rows), values, out], [count, width], count);
}
