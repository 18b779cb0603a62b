import * as v from 'valibot';
import { fingerprintSchema, recipeStepSchema, splitCheckSchema } from './dataset.ts';

/** What a split would be like before it is made. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const partCounts = v.array(count);

/** The rows of one user in their order: part of each row, 0 train, 1 validation, 2 test, 3 left out. */
const splitStripSchema = v.object({
  user: v.string(),
  /** At most 60, the last ones of a user with more. */
  parts: v.array(v.picklist([0, 1, 2, 3])),
  items: v.array(v.string()),
  times: v.optional(v.array(v.number())),
  rows: count,
});

export const splitPreviewSchema = v.object({
  /** Each filter with its counts before and after. */
  steps: v.array(recipeStepSchema),
  users: count,
  items: count,
  /** Users and items of the source that no row is left of. */
  lostUsers: count,
  lostItems: count,
  train: count,
  validation: count,
  test: count,
  /** Rows that the rule leaves out. */
  dropped: count,
  /** Users with rows in train alone. */
  trainOnlyUsers: count,
  checks: v.array(splitCheckSchema),
  fingerprint: fingerprintSchema,
  /** UTC ms where the rule cuts by time. */
  cuts: v.optional(v.object({ validationFrom: v.number(), testFrom: v.number() })),
  timeline: v.optional(
    v.object({ edges: v.array(v.number()), train: partCounts, validation: partCounts, test: partCounts, dropped: partCounts }),
  ),
  strips: v.array(splitStripSchema),
  elapsedMs: v.number(),
});

export type SplitStrip = v.InferOutput<typeof splitStripSchema>;
export type SplitPreview = v.InferOutput<typeof splitPreviewSchema>;
