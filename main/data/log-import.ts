import { basename, dirname, isAbsolute, join } from 'node:path';
import type { FeatureAttachment, LogImport, SplitRule } from '#contract/dataset-import.ts';
import type { RecipeStep } from '#contract/dataset.ts';
import { attachFeatures } from './attached-features.ts';
import type { FileRecord } from './file-stream.ts';
import { finishDataset } from './finish-dataset.ts';
import { askForEncoding } from './folder-items.ts';
import { writeParts } from './folder-survey.ts';
import { readItemTable } from './formats/items.ts';
import type { ImportContext } from './import.ts';
import { throwIfBlocked } from './import-problems.ts';
import { dataError } from './issue-log.ts';
import type { StoredItem } from './item-table.ts';
import { kCore } from './k-core.ts';
import { readLogFormat } from './log-format.ts';
import { readLog, type LogRows } from './log-reader.ts';
import type { Manifest, ManifestDraft } from './manifest.ts';
import { randomStream } from './random.ts';
import { renumberByAppearance, selectRows, settleRepeats, type KeptRows } from './row-cleaning.ts';
import { checkSplit } from './split-checks.ts';
import { leaveOneOut, mmrecRatio, partsOf, quantileCuts, ratioPerUser, temporal, type Labels, type Rows } from './split.ts';

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
  recipe.push({
    step: 'read',
    text: `${file} read, ${log.badRows.toLocaleString('en')} bad rows left out`,
    rowsBefore: log.rowsRead,
    rowsAfter: log.users.length,
    usersAfter: log.userIds.length,
    itemsAfter: log.itemIds.length,
  });

  let rows: KeptRows = { rows: Int32Array.from({ length: log.users.length }, (_, r) => r), labels: log.labels };
  rows = mergeRepeats(log, rows, recipe, file);
  rows = filterByRating(log, rows, request.minRating, recipe);
  rows = filterByCore(log, rows, request, recipe);
  const dense = renumberByAppearance(log, rows);
  if (dense.rows.users.length === 0)
    throw dataError({
      code: 'log.nothing-left',
      message: 'No interaction is left after filtering.',
      where: file,
      fix: 'Lower the k-core or the rating limit.',
    });

  emit({ type: 'progress', phase: 'Splitting', fraction: 0.65 });
  const labels = splitRows(request.split, dense.rows, dense.labels, dense.userIds.length, request.seed, file, recipe);
  const parts = partsOf(dense.rows, labels);
  const split = { users: dense.userIds.length, items: dense.itemIds.length, ...parts };
  for (const [name, part] of Object.entries(parts)) {
    if (part.users.length === 0)
      throw dataError({
        code: 'split.empty-part',
        message: `The ${name} part is empty.`,
        where: file,
        values: { part: name },
        fix: 'Choose other shares, or a lower k-core: users need at least three rows to be in all parts.',
      });
  }
  await writeParts(writer, split);

  const files: FileRecord[] = [log.record];
  const modalities: Manifest['modalities'] = [];
  const withoutFeatures = new Uint8Array(split.items);
  for (const attachment of distinctNames(request.features)) {
    emit({ type: 'progress', phase: `Attaching features “${attachment.name}”`, fraction: 0.7, file: basename(attachment.file) });
    const attached = await attachFeatures(attachment, dense.itemIds, writer, signal);
    files.push(...attached.records);
    modalities.push(attached.health);
    attached.missing.forEach((missing, item) => {
      if (missing === 1) withoutFeatures[item] = 1;
    });
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

  const checks = checkSplit({ ...split, withoutFeatures: modalities.length === 0 ? undefined : withoutFeatures });
  const blocking = checks.find(({ state }) => state === 'blocking');
  if (blocking !== undefined)
    throw dataError({
      code: `split.${blocking.id}`,
      message: `${blocking.text}: ${blocking.count}.`,
      where: file,
      fix: 'Choose another split.',
    });
  emit({ type: 'progress', phase: 'Computing statistics', fraction: 0.92 });
  return finishDataset(
    {
      name: request.name,
      about: `Imported from the log “${file}”, ${splitWords(request.split)}.`,
      source: 'log',
      ...(request.split.rule === 'labels' ? {} : { seed: request.seed }),
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

function mergeRepeats(log: LogRows, kept: KeptRows, recipe: RecipeStep[], file: string): KeptRows {
  const { result, conflicts } = settleRepeats(log, kept);
  const conflict = conflicts[0];
  if (conflict !== undefined) {
    throw dataError({
      code: 'split.pair-in-two-parts',
      message: `User ${log.userIds[log.users[conflict]!]} with item ${log.itemIds[log.items[conflict]!]} has two different labels (${conflicts.length.toLocaleString('en')} such pairs).`,
      where: `${file}:${log.lines[conflict]}`,
      fix: 'Keep the pair in one part, or choose a split instead of the label column.',
    });
  }
  if (result.rows.length < kept.rows.length)
    recipe.push({
      step: 'merge',
      text: `Repeated pairs merged, ${log.times === undefined ? 'first' : 'earliest'} row kept`,
      rowsBefore: kept.rows.length,
      rowsAfter: result.rows.length,
    });
  return result;
}

function filterByRating(log: LogRows, kept: KeptRows, minRating: number | undefined, recipe: RecipeStep[]): KeptRows {
  if (minRating === undefined) return kept;
  if (log.ratings === undefined)
    throw dataError({
      code: 'log.no-rating',
      message: 'A lowest rating is set, but no rating column is mapped.',
      fix: 'Map the rating column, or leave the limit out.',
    });
  const result = selectRows(kept, (row) => log.ratings![row]! >= minRating);
  recipe.push({
    step: 'rating',
    text: `Rows with a rating of at least ${minRating}`,
    rowsBefore: kept.rows.length,
    rowsAfter: result.rows.length,
  });
  return result;
}

function filterByCore(log: LogRows, kept: KeptRows, { kCore: rule }: LogImport, recipe: RecipeStep[]): KeptRows {
  if (rule.users <= 1 && rule.items <= 1) return kept;
  const users = Int32Array.from(kept.rows, (row) => log.users[row]!);
  const items = Int32Array.from(kept.rows, (row) => log.items[row]!);
  const core = kCore(users, items, { users: log.userIds.length, items: log.itemIds.length }, rule);
  let at = 0;
  const result = selectRows(kept, () => core.keep[at++] === 1);
  const limit = rule.rounds === 0 ? 'until nothing changed' : `at most ${rule.rounds}`;
  recipe.push({
    step: 'k-core',
    text: `k-core: users with ≥ ${rule.users}, items with ≥ ${rule.items} rows, ${core.rounds} ${core.rounds === 1 ? 'round' : 'rounds'} (${limit}); before the split, so it sees held-out rows`,
    rowsBefore: kept.rows.length,
    rowsAfter: core.rows,
    usersAfter: core.users,
    itemsAfter: core.items,
  });
  return result;
}

function splitRows(
  rule: SplitRule,
  rows: Rows,
  given: Uint8Array | undefined,
  users: number,
  seed: number,
  file: string,
  recipe: RecipeStep[],
): Labels {
  const count = rows.users.length;
  const note = (after = count): void => {
    recipe.push({
      step: 'split',
      text: `${splitWords(rule)}${rule.rule === 'labels' || !isRandom(rule) ? '' : `, seed ${seed}`}`,
      rowsBefore: count,
      rowsAfter: after,
    });
  };
  const timed = (): Rows & { readonly times: Float64Array } => {
    if (rows.times === undefined)
      throw dataError({
        code: 'split.no-times',
        message: 'This split needs times, but no timestamp column is mapped.',
        where: file,
        fix: 'Map the timestamp column, or choose a random split.',
      });
    return { ...rows, times: rows.times };
  };
  const random = { random: randomStream(seed, 'split') };
  switch (rule.rule) {
    case 'labels':
      if (given === undefined)
        throw dataError({
          code: 'split.no-labels',
          message: 'The split by label needs a label column.',
          where: file,
          fix: 'Map the label column, or choose another split.',
        });
      note();
      return given;
    case 'mmrec-ratio':
      note();
      return mmrecRatio(rows, users, random.random);
    case 'ratio-per-user':
      note();
      return ratioPerUser(rule.order === 'time' ? timed() : rows, users, rule, rule.order === 'time' ? 'time' : random);
    case 'leave-one-out':
      note();
      return leaveOneOut(rule.order === 'time' ? timed() : rows, users, rule.order === 'time' ? 'time' : random);
    case 'temporal': {
      const own = timed();
      const quantiles = quantileCuts(own.times, rule.validationQuantile, rule.testQuantile);
      const cuts = { validationFrom: rule.validationFrom ?? quantiles.validationFrom, testFrom: rule.testFrom ?? quantiles.testFrom };
      if (cuts.validationFrom >= cuts.testFrom)
        throw dataError({
          code: 'split.cuts',
          message: 'The validation cut is not before the test cut.',
          where: file,
          fix: 'Choose an earlier validation cut.',
        });
      const { labels, unseenRows } = temporal(own, cuts, rule.unseen);
      note(rule.unseen === 'drop' ? count - unseenRows : count);
      return labels;
    }
  }
}

function isRandom(rule: SplitRule): boolean {
  return rule.rule === 'mmrec-ratio' || ('order' in rule && rule.order === 'random');
}

/** The split in words, as the data card prints it. */
export function splitWords(rule: SplitRule): string {
  switch (rule.rule) {
    case 'labels':
      return 'labels of the file taken as they are';
    case 'mmrec-ratio':
      return 'MMRec ratio 8:1:1 per user, random';
    case 'ratio-per-user':
      return `ratio per user, validation ${rule.validation}, test ${rule.test}, ${rule.order === 'time' ? 'latest rows held out' : 'random'}`;
    case 'leave-one-out':
      return `leave one out per user, ${rule.order === 'time' ? 'by time' : 'random'}`;
    case 'temporal':
      return `two cut times for all users, unseen users and items ${rule.unseen === 'drop' ? 'dropped' : 'kept'}`;
  }
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
