/** How alike the items of a list are in one modality (protocol.md section 5). */
export interface Similarity {
  /** ILS: mean cosine over the item pairs of a list, then over users; NaN where no list has a pair. Diversity is 1 − ILS. */
  readonly mean: number;
  /** Places of lists whose item has no features, or features of length 0: they are in no pair. */
  readonly skipped: number;
  /** Lists without two items that have features: they have no pair, and are not in the mean. */
  readonly unpaired: number;
}

export interface SimilaritySource {
  /** Row-major [rows, width], best first; −1 after the last candidate. */
  readonly lists: Int32Array;
  readonly width: number;
  /** Rows that are looked at. */
  readonly rows: ArrayLike<number>;
  readonly k: number;
}

/** Row-major features of the items, each of length 1; an item without a direction has the length 0. */
export interface Directions {
  readonly values: Float32Array;
  readonly width: number;
  readonly lengths: Float64Array;
}

/** The lengths of the rows; 0 for those that are missing. */
export function directionsOf({
  values,
  width,
  missing,
}: {
  readonly values: Float32Array;
  readonly width: number;
  readonly missing: ArrayLike<number>;
}): Directions {
  const lengths = new Float64Array(width === 0 ? 0 : values.length / width);
  for (let item = 0; item < lengths.length; item++) {
    if (missing[item] === 1) continue;
    let squares = 0;
    for (let at = item * width; at < (item + 1) * width; at++) squares += values[at]! ** 2;
    lengths[item] = Math.sqrt(squares);
  }
  return { values, width, lengths };
}

/** The sum of the cosines of all pairs is (|Σ x|² − n) / 2 over directions x of length 1, so a list takes one pass and not one for each pair. */
export function listSimilarity({ lists, width, rows, k }: SimilaritySource, features: Directions): Similarity {
  const sum = new Float64Array(features.width);
  let [users, total, skipped] = [0, 0, 0];
  for (let r = 0; r < rows.length; r++) {
    const start = rows[r]! * width;
    sum.fill(0);
    let n = 0;
    for (let at = start; at < start + Math.min(k, width); at++) {
      const item = lists[at]!;
      if (item < 0) break;
      const length = features.lengths[item]!;
      if (length === 0) {
        skipped++;
        continue;
      }
      n++;
      const from = item * features.width;
      for (let d = 0; d < features.width; d++) sum[d]! += features.values[from + d]! / length;
    }
    if (n < 2) continue;
    let squares = 0;
    for (const value of sum) squares += value ** 2;
    users++;
    total += (squares - n) / (n * (n - 1));
  }
  return { mean: total / users, skipped, unpaired: rows.length - users };
}
