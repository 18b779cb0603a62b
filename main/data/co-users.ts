import { collaborativeLinks } from './co-occurrence.ts';
import { csrFromEntries } from './csr.ts';
import type { CsrMatrix } from './dataset.ts';
import type { TrainEdges } from './graph.ts';
import type { Random } from './random.ts';

/** Users who share train items (DualGNN, DRAGON; models.md 2.9). */
export interface CoUsers {
  /** The k users sharing most items with each user, by falling count, then rising id; fewer where there are fewer. */
  readonly ids: readonly Int32Array[];
  readonly counts: readonly Int32Array[];
  readonly k: number;
}

export function coUsers({ users, items, userCount, itemCount }: TrainEdges, k: number): CoUsers {
  const swapped = { users: items, items: users, userCount: itemCount, itemCount: userCount };
  const { offsets, indices, values } = collaborativeLinks(swapped, { score: 'count', atLeast: 1, k, isolated: 'zero' });
  const ids: Int32Array[] = [];
  const counts: Int32Array[] = [];
  for (let user = 0; user < userCount; user++) {
    const order = Int32Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, place) => offsets[user]! + place);
    order.sort((a, b) => values[b]! - values[a]! || indices[a]! - indices[b]!);
    ids.push(order.map((entry) => indices[entry]!));
    counts.push(order.map((entry) => values[entry]!));
  }
  return { ids, counts, k };
}

/**
 * a_uk as a matrix [M, M]: softmax over the raw counts of exactly k neighbours. A shorter list is padded by repeating members drawn from
 * the list as it grows, together with their counts; repeats add up. A user without neighbours has an empty row.
 */
export function paddedCoUsers({ ids, counts, k }: CoUsers, random: Random): CsrMatrix {
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  ids.forEach((neighbours, user) => {
    if (neighbours.length === 0) return;
    const places = Array.from(neighbours.keys());
    while (places.length < k) places.push(places[random.integer(places.length)]!);
    const most = counts[user]![0]!;
    const powers = places.map((place) => Math.exp(counts[user]![place]! - most));
    const total = powers.reduce((sum, power) => sum + power, 0);
    places.forEach((place, entry) => {
      rows.push(user);
      columns.push(neighbours[place]!);
      values.push(powers[entry]! / total);
    });
  });
  return csrFromEntries({ rows: ids.length, columns: ids.length }, { rows, columns, values });
}
