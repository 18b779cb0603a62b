import { itemFilters, type Item, type ItemPage, type ItemPageRequest } from '#contract/dataset.ts';
import type { Coverage } from '#contract/dataset-findings.ts';
import { plainText } from '#contract/plain-text.ts';
import { searchable } from '#contract/searched-text.ts';
import { itemSegmentIds, itemSegmentsOf } from '#contract/segments.ts';
import { openDataset, readManifest } from './dataset-folder.ts';
import { countIds } from './fingerprint.ts';
import { readRemarks } from './remarks.ts';
import { readMissing, readStoredItems, type StoredItem } from './stored-items.ts';

/** The items of one dataset, read once and paged from memory. Keep it while the dataset is looked at. */
export class ItemTable {
  readonly #items: readonly Item[];

  private constructor(items: readonly Item[]) {
    this.#items = items;
  }

  /** Reads items, train counts and missing rows of a dataset folder. */
  static async open(folder: string): Promise<ItemTable> {
    const manifest = await readManifest(folder);
    const dataset = await openDataset(folder, { features: false });
    const trainRows = countIds(dataset.train.items, dataset.items);
    const { segments } = itemSegmentsOf(trainRows, (await readRemarks(folder)).segments.items);
    const stored = await readStoredItems(folder, manifest);
    const masks = await readMissing(folder, manifest);
    const items = Array.from({ length: manifest.items }, (_, id) => ({
      ...withoutUndefined(stored(id)),
      id,
      trainRows: trainRows[id]!,
      segment: itemSegmentIds[segments[id]!]!,
      missing: masks.filter((mask) => mask.missing[id] === 1).map((mask) => mask.name),
    }));
    return new ItemTable(items);
  }

  /** One item, or undefined beyond the last. */
  item(id: number): Item | undefined {
    return this.#items[id];
  }

  /** How many items of each segment have features, by modality. */
  coverage(modalities: readonly string[]): Coverage {
    return {
      modalities: modalities.map((name) => ({
        name,
        segments: itemSegmentIds.map((id) => {
          const own = this.#items.filter((item) => item.segment === id);
          return { id, items: own.length, covered: own.reduce((sum, item) => sum + (item.missing.includes(name) ? 0 : 1), 0) };
        }),
      })),
    };
  }

  page(request: ItemPageRequest): ItemPage {
    const search = searchable(request.search.trim());
    const matches = this.#items.filter(
      (item) =>
        passes(item, request.filter) &&
        (search === '' || searchable(item.rawId).includes(search) || searchable(plainText(item.title ?? '')).includes(search)),
    );
    if (request.order === 'popularity') matches.sort((a, b) => b.trainRows - a.trainRows || a.id - b.id);
    if (request.order === 'title')
      matches.sort(
        (a, b) =>
          Number(a.title === undefined) - Number(b.title === undefined) ||
          (a.title ?? '').localeCompare(b.title ?? '', 'en') ||
          a.id - b.id,
      );
    const counts: Record<string, number> = {};
    const filters: string[] = [...itemFilters];
    for (const item of this.#items)
      for (const name of item.missing) if (!filters.includes(`missing:${name}`)) filters.push(`missing:${name}`);
    for (const filter of filters) counts[filter] = this.#items.reduce((sum, item) => sum + (passes(item, filter) ? 1 : 0), 0);
    return { items: matches.slice(request.offset, request.offset + request.limit), total: matches.length, counts };
  }
}

function passes(item: Item, filter: string): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'no-picture':
      return item.picture === undefined;
    case 'no-title':
      return item.title === undefined;
    case 'head':
    case 'tail':
    case 'cold':
      return item.segment === filter;
    default:
      return filter.startsWith('missing:') && item.missing.includes(filter.slice('missing:'.length));
  }
}

function withoutUndefined(stored: StoredItem): Pick<Item, 'rawId' | 'title' | 'description' | 'picture'> {
  return {
    rawId: stored.rawId,
    ...(stored.title === undefined ? {} : { title: stored.title }),
    ...(stored.description === undefined ? {} : { description: stored.description }),
    ...(stored.picture === undefined ? {} : { picture: stored.picture }),
  };
}
