/** Items: who gets one, what is near it, and the train items that no list has. */
import { join } from 'node:path';
import type { ItemNeighbours, ItemView } from '#contract/recommendation.ts';
import { arrayNames } from '#data/dataset-folder.ts';
import type { ItemTable } from '#data/item-table.ts';
import { nearestRows, type RowFile } from '#data/nearest-rows.ts';
import type { DatasetSummary } from '#contract/dataset.ts';
import { within, type Inspection } from './inspection.ts';
import type { RunLists } from './run-lists.ts';
import { shown } from './user-views.ts';

interface ItemAsked {
  readonly item: number;
  readonly k: number;
  readonly offset: number;
  readonly limit: number;
}

/** Receivers come by the best rank any run gives the item, then by number. */
export async function itemView(at: Inspection, summary: DatasetSummary, { item, k, offset, limit }: ItemAsked): Promise<ItemView> {
  const { users, items, runs, part } = at;
  within('item', item, summary.items);
  const ranks = new Map<number, (number | null)[]>();
  const exposure = await Promise.all(
    runs.map(async (run, index) => {
      const all = await run.all();
      const counts = exposures(all, run.length, k, summary.items);
      for (let user = 0; user < run.users; user++) {
        const rank = all.subarray(user * run.length, user * run.length + k).indexOf(item) + 1;
        if (rank === 0) continue;
        const known = ranks.get(user) ?? runs.map(() => null);
        known[index] = rank;
        ranks.set(user, known);
      }
      const own = counts[item]!;
      let place = 1;
      for (const count of counts) if (count > own) place += 1;
      return { run: run.run, users: own, place };
    }),
  );
  const best = (of: readonly (number | null)[]) => Math.min(...of.map((rank) => rank ?? Infinity));
  const order = [...ranks].sort(([x, a], [y, b]) => best(a) - best(b) || x - y);
  const wanting = users.having(part, item);
  return {
    ...shown(at),
    item: items.item(item)!,
    k,
    users: users.users,
    exposure,
    heldOut: {
      users: wanting.length,
      found: runs.map((_, index) => wanting.filter((user) => (ranks.get(user)?.[index] ?? null) !== null).length),
    },
    receivers: order.slice(offset, offset + limit).map(([user, of]) => ({ user, rawId: users.rawId(user), ranks: of })),
    total: order.length,
  };
}

/** Users with each item among the first k of their list of `length`. */
export function exposures(lists: Int32Array, length: number, k: number, items: number): Int32Array {
  const counts = new Int32Array(items);
  for (let start = 0; start < lists.length; start += length)
    for (let at = start; at < start + Math.min(k, length); at++) if (lists[at]! >= 0) counts[lists[at]!]! += 1;
  return counts;
}

interface NeighboursAsked {
  readonly item: number;
  readonly k: number;
  readonly folder: string;
  readonly summary: DatasetSummary;
  readonly runs: readonly RunLists[];
}

/** By cosine. An item whose features were missing has no neighbours there and is nobody's. */
export async function neighbours(table: ItemTable, { item, k, folder, summary, runs }: NeighboursAsked): Promise<ItemNeighbours> {
  within('item', item, summary.items);
  const sources: ItemNeighbours['sources'] = [];
  const near = async (file: RowFile, skip: (row: number) => boolean) =>
    (await nearestRows(file, item, k, skip)).map(({ row, cosine }) => ({ item: row, cosine }));
  for (const { name, width } of summary.modalities) {
    if (table.item(item)!.missing.includes(name)) {
      sources.push({ kind: 'modality', name, rows: [], missing: `This item has no ${name} features in the source.` });
      continue;
    }
    const file = { path: join(folder, arrayNames.features(name)), start: 0, rows: summary.items, width };
    sources.push({ kind: 'modality', name, rows: await near(file, (row) => table.item(row)!.missing.includes(name)) });
  }
  for (const run of runs) {
    const file = run.itemVectors;
    if (file === undefined)
      sources.push({ kind: 'vectors', name: run.run, rows: [], missing: 'Scores of this model are no products of vectors.' });
    else {
      const { path, start, rows, columns } = file;
      sources.push({ kind: 'vectors', name: run.run, rows: await near({ path, start, rows, width: columns }, () => false) });
    }
  }
  const named = new Set(sources.flatMap(({ rows }) => rows.map((row) => row.item)));
  return { sources, items: [...named].flatMap((id) => table.item(id) ?? []) };
}
