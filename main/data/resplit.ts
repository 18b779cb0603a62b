import { join } from 'node:path';
import type { SplitImport } from '#contract/dataset-import.ts';
import { arrayNames, openDataset, partNames, readManifest } from './dataset-folder.ts';
import { throwIfCancelled } from './file-stream.ts';
import { finishDataset } from './finish-dataset.ts';
import { writeParts } from './folder-survey.ts';
import type { ImportContext } from './import.ts';
import type { ManifestDraft } from './manifest.ts';
import { checkSplit, lackingFeatures, refuseBlocked } from './split-checks.ts';
import { labelRows, madeSplit, refuseEmptyParts, splitWords, splitWordsWithSeed } from './split-rule.ts';
import { allRows } from './split-source.ts';
import { partsOf } from './split.ts';
import { readMissing, readStoredItems } from './stored-items.ts';
import { readUserIds } from './user-ids.ts';

/**
 * Another split of a dataset: the same rows, ids, features, graphs and items, other parts. The dataset it comes from stays as it is; rows that
 * its own split had left out are not there to be split again.
 */
export async function importSplit(request: SplitImport, root: string, context: ImportContext): Promise<ManifestDraft> {
  const { writer, emit, signal } = context;
  const folder = join(root, request.dataset);
  const manifest = await readManifest(folder);
  emit({ type: 'progress', phase: 'Reading the rows', fraction: 0.1 });
  const dataset = await openDataset(folder, { features: false });
  const { rows, given } = allRows(dataset);
  const size = { users: dataset.users, items: dataset.items };
  emit({ type: 'progress', phase: 'Splitting', fraction: 0.3 });
  const { labels } = labelRows(request.split, { rows, ...size, given, where: manifest.name }, request.seed);
  const parts = partsOf(rows, labels);
  refuseEmptyParts(parts, manifest.name);
  const split = { ...size, ...parts };
  await writeParts(writer, split);
  throwIfCancelled(signal);

  const own = new Set<string>([arrayNames.itemTable, arrayNames.userIds]);
  for (const part of partNames) for (const name of [arrayNames.users, arrayNames.items, arrayNames.times]) own.add(name(part));
  emit({ type: 'progress', phase: 'Taking over features and pictures', fraction: 0.5 });
  for (const array of manifest.arrays) {
    if (own.has(array.file)) continue;
    await writer.adopt(folder, array);
    throwIfCancelled(signal);
  }

  const checks = checkSplit({
    ...split,
    withoutFeatures: lackingFeatures(size.items, await readMissing(folder, manifest)),
    rule: request.split,
    filledByMean: manifest.modalities.filter(({ filledBy }) => filledBy === 'mean').length,
  });
  refuseBlocked(checks, manifest.name);
  emit({ type: 'progress', phase: 'Computing statistics', fraction: 0.8 });
  const userIds = await readUserIds(folder, manifest);
  const item = await readStoredItems(folder, manifest);
  const { knowledge } = dataset;
  return finishDataset(
    {
      name: request.name,
      about: `A split of ${manifest.name}: ${splitWords(request.split)}.`,
      source: manifest.source,
      seed: request.seed,
      madeBy: madeSplit(request.split, request.seed),
      parent: manifest.id,
      split,
      ...(manifest.fingerprint.fileHash === undefined ? {} : { fileHash: manifest.fingerprint.fileHash }),
      modalities: manifest.modalities,
      graphs: manifest.graphs,
      items: Array.from({ length: size.items }, (_, number) => item(number)),
      ...(userIds === undefined ? {} : { userIds }),
      ...(knowledge === undefined ? {} : { knowledge }),
      agreement: manifest.agreement,
      checks,
      files: manifest.files,
      choices: manifest.choices,
      recipe: [
        ...manifest.recipe,
        {
          step: 'split',
          text: `All parts of ${manifest.name} put together and split anew: ${splitWordsWithSeed(request.split, request.seed)}`,
          rowsBefore: labels.length,
          rowsAfter: partNames.reduce((sum, part) => sum + parts[part].users.length, 0),
        },
      ],
    },
    writer,
  );
}
