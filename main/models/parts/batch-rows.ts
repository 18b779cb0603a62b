import { distinct, filledUp, sparePlaces } from '#data/batch.ts';
import type { Batch, Filled } from '#data/batch.ts';

/**
 * The distinct rows a batch touches, so that row-wise work after the last hop is done once for each (models.md 1.3). In a stacked
 * table of `users.ids` and then `items.ids`, batch row r is at `userOf[r]`, `positiveOf[r]`, `negativeOf[r]`.
 */
export interface BatchRows {
  readonly users: Filled;
  /** Distinct items of positives and negatives; those of the positives come first. */
  readonly items: Filled;
  /** Distinct positives: the first of `items.ids`, in the same places. */
  readonly positives: Filled;
  readonly userOf: Int32Array;
  readonly positiveOf: Int32Array;
  readonly negativeOf: Int32Array;
}

export function batchRows(batch: Batch, counts: { users: number; items: number }): BatchRows {
  const rows = batch.users.length;
  const columns = new Int32Array(rows + batch.negatives.length);
  columns.set(batch.positives);
  columns.set(batch.negatives, rows);
  const spare = sparePlaces(rows);
  const users = filledUp(distinct(batch.users, counts.users), spare);
  const items = filledUp(distinct(columns, counts.items), spare);
  const shift = users.ids.length;
  const stacked = items.indexOf.map((place) => place + shift);
  return {
    users,
    items,
    // Distinct ids are in first-seen order, and the positives were seen first.
    positives: filledUp(distinct(batch.positives, counts.items), spare),
    userOf: users.indexOf,
    positiveOf: stacked.slice(0, rows),
    negativeOf: stacked.slice(rows),
  };
}

/** Item ids as rows of a stacked [users + items] table. */
export function itemRows(items: Int32Array, users: number): Int32Array {
  return items.map((item) => item + users);
}
