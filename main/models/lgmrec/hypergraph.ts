import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '#data/random.ts';
import { add, concat, matMul, mul, softmax, tensor2d } from '#engine/ops/basic.ts';
import { dropoutMask } from '../parts/dropout.ts';
import { gumbelTable } from '../parts/gumbel.ts';

/** Of the Gumbel softmax; fixed in the released code. */
const temperature = 0.2;

/** What is drawn for one modality's memberships: noise, and in training which of them are kept. [items, A] and [users, A]. */
export interface MembershipDraws {
  readonly noise: readonly [items: Float32Array, users: Float32Array];
  readonly kept?: readonly [items: Float32Array, users: Float32Array];
}

export interface MembershipSizes {
  readonly users: number;
  readonly items: number;
  readonly edges: number;
}

/** Noise of every modality, then, with a keep rate, their masks: the released order. */
export function membershipDraws(random: Random, sizes: MembershipSizes, modalities: number, keepRate?: number): MembershipDraws[] {
  const [items, users] = [sizes.items * sizes.edges, sizes.users * sizes.edges];
  const each = Array.from({ length: modalities }, (): MembershipDraws => ({
    noise: [gumbelTable(random, items), gumbelTable(random, users)],
  }));
  if (keepRate === undefined) return each;
  return each.map(({ noise }) => ({
    noise,
    kept: [dropoutMask(random, items, 1 - keepRate), dropoutMask(random, users, 1 - keepRate)],
  }));
}

export interface Memberships {
  /** H_I [N, A], rows sum to 1 where nothing is dropped. */
  readonly items: Tensor2D;
  /** H_U [M, A]. */
  readonly users: Tensor2D;
}

/** Gumbel softmax of the logits; without draws a plain one. */
export function memberships(logits: Memberships, draws: MembershipDraws | undefined): Memberships {
  const soft = (given: Tensor2D, side: 0 | 1): Tensor2D => {
    const noisy = draws === undefined ? given : add(given, tensor2d(draws.noise[side], given.shape));
    const shares = softmax(mul(noisy, 1 / temperature)) as Tensor2D;
    const kept = draws?.kept?.[side];
    return kept === undefined ? shares : mul(shares, tensor2d(kept, shares.shape));
  };
  return { items: soft(logits.items, 0), users: soft(logits.users, 1) };
}

/** Items [N, w] to hyperedges and back, `layers` times; [users + items, w]. */
export function hyperViews({ items: own, users: shared }: Memberships, items: Tensor2D, layers: number): Tensor2D {
  let passed = items;
  let edges = matMul(own, passed, true) as Tensor2D;
  for (let layer = 1; layer < layers; layer++) {
    passed = matMul(own, edges) as Tensor2D;
    edges = matMul(own, passed, true) as Tensor2D;
  }
  return concat([matMul(shared, edges) as Tensor2D, matMul(own, edges) as Tensor2D], 0);
}
