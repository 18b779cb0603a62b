import type { Draw, ModelVectors, ReferenceDataset } from './vectors.ts';

/**
 * The draws by which short lists of co-users were padded, from the recorded result: the place of each repeated member in the user's own
 * list. Members are drawn from the list as it grows, and a repeat stands for the member itself.
 */
export function paddingDraws({ user_graph: padded }: ModelVectors, { user_graph: neighbours, n_users }: ReferenceDataset): Draw[] {
  if (padded === undefined) throw new Error('user_graph is missing');
  const { k } = padded;
  const draws: number[] = [];
  for (let user = 0; user < n_users; user++) {
    const own = neighbours[String(user)]?.[0] ?? [];
    if (own.length === 0) continue;
    for (let place = own.length; place < k; place++) draws.push(own.indexOf(padded.neighbours[user * k + place]!));
  }
  return draws.length === 0 ? [] : [{ kind: 'randint', shape: [draws.length], values: draws }];
}
