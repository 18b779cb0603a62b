import * as v from 'valibot';
import { pictureSchema } from '#contract/dataset.ts';
import { arrayNames } from './dataset-folder.ts';
import type { Manifest } from './manifest.ts';
import { damagedDataset, StoredArrays } from './stored-arrays.ts';

/*
 * items.jsonl of a dataset folder: what the source says of its items, a line for each; line r is item r.
 */

const storedItemSchema = v.object({
  rawId: v.string(),
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  picture: v.optional(pictureSchema),
});

export type StoredItem = v.InferOutput<typeof storedItemSchema>;

/** The text of items.jsonl. */
export function itemLines(items: readonly StoredItem[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

/** Reads them; a line becomes an item when it is asked for. Both throw ProblemError dataset.damaged where the file is not as it was written. */
export async function readStoredItems(folder: string, { arrays }: Pick<Manifest, 'arrays'>): Promise<(item: number) => StoredItem> {
  const bytes = await new StoredArrays(folder, arrays).read(arrayNames.itemTable);
  const lines = new TextDecoder().decode(bytes).split('\n');
  return (item) => {
    try {
      return v.parse(storedItemSchema, JSON.parse(lines[item] ?? ''));
    } catch {
      throw damagedDataset(folder, `${arrayNames.itemTable}:${item + 1} is no item`);
    }
  };
}

/** Which items lack features, by modality: 1 where the row of an item is missing. @throws ProblemError dataset.damaged */
export async function readMissing(
  folder: string,
  { arrays, modalities }: Pick<Manifest, 'arrays' | 'modalities'>,
): Promise<{ readonly name: string; readonly missing: Uint8Array }[]> {
  const stored = new StoredArrays(folder, arrays);
  return Promise.all(modalities.map(async ({ name }) => ({ name, missing: new Uint8Array(await stored.read(arrayNames.missing(name))) })));
}
