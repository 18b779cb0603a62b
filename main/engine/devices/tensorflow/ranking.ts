import type { Mask, Ranked } from '../../device.ts';
import type { Pointer } from './c-api.ts';
import type { Workspace } from './workspace.ts';

/** Floats of a block of scores. */
const blockFloats = 1 << 21;

/** See ops/top-k.ts. Scores by MatMul in blocks of users; the best are picked here, which beats TensorFlow's TopKV2. */
export function topK(
  on: Workspace,
  users: Pointer,
  items: Pointer,
  by: { rows: number; count: number; width: number; mask: Mask; k: number },
): Ranked {
  const { rows, count, width, mask, k } = by;
  const ranked: Ranked = { items: new Int32Array(rows * k).fill(-1), scores: new Float32Array(rows * k).fill(-Infinity) };
  if (count === 0) return ranked;
  const block = Math.min(rows, Math.max(1, Math.floor(blockFloats / count)));
  const scores = new Float32Array(block * count);
  for (let from = 0; from < rows; from += block) {
    const live = Math.min(block, rows - from);
    const slice = live === rows ? users : on.rows(users, from, live, width);
    on.session.read(on.matMul(slice, items, false, true), live === block ? scores : scores.subarray(0, live * count));
    for (let r = 0; r < live; r++) {
      const row = from + r;
      const own = scores.subarray(r * count, (r + 1) * count);
      for (let e = mask.offsets[row]!; e < mask.offsets[row + 1]!; e++) own[mask.indices[e]!] = -Infinity;
      select(own, k, ranked.items.subarray(row * k, (row + 1) * k), ranked.scores.subarray(row * k, (row + 1) * k));
    }
    on.end();
  }
  return ranked;
}

/** The k largest in falling order. Items come by rising id, so a tie stays behind what is already there; NaN beats nothing. */
function select(scores: Float32Array, k: number, items: Int32Array, best: Float32Array): void {
  let worst = -Infinity;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!;
    if (!(score > worst)) continue;
    let place = k - 1;
    for (; place > 0 && best[place - 1]! < score; place--) {
      best[place] = best[place - 1]!;
      items[place] = items[place - 1]!;
    }
    best[place] = score;
    items[place] = item;
    worst = best[k - 1]!;
  }
}
