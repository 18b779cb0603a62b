import type { DatasetComparison } from '#contract/dataset-findings.ts';
import { openDataset, partNames, readManifest } from './dataset-folder.ts';
import { compareFingerprints } from './fingerprint.ts';
import { readStoredItems } from './stored-items.ts';
import { readUserIds } from './user-ids.ts';

/**
 * How two datasets relate: by fingerprints, and, pair by pair under the ids of their sources, which part of the one became which part of the
 * other. Without a single pair in common there is no table. @throws ProblemError dataset.*
 */
export async function compareDatasets(first: string, second: string): Promise<DatasetComparison> {
  const [a, b] = await Promise.all([pairsOf(first), pairsOf(second)]);
  const verdict = compareFingerprints(a.fingerprint, b.fingerprint);
  const absent = partNames.length;
  const pairs = Array.from({ length: absent + 1 }, () => new Array<number>(absent + 1).fill(0));
  for (const [pair, part] of a.pairs) pairs[part]![b.pairs.get(pair) ?? absent]! += 1;
  for (const [pair, part] of b.pairs) if (!a.pairs.has(pair)) pairs[absent]![part]! += 1;
  const shared = pairs.slice(0, absent).some((row) => row.slice(0, absent).some((count) => count > 0));
  return { verdict, ...(shared ? { pairs } : {}) };
}

async function pairsOf(folder: string) {
  const manifest = await readManifest(folder);
  const dataset = await openDataset(folder, { features: false });
  const userIds = await readUserIds(folder, manifest);
  const itemOf = await readStoredItems(folder, manifest);
  const itemIds = Array.from({ length: dataset.items }, (_, item) => itemOf(item).rawId);
  const pairs = new Map<string, number>();
  partNames.forEach((name, part) => {
    const { users, items } = dataset[name];
    for (let row = 0; row < users.length; row++) pairs.set(`${userIds?.[users[row]!] ?? users[row]!}\t${itemIds[items[row]!]!}`, part);
  });
  return { fingerprint: dataset.fingerprint, pairs };
}
