import { collaborativeLinks } from './co-occurrence.ts';
import { csrFromEntries } from './csr.ts';
import type { CsrMatrix } from './dataset.ts';
import type { TrainEdges } from './graph.ts';
import type { Random } from './random.ts';

/**
 * Users who share train items (DualGNN, DRAGON; models.md 2.9): the k who share most with each user, by falling count, then rising id,
 * and how many they share. [rows, k] each; id −1, count 0 where there are fewer.
 */
export interface CoUsers {
  readonly rows: number;
  readonly k: number;
  readonly ids: Int32Array;
  readonly counts: Float32Array;
}

export function coUsers({ users, items, userCount, itemCount }: TrainEdges, k: number): CoUsers {
  const swapped = { users: items, items: users, userCount: itemCount, itemCount: userCount };
  const { offsets, indices, values } = collaborativeLinks(swapped, { score: 'count', atLeast: 1, k, isolated: 'zero' });
  const ids = new Int32Array(userCount * k).fill(-1);
  const counts = new Float32Array(userCount * k);
  for (let user = 0; user < userCount; user++) {
    const order = Int32Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, place) => offsets[user]! + place);
    order.sort((a, b) => values[b]! - values[a]! || indices[a]! - indices[b]!);
    order.forEach((entry, place) => {
      ids[user * k + place] = indices[entry]!;
      counts[user * k + place] = values[entry]!;
    });
  }
  return { rows: userCount, k, ids, counts };
}

/**
 * a_uk as a matrix [M, M]: softmax over the raw counts of exactly k neighbours. A shorter list is padded by repeating members drawn from
 * the list as it grows, together with their counts; repeats add up. A user without neighbours has an empty row.
 */
export function paddedCoUsers({ rows: users, k, ids, counts }: CoUsers, random: Random): CsrMatrix {
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (let user = 0; user < users; user++) {
    const places: number[] = [];
    for (let place = user * k; place < (user + 1) * k && ids[place]! >= 0; place++) places.push(place);
    if (places.length === 0) continue;
    while (places.length < k) places.push(places[random.integer(places.length)]!);
    const most = counts[user * k]!;
    const powers = places.map((place) => Math.exp(counts[place]! - most));
    const total = powers.reduce((sum, power) => sum + power, 0);
    places.forEach((place, entry) => {
      rows.push(user);
      columns.push(ids[place]!);
      values.push(powers[entry]! / total);
    });
  }
  return csrFromEntries({ rows: users, columns: users }, { rows, columns, values });
}
