import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Filled } from '#data/batch.ts';
import type { Random } from '#data/random.ts';
import {
  add,
  div,
  expandDims,
  maximum,
  mul,
  neg,
  sqrt,
  square,
  step,
  stopGradient,
  sub,
  sum,
  tensor1d,
  tensor2d,
} from '#engine/ops/basic.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import type { BatchRows } from '../parts/batch-rows.ts';
import { meanOf, sameEntityNce } from '../parts/losses.ts';
import type { Duplicates } from '../parts/losses.ts';

/**
 * SIGER's modulus-guided perturbation and its contrast (models.md G5). That embeddings are perturbed in proportion to their length
 * is published; every formula here is our reading.
 */
export type Modulus = 'norm' | 'mean' | 'rel' | 'const' | 'inv';

export interface PerturbationOptions {
  readonly modulus: Modulus;
  readonly epsilon: number;
  readonly temperature: number;
  readonly duplicates: Duplicates;
}

/** Unit directions n/‖n‖ with n ~ U(0,1)^w for the distinct rows of one side, [rows, w] row-major, for each of the two views. */
export interface SideNoise {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface TableNoise {
  readonly users: SideNoise;
  readonly positives: SideNoise;
}

/** One draw for each distinct user and positive of the batch, and for each view; spare rows stay zero. */
export function drawnNoise(random: Random, rows: BatchRows, width: number): TableNoise {
  const side = (entities: Filled): SideNoise => ({
    first: directions(random, entities, width),
    second: directions(random, entities, width),
  });
  return { users: side(rows.users), positives: side(rows.positives) };
}

function directions(random: Random, entities: Filled, width: number): Float32Array {
  const drawn = new Float32Array(entities.ids.length * width);
  for (let row = 0; row < entities.live; row++) {
    const from = row * width;
    let squares = 0;
    for (let c = from; c < from + width; c++) {
      const value = random.uniform();
      drawn[c] = value;
      squares += value * value;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let c = from; c < from + width; c++) drawn[c] = drawn[c]! * scale;
  }
  return drawn;
}

/** x′ = x + ε·ρ(x)·sign(x) ⊙ n/‖n‖ for both views; ρ and the signs carry no gradient. x [rows, w] holds the entities' rows. */
export function perturbed(
  x: Tensor2D,
  entities: Filled,
  noise: SideNoise,
  { modulus, epsilon }: Pick<PerturbationOptions, 'modulus' | 'epsilon'>,
): [Tensor2D, Tensor2D] {
  const fixed = stopGradient(x);
  const signs = sub(step(fixed), step(neg(fixed)));
  const reach = mul(signs, mul(lengths(fixed, entities, modulus), epsilon));
  const view = (directionsOf: Float32Array) => add(x, mul(reach, tensor2d(directionsOf, x.shape))) as Tensor2D;
  return [view(noise.first), view(noise.second)];
}

/** ρ(x) as a column [rows, 1], or one number for all rows. */
function lengths(x: Tensor2D, entities: Filled, modulus: Modulus): Tensor2D | Scalar | number {
  if (modulus === 'const') return 1;
  const norms = expandDims(sqrt(sum(square(x), 1)), 1) as Tensor2D;
  if (modulus === 'norm') return norms;
  // The mean over batch rows: an entity counts as often as it occurs, spare rows not at all.
  const counted = mul(norms, expandDims(tensor1d(entities.counts), 1));
  const mean = mul(sum(counted), 1 / entities.indexOf.length) as Scalar;
  if (modulus === 'mean') return mean;
  const floor = 1e-12;
  return (modulus === 'rel' ? div(norms, maximum(mean, floor)) : div(mean, maximum(norms, floor))) as Tensor2D;
}

/** InfoNCE_τ(x′; x″) of the batch's users plus that of its positives, for the stacked rows of one table. */
export function perturbedContrast(
  sides: { readonly users: Tensor2D; readonly positives: Tensor2D },
  rows: BatchRows,
  noise: TableNoise,
  options: PerturbationOptions,
): Scalar {
  const contrast = (side: 'users' | 'positives') => {
    const [first, second] = perturbed(sides[side], rows[side], noise[side], options);
    const [query, key] = [normaliseRows(first), normaliseRows(second)];
    return meanOf(sameEntityNce(query, key, rows[side], options.temperature, options.duplicates));
  };
  return add(contrast('users'), contrast('positives'));
}
