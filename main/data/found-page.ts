import type { FoundPage, FoundRequest } from '#contract/dataset-findings.ts';
import { openDataset, partNames, readManifest } from './dataset-folder.ts';
import { countIds } from './fingerprint.ts';
import { checkSplit, foundRows, lackingFeatures, type CheckedSplit, type FoundRow } from './split-checks.ts';
import { readMissing, readStoredItems } from './stored-items.ts';
import { readUserIds } from './user-ids.ts';

/** The checks of a dataset made anew from its rows, and a page of what one of them found. @throws ProblemError dataset.* */
export async function foundPage(folder: string, { check, offset, limit }: FoundRequest): Promise<FoundPage> {
  const manifest = await readManifest(folder);
  const dataset = await openDataset(folder, { features: false });
  const split: CheckedSplit = {
    ...dataset,
    withoutFeatures: lackingFeatures(dataset.items, await readMissing(folder, manifest)),
    rule: manifest.split?.rule,
    filledByMean: manifest.modalities.filter(({ filledBy }) => filledBy === 'mean').length,
  };
  const checks = checkSplit(split);
  if (check === undefined) return { checks, rows: [], total: 0 };
  const found = foundRows(check, split);
  const userIds = await readUserIds(folder, manifest);
  const itemOf = await readStoredItems(folder, manifest);
  const ofUsers = partNames.map((name) => countIds(dataset[name].users, dataset.users));
  const ofItems = partNames.map((name) => countIds(dataset[name].items, dataset.items));
  const shown = ({ part, row, user, item }: FoundRow): FoundPage['rows'][number] => {
    const time = part === undefined || row < 0 ? undefined : dataset[part].times?.[row];
    const [counts, at] = user >= 0 ? [ofUsers, user] : [ofItems, item];
    return {
      ...(user < 0 ? {} : { user: userIds?.[user] ?? String(user) }),
      ...(item < 0 ? {} : { item: itemOf(item).rawId, itemNumber: item }),
      ...(part === undefined ? {} : { part }),
      ...(time === undefined ? {} : { time }),
      rows: { train: counts[0]![at]!, validation: counts[1]![at]!, test: counts[2]![at]! },
    };
  };
  return { checks, rows: found.slice(offset, offset + limit).map(shown), total: found.length };
}
