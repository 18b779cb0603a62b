import type { Random } from '#data/random.ts';

/** Starting values (models.md 0.5). Row-major; draws are taken in row order. */

/** XU: U(±√(6/(rows + columns))). */
export function xavierUniform(random: Random, rows: number, columns: number): Float32Array {
  return uniform(random, rows * columns, Math.sqrt(6 / (rows + columns)));
}

/** XN: normal with variance 2/(rows + columns). */
export function xavierNormal(random: Random, rows: number, columns: number): Float32Array {
  const deviation = Math.sqrt(2 / (rows + columns));
  return Float32Array.from({ length: rows * columns }, () => deviation * random.normal());
}

/** LD, the default of a linear layer: U(±1/√fanIn), for weight and bias alike. */
export function linearDefault(random: Random, fanIn: number, count: number): Float32Array {
  return uniform(random, count, 1 / Math.sqrt(fanIn));
}

/** Stacked user and item tables, each Xavier uniform over its own shape: [users + items, width]. */
export function stackedXavierUniform(random: Random, users: number, items: number, width: number): Float32Array {
  const table = new Float32Array((users + items) * width);
  table.set(xavierUniform(random, users, width));
  table.set(xavierUniform(random, items, width), users * width);
  return table;
}

function uniform(random: Random, count: number, bound: number): Float32Array {
  // A plain loop: of a table of millions `Float32Array.from` takes six times as long, which a run's start would show.
  const values = new Float32Array(count);
  for (let place = 0; place < count; place++) values[place] = (2 * random.uniform() - 1) * bound;
  return values;
}
