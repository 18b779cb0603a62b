import { cutOffs as allCutOffs, metricNames } from '#contract/run.ts';
import type { MetricValues } from '#contract/run.ts';
import type { UserRows } from '#data/user-rows.ts';

/*
 * Accuracy metrics of ranked lists, per user in float64 (protocol.md section 5); what they are stands in the contract.
 */

/** Values of each metric for each user, in the order of `users`. */
export type PerUserValues = ReadonlyMap<string, Float64Array>;

export interface RankedLists {
  /** Row r of `items` is the list of user `users[r]`. */
  readonly users: Int32Array;
  /** Row-major [users, width], best first; −1 after the last candidate. */
  readonly items: Int32Array;
  /** Of the items beside them, −Infinity after the last candidate. */
  readonly scores?: Float32Array;
  readonly width: number;
}

/**
 * Scores ranked lists against held-out rows. Every user of `lists` must have at least one held-out item. Ranks beyond the
 * width of the lists count as misses, so `cutOffs` must not exceed it. `rows` are those of the lists that are scored, in order; all
 * where absent.
 */
export function scoreLists(
  lists: RankedLists,
  heldOut: UserRows,
  cutOffs: readonly number[] = allCutOffs,
  rows: Int32Array = Int32Array.from(lists.users.keys()),
): PerUserValues {
  const deepest = Math.max(...cutOffs);
  if (deepest > lists.width) throw new RangeError(`cut-off ${deepest} is beyond the lists, which hold ${lists.width} items`);
  const values = new Map(metricNames.flatMap((name) => cutOffs.map((k) => [`${name}@${k}`, new Float64Array(rows.length)])));
  const discounts = Float64Array.from({ length: deepest }, (_, r) => 1 / Math.log2(r + 2));
  const ideal = new Float64Array(deepest + 1);
  for (let r = 0; r < deepest; r++) ideal[r + 1] = ideal[r]! + discounts[r]!;

  const columns = cutOffs.map((cutOff) => {
    const column = (name: (typeof metricNames)[number]) => values.get(`${name}@${cutOff}`)!;
    return { cutOff, recall: column('recall'), ndcg: column('ndcg'), precision: column('precision'), map: column('map') };
  });
  // The last row that wanted an item, plus one: one table in place of a set for each user.
  let items = 0;
  for (const item of heldOut.indices) if (item >= items) items = item + 1;
  const wantedBy = new Int32Array(items);

  for (let row = 0; row < rows.length; row++) {
    const user = lists.users[rows[row]!]!;
    const list = rows[row]! * lists.width;
    let wanted = 0;
    for (let e = heldOut.offsets[user]!; e < heldOut.offsets[user + 1]!; e++) {
      const item = heldOut.indices[e]!;
      if (wantedBy[item] !== row + 1) wanted += 1;
      wantedBy[item] = row + 1;
    }
    let hits = 0;
    let gain = 0;
    let precisions = 0;
    let rank = 0;
    for (const { cutOff, recall, ndcg, precision, map } of columns) {
      for (; rank < cutOff; rank++) {
        const item = lists.items[list + rank]!;
        if (item < 0 || item >= items || wantedBy[item] !== row + 1) continue;
        hits += 1;
        gain += discounts[rank]!;
        precisions += hits / (rank + 1);
      }
      const reachable = Math.min(wanted, cutOff);
      recall[row] = hits / wanted;
      ndcg[row] = gain / ideal[reachable]!;
      precision[row] = hits / cutOff;
      map[row] = precisions / reachable;
    }
  }
  return values;
}

/** Means over users, unrounded. */
export function meanValues(perUser: PerUserValues): MetricValues {
  const means: MetricValues = {};
  for (const [key, values] of perUser) {
    let sum = 0;
    for (const value of values) sum += value;
    means[key] = sum / values.length;
  }
  return means;
}
