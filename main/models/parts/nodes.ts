import type { Tensor2D } from '@tensorflow/tfjs-core';
import { slice } from '#engine/ops/basic.ts';

/** A stacked [users + items, w] table as its two parts. */
export function splitNodes(nodes: Tensor2D, users: number): { users: Tensor2D; items: Tensor2D } {
  const [rows, width] = nodes.shape;
  return { users: slice(nodes, [0, 0], [users, width]), items: slice(nodes, [users, 0], [rows - users, width]) };
}
