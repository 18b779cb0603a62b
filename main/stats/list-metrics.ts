/** What lists are like beyond accuracy (protocol.md section 5), from top-K lists of users and how often items occur in train. */
export interface ListMetrics {
  readonly coverage: number;
  readonly gini: number;
  readonly entropy: number;
  readonly popularity: number;
  readonly novelty: number;
  readonly tail: number;
}

export interface ListSource {
  /** Row-major [rows, width], best first; −1 after the last candidate. */
  readonly lists: Int32Array;
  readonly width: number;
  /** Rows that are looked at. */
  readonly rows: ArrayLike<number>;
  readonly k: number;
  /** Train rows of each item. */
  readonly popularity: ArrayLike<number>;
  /** 1 for items outside the head. */
  readonly isTail: ArrayLike<number>;
  /** Users with a train row. */
  readonly trainUsers: number;
}

/**
 * Coverage: items in any list over all items. Gini: Σ (2i − n − 1) c₍ᵢ₎ / (n Σ c), zeros included. Entropy: −Σ p ln p. Popularity and novelty:
 * mean over users of the mean of train rows, and of −log₂((rows + 1)/(users + 1)), in a list. Tail: the share of items outside the
 * head. Users with an empty list are left out of the means; NaN where no list holds an item.
 */
export function listMetrics({ lists, width, rows, k, popularity, isTail, trainUsers }: ListSource): ListMetrics {
  const items = popularity.length;
  const counts = new Float64Array(items);
  let [users, sumPopularity, sumNovelty, sumTail, total] = [0, 0, 0, 0, 0];
  for (let r = 0; r < rows.length; r++) {
    const start = rows[r]! * width;
    let [length, own, novel, tail] = [0, 0, 0, 0];
    for (let at = start; at < start + Math.min(k, width); at++) {
      const item = lists[at]!;
      if (item < 0) break;
      counts[item] = counts[item]! + 1;
      length++;
      own += popularity[item]!;
      novel -= Math.log2((popularity[item]! + 1) / (trainUsers + 1));
      tail += isTail[item]!;
    }
    if (length === 0) continue;
    users++;
    total += length;
    sumPopularity += own / length;
    sumNovelty += novel / length;
    sumTail += tail / length;
  }
  counts.sort();
  let [covered, weighted, entropy] = [0, 0, 0];
  for (let i = 0; i < items; i++) {
    const count = counts[i]!;
    weighted += (2 * (i + 1) - items - 1) * count;
    if (count === 0) continue;
    covered++;
    entropy -= (count / total) * Math.log(count / total);
  }
  return {
    coverage: covered / items,
    gini: weighted / (items * total),
    entropy,
    popularity: sumPopularity / users,
    novelty: sumNovelty / users,
    tail: sumTail / users,
  };
}
