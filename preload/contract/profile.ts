/** What the rows of a comparison are like beyond their metrics: cost, lists, and segments of users. */
import * as v from 'valibot';
import { tableRequestSchema, tableSchema } from './table.ts';

export const profileRequestSchema = v.object({
  table: v.optional(tableRequestSchema, {}),
  /** Of the lists that coverage, novelty and the like look at. */
  k: v.optional(v.picklist([5, 10, 20, 50]), 20),
  /** Upper ends of user segments by train rows, rising. */
  bounds: v.optional(v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.minLength(1), v.maxLength(12)), [0, 5, 10, 20, 50]),
});
export type ProfileRequest = v.InferInput<typeof profileRequestSchema>;

const spread = v.object({ mean: v.number(), sd: v.optional(v.number()), n: v.number() });

/** Keys of `values`: metrics of the table, seconds, seconds-per-epoch, memory-bytes, coverage, gini, entropy, popularity, novelty, tail. */
export const profileEntrySchema = v.object({
  row: v.string(),
  dataset: v.string(),
  values: v.record(v.string(), spread),
  /** segments[segment][metric]: over seeds. */
  segments: v.array(v.record(v.string(), spread)),
  /** Why lists or segments are missing. */
  note: v.optional(v.string()),
});

export const profileSchema = v.object({
  part: tableSchema.entries.part,
  rows: tableSchema.entries.rows,
  groups: tableSchema.entries.groups,
  metrics: tableSchema.entries.metrics,
  k: v.number(),
  bounds: v.array(v.number()),
  segmentNames: v.array(v.string()),
  /** sizes[dataset][segment]: evaluated users. */
  sizes: v.record(v.string(), v.array(v.number())),
  entries: v.array(profileEntrySchema),
});
export type Profile = v.InferOutput<typeof profileSchema>;

export const profileTaskSchema = v.object({
  k: v.number(),
  bounds: v.array(v.number()),
  /** Columns of per-user files, the user's id not counted. */
  columns: v.array(v.number()),
  datasets: v.array(
    v.object({
      folder: v.string(),
      runs: v.array(v.object({ id: v.string(), perUser: v.optional(v.string()), lists: v.optional(v.string()) })),
    }),
  ),
});
export type ProfileTask = v.InferOutput<typeof profileTaskSchema>;

export const runProfileSchema = v.object({
  id: v.string(),
  lists: v.optional(v.record(v.string(), v.number())),
  /** sizes[segment], and means[column][segment], NaN where a segment is empty. */
  sizes: v.optional(v.array(v.number())),
  means: v.optional(v.array(v.array(v.nullable(v.number())))),
  note: v.optional(v.string()),
});
export const profileAnswersSchema = v.array(runProfileSchema);
export type RunProfile = v.InferOutput<typeof runProfileSchema>;
