import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundPage, FoundRequest } from '#contract/dataset-findings.ts';
import { arrayNames, openDataset, partNames, readManifest } from './dataset-folder.ts';
import { countIds } from './fingerprint.ts';
import { storedItem } from './item-table.ts';
import { checkSplit, foundRows, type CheckedSplit, type FoundRow } from './split-checks.ts';
import { readUserIds } from './user-ids.ts';

/** The checks of a dataset made anew from its rows, and a page of what one of them found. @throws ProblemError dataset.* */
export async function foundPage(folder: string, { check, offset, limit }: FoundRequest): Promise<FoundPage> {
  const manifest = await readManifest(folder);
  const dataset = await openDataset(folder, { features: false });
  const withoutFeatures = new Uint8Array(dataset.items);
  for (const { name } of manifest.modalities)
    (await readFile(join(folder, arrayNames.missing(name)))).forEach((missing, item) => {
      if (missing === 1) withoutFeatures[item] = 1;
    });
  const split: CheckedSplit = {
    ...dataset,
    withoutFeatures: manifest.modalities.length === 0 ? undefined : withoutFeatures,
    rule: manifest.split?.rule,
    filledByMean: manifest.modalities.filter(({ filledBy }) => filledBy === 'mean').length,
  };
  const checks = checkSplit(split);
  if (check === undefined) return { checks, rows: [], total: 0 };
  const found = foundRows(check, split);
  const userIds = await readUserIds(folder, manifest);
  const lines = (await readFile(join(folder, arrayNames.itemTable), 'utf8')).split('\n');
  const ofUsers = partNames.map((name) => countIds(dataset[name].users, dataset.users));
  const ofItems = partNames.map((name) => countIds(dataset[name].items, dataset.items));
  const shown = ({ part, row, user, item }: FoundRow): FoundPage['rows'][number] => {
    const time = part === undefined || row < 0 ? undefined : dataset[part].times?.[row];
    const [counts, at] = user >= 0 ? [ofUsers, user] : [ofItems, item];
    return {
      ...(user < 0 ? {} : { user: userIds?.[user] ?? String(user) }),
      ...(item < 0 ? {} : { item: storedItem(lines[item]).rawId, itemNumber: item }),
      ...(part === undefined ? {} : { part }),
      ...(time === undefined ? {} : { time }),
      rows: { train: counts[0]![at]!, validation: counts[1]![at]!, test: counts[2]![at]! },
    };
  };
  return { checks, rows: found.slice(offset, offset + limit).map(shown), total: found.length };
}
