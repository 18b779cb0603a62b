/** Train items, which rankings leave out: the score each has, and the rank it would have. */
import type { Inspection } from './inspection.ts';

interface MaskedItems {
  readonly rows: { item: number; score: number; rank?: number }[];
  readonly missing?: string;
  readonly items: NonNullable<ReturnType<Inspection['items']['item']>>[];
}

/** Of the first run. A rank counts the list and the better train items before it; none where that is beyond the list. */
export async function maskedItems({ runs, users, items }: Inspection, user: number): Promise<MaskedItems> {
  const [run] = runs;
  const train = users.items('train', user);
  const scores = await run!.score(user, train);
  if (scores === undefined)
    return { rows: [], items: [], missing: 'Scores of this model are no products of vectors: train items have none that was kept.' };
  const list = await run!.list(user);
  const listed = (await run!.score(user, list))!;
  const order = [...train.keys()].sort((x, y) => scores[y]! - scores[x]! || train[x]! - train[y]!);
  const rows = order.map((at, before) => {
    const score = scores[at]!;
    const better = listed.filter((other) => other > score).length;
    return { item: train[at]!, score, ...(better < list.length ? { rank: better + before + 1 } : {}) };
  });
  return { rows, items: order.flatMap((at) => items.item(train[at]!) ?? []) };
}
