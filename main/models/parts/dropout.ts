import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import { mul, tensor2d } from '#engine/ops/basic.ts';

/**
 * drop_p as an input of a step (models.md 0.1): 0 where an element is dropped, 1/(1−p) where it is kept, one draw each in row order.
 * An element is kept where its uniform number is at least p, which is what recorded masks are translated to. With p 0 nothing is drawn.
 */
export function dropoutMask(random: Random, count: number, p: number): Float32Array {
  const mask = new Float32Array(count);
  if (p === 0) return mask.fill(1);
  const kept = 1 / (1 - p);
  for (let i = 0; i < count; i++) if (random.uniform() >= p) mask[i] = kept;
  return mask;
}

/** The wanted rows of a mask over a whole table, so that an entity is dropped alike wherever it occurs. */
export function maskOfRows(random: Random, table: { rows: number; width: number }, wanted: Int32Array, p: number): Float32Array {
  const kept = 1 / (1 - p);
  const drawn = random.uniformRows(table, wanted);
  const mask = new Float32Array(drawn.length);
  // A plain loop: `Float32Array.from` with a function takes six times as long, in every batch.
  for (let i = 0; i < drawn.length; i++) if (drawn[i]! >= p) mask[i] = kept;
  return mask;
}

/** x [n, w] with a mask of n·w places. */
export function dropped(x: Tensor2D, mask: Float32Array): Tensor2D {
  return mul(x, tensor2d(mask, x.shape));
}

/** A table of drawn numbers as an input of a step, e.g. noise added to the vectors. */
export function drawnTable(count: number, draw: () => number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = draw();
  return values;
}
