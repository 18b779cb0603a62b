/**
 * HitRate and MRR (protocol.md section 5) from the lists that a run keeps. They are no columns of its per-user file, whose hash verification and
 * bundles hold against runs of every earlier version.
 */
export interface HitMetrics {
  /** Share of users with a hit in the first K. */
  readonly hitrate: number;
  /** Mean over users of 1/rank of the first hit, 0 without one in the first K. */
  readonly mrr: number;
}

export interface HitSource {
  /** Row-major [rows, width], best first; −1 after the last candidate. */
  readonly lists: Int32Array;
  readonly width: number;
  /** The evaluated users, who are the rows of the lists. */
  readonly rows: ArrayLike<number>;
  readonly k: number;
  /** Held-out items: user u has `indices[offsets[u] … offsets[u+1])`. */
  readonly heldOut: { readonly offsets: Int32Array; readonly indices: Int32Array };
}

/** Means over all evaluated users; NaN without one. */
export function hitMetrics({ lists, width, rows, k, heldOut }: HitSource): HitMetrics {
  let [hits, reciprocal] = [0, 0];
  for (let r = 0; r < rows.length; r++) {
    const user = rows[r]!;
    const wanted = new Set(heldOut.indices.subarray(heldOut.offsets[user]!, heldOut.offsets[user + 1]!));
    const top = lists.subarray(user * width, user * width + Math.min(k, width));
    const at = top.findIndex((item) => wanted.has(item));
    if (at < 0) continue;
    hits++;
    reciprocal += 1 / (at + 1);
  }
  return { hitrate: hits / rows.length, mrr: reciprocal / rows.length };
}
