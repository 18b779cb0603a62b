import type { Tensor2D } from '@tensorflow/tfjs-core';
import { currentRuntime } from '../current.ts';
import type { Mask, Ranked, Ranking } from '../device.ts';

/**
 * The k best items of each user by dot product: users [b, w], items [n, w], mask of b rows with ascending item ids.
 * Masked items never enter; ties go to the lower id; where fewer than k remain, item −1 and score −Infinity. Works in blocks, never
 * holds a users × items matrix, and leaves no tensors.
 */
export function topKMasked(users: Tensor2D, items: Tensor2D, mask: Mask, k: number): Ranked {
  check(users, items, mask, k);
  return currentRuntime().topK(users, items, mask, k);
}

/** Rankings of many blocks of users over one table of items [n, w], which the device prepares once. */
export interface ItemRanking {
  /** See {@link topKMasked}. */
  topK(users: Tensor2D, mask: Mask, k: number): Ranked;
  /** Leaves the items, which stay the caller's and must not be disposed before. */
  dispose(): void;
}

export function rankingOver(items: Tensor2D): ItemRanking {
  const runtime = currentRuntime();
  const ranking: Ranking = runtime.ranking?.(items) ?? {
    rank: (users, mask, k) => runtime.topK(users, items, mask, k),
    dispose: () => undefined,
  };
  return {
    topK: (users, mask, k) => {
      check(users, items, mask, k);
      return ranking.rank(users, mask, k);
    },
    dispose: () => ranking.dispose(),
  };
}

function check(users: Tensor2D, items: Tensor2D, mask: Mask, k: number): void {
  const [rows, width] = users.shape;
  if (items.shape[1] !== width || mask.offsets.length !== rows + 1 || mask.offsets[rows]! > mask.indices.length) {
    throw new RangeError(
      `topKMasked: users [${users.shape.join(', ')}], items [${items.shape.join(', ')}], ${mask.offsets.length} mask offsets`,
    );
  }
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`topKMasked: k is ${k}`);
}

/**
 * The same for scores that are there already, [b, n]: read back and selected on the host, for models whose scores are no dot products.
 * NaN and −Infinity never enter, nor do items outside `among` (rising ids) where that is given.
 */
export function topKOfScores(scores: Tensor2D, mask: Mask, k: number, among?: Int32Array): Ranked {
  const [rows, columns] = scores.shape;
  if (mask.offsets.length !== rows + 1 || mask.offsets[rows]! > mask.indices.length) {
    throw new RangeError(`topKOfScores: scores [${scores.shape.join(', ')}], ${mask.offsets.length} mask offsets`);
  }
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`topKOfScores: k is ${k}`);
  const values = scores.dataSync();
  const items = new Int32Array(rows * k).fill(-1);
  const best = new Float32Array(rows * k).fill(-Infinity);
  const asked = among?.length ?? columns;
  for (let r = 0; r < rows; r++) {
    const [from, last] = [r * k, r * k + k - 1];
    let hidden = mask.offsets[r]!;
    for (let at = 0; at < asked; at++) {
      const item = among === undefined ? at : among[at]!;
      while (hidden < mask.offsets[r + 1]! && mask.indices[hidden]! < item) hidden += 1;
      if (hidden < mask.offsets[r + 1]! && mask.indices[hidden] === item) {
        hidden += 1;
        continue;
      }
      const score = values[r * columns + item]!;
      // The first item with a score keeps its place before later ones: ties go to the lower id.
      if (!(score > best[last]!)) continue;
      let place = last;
      for (; place > from && score > best[place - 1]!; place--) {
        best[place] = best[place - 1]!;
        items[place] = items[place - 1]!;
      }
      best[place] = score;
      items[place] = item;
    }
  }
  return { items, scores: best };
}
