import type { Tensor2D } from '@tensorflow/tfjs-core';
import { currentRuntime } from '../current.ts';
import type { Mask, Ranked } from '../device.ts';

/**
 * The k best items of each user by dot product: users [b, w], items [n, w], mask of b rows with ascending item ids.
 * Masked items never enter; ties go to the lower id; where fewer than k remain, item −1 and score −Infinity. Works in blocks, never
 * holds a users × items matrix, and leaves no tensors.
 */
export function topKMasked(users: Tensor2D, items: Tensor2D, mask: Mask, k: number): Ranked {
  const [rows, width] = users.shape;
  if (items.shape[1] !== width || mask.offsets.length !== rows + 1 || mask.offsets[rows]! > mask.indices.length) {
    throw new RangeError(
      `topKMasked: users [${users.shape.join(', ')}], items [${items.shape.join(', ')}], ${mask.offsets.length} mask offsets`,
    );
  }
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`topKMasked: k is ${k}`);
  return currentRuntime().topK(users, items, mask, k);
}
