import { basename, dirname, isAbsolute, join } from 'node:path';
import type { FeatureAttachment, LogImport } from '#contract/dataset-import.ts';
import type { RecipeStep } from '#contract/dataset.ts';
import { attachFeatures, type AttachedFeatures } from './attached-features.ts';
import { coreOf, mergedLog } from './cleaned-log.ts';
import type { FileRecord } from './file-stream.ts';
import { finishDataset } from './finish-dataset.ts';
import { askForEncoding } from './folder-items.ts';
import { writeParts } from './folder-survey.ts';
import { readItemTable } from './formats/items.ts';
import type { ImportContext } from './import.ts';
import { throwIfBlocked } from './import-problems.ts';
import { dataError } from './issue-log.ts';
import type { StoredItem } from './stored-items.ts';
import { readLogFormat } from './log-format.ts';
import { readLog } from './log-reader.ts';
import type { Manifest, ManifestDraft } from './manifest.ts';
import { checkSplit, lackingFeatures, refuseBlocked } from './split-checks.ts';
import { labelRows, madeSplit, refuseEmptyParts, splitWords, splitWordsWithSeed } from './split-rule.ts';
import { partsOf } from './split.ts';

/**
 * A raw log as a dataset, in the order of protocol.md section 2: parse, map, drop bad rows, merge repeated pairs, rating filter,
 * k-core, dense ids in order of first appearance, split, checks. Every step's counts go into the recipe.
 */
export async function importLog(request: LogImport, context: ImportContext): Promise<ManifestDraft> {
  const { issues, answers, writer, emit, signal } = context;
  const recipe: RecipeStep[] = [];
  const format = await readLogFormat(request.file, request.format, answers);
  answers.requireAll();
  const file = basename(request.file);
  const log = await readLog({
    path: request.file,
    format,
    mapping: request.mapping,
    issues,
    signal,
    onFraction: (fraction) => emit({ type: 'progress', phase: 'Reading the log', fraction: fraction * 0.6, file }),
  });
  throwIfBlocked(issues);
  const dense = coreOf(log, mergedLog(log, request.minRating, recipe, file), request.kCore, recipe, file);

  emit({ type: 'progress', phase: 'Splitting', fraction: 0.65 });
  const size = { users: dense.userIds.length, items: dense.itemIds.length };
  const { labels } = labelRows(request.split, { rows: dense.rows, ...size, given: dense.labels, where: file }, request.seed);
  const count = dense.rows.users.length;
  recipe.push({
    step: 'split',
    text: splitWordsWithSeed(request.split, request.seed),
    rowsBefore: count,
    rowsAfter: labels.reduce((sum, label) => sum + (label < 3 ? 1 : 0), 0),
  });
  const parts = partsOf(dense.rows, labels);
  const split = { ...size, ...parts };
  refuseEmptyParts(parts, file);
  await writeParts(writer, split);

  const files: FileRecord[] = [log.record];
  const modalities: Manifest['modalities'] = [];
  const attachments: AttachedFeatures[] = [];
  for (const attachment of distinctNames(request.features)) {
    emit({ type: 'progress', phase: `Attaching features “${attachment.name}”`, fraction: 0.7, file: basename(attachment.file) });
    const attached = await attachFeatures(attachment, dense.itemIds, writer, signal);
    files.push(...attached.records);
    modalities.push(attached.health);
    attachments.push(attached);
    recipe.push({
      step: 'features',
      text: `“${attachment.name}” matched by raw id: ${attached.health.covered.toLocaleString('en')} of ${split.items.toLocaleString('en')} items, missing rows: ${attachment.missing}`,
      rowsBefore: attached.rowsInFile,
      rowsAfter: attached.health.covered,
    });
  }
  const items = await attachItems(request, dense.itemIds, context, files);
  throwIfBlocked(issues);
  answers.requireAll();

  const checks = checkSplit({
    ...split,
    withoutFeatures: lackingFeatures(split.items, attachments),
    rule: request.split,
    filledByMean: modalities.filter(({ filledBy }) => filledBy === 'mean').length,
  });
  refuseBlocked(checks, file);
  emit({ type: 'progress', phase: 'Computing statistics', fraction: 0.92 });
  return finishDataset(
    {
      name: request.name,
      about: `Imported from the log “${file}”, ${splitWords(request.split)}.`,
      source: 'log',
      ...(request.split.rule === 'labels' ? {} : { seed: request.seed }),
      madeBy: madeSplit(request.split, request.seed),
      split,
      fileHash: log.record.hash,
      modalities,
      graphs: [],
      items,
      userIds: dense.userIds,
      checks,
      files,
      choices: answers.taken,
      recipe,
    },
    writer,
  );
}

function distinctNames(features: readonly FeatureAttachment[]): readonly FeatureAttachment[] {
  features.forEach((feature, index) => {
    if (features.findIndex(({ name }) => name === feature.name) === index) return;
    throw dataError({
      code: 'features.duplicate-name',
      message: `Two feature files are both called “${feature.name}”.`,
      where: feature.file,
      fix: 'Give each modality its own name.',
    });
  });
  return features;
}

async function attachItems(
  request: LogImport,
  itemIds: readonly string[],
  context: ImportContext,
  files: FileRecord[],
): Promise<StoredItem[]> {
  const bare = itemIds.map((rawId): StoredItem => ({ rawId }));
  if (request.itemTable === undefined) return bare;
  const { file, ...mapping } = request.itemTable;
  const encoding = await askForEncoding(file, basename(file), context.answers);
  const table = await readItemTable({ path: file, issues: context.issues, encoding, mapping, signal: context.signal });
  files.push(table.record);
  if (!itemIds.some((id) => table.rows.has(id))) {
    throw dataError({
      code: 'items.no-match',
      message: `None of the ${table.rows.size.toLocaleString('en')} rows of the item table has the id of an item in the log.`,
      where: basename(file),
      fix: 'Choose the id column that holds the same ids as the log.',
    });
  }
  return bare.map(({ rawId }) => {
    const row = table.rows.get(rawId);
    if (row === undefined) return { rawId };
    const picture =
      row.picture?.at === 'file' && !isAbsolute(row.picture.location)
        ? { at: 'file' as const, location: join(dirname(file), row.picture.location) }
        : row.picture;
    return {
      rawId,
      ...(row.title === undefined ? {} : { title: row.title }),
      ...(row.description === undefined ? {} : { description: row.description }),
      ...(picture === undefined ? {} : { picture }),
    };
  });
}
