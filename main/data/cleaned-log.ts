import type { KCore } from '#contract/split-rule.ts';
import type { RecipeStep } from '#contract/dataset.ts';
import { dataError } from './issue-log.ts';
import { kCore } from './k-core.ts';
import type { LogRows } from './log-reader.ts';
import { renumberByAppearance, selectRows, settleRepeats, type KeptRows } from './row-cleaning.ts';

/*
 * From the rows of a log to the rows that are split, in the order of protocol.md section 2: merge repeated pairs, rating filter, k-core, dense
 * ids. An import and the preview of its split go through the same steps.
 */

/** Repeated pairs merged and low ratings left out, with a step of the recipe each. Nothing here depends on the k-core or the split. */
export function mergedLog(log: LogRows, minRating: number | undefined, recipe: RecipeStep[], file: string): KeptRows {
  recipe.push({
    step: 'read',
    text: `${file} read, ${log.badRows.toLocaleString('en')} bad rows left out`,
    rowsBefore: log.rowsRead,
    rowsAfter: log.users.length,
    usersAfter: log.userIds.length,
    itemsAfter: log.itemIds.length,
  });
  const all: KeptRows = { rows: Int32Array.from({ length: log.users.length }, (_, r) => r), labels: log.labels };
  return filterByRating(log, mergeRepeats(log, all, recipe, file), minRating, recipe);
}

/** The rows of the k-core with dense ids in order of first appearance. @throws ProblemError log.nothing-left */
export function coreOf(
  log: LogRows,
  kept: KeptRows,
  rule: KCore,
  recipe: RecipeStep[],
  file: string,
): ReturnType<typeof renumberByAppearance> {
  const dense = renumberByAppearance(log, filterByCore(log, kept, rule, recipe));
  if (dense.rows.users.length === 0)
    throw dataError({
      code: 'log.nothing-left',
      message: 'No interaction is left after filtering.',
      where: file,
      fix: 'Lower the k-core or the rating limit.',
    });
  return dense;
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

function filterByCore(log: LogRows, kept: KeptRows, rule: KCore, recipe: RecipeStep[]): KeptRows {
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
