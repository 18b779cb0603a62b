/** What the rows of a comparison are like beyond their metrics: cost, lists, and segments of users and items. */
import * as v from 'valibot';
import { metricValuesSchema } from './run.ts';
import { segmentsSchema } from './segments.ts';
import { tableRequestSchema, tableSchema } from './table.ts';

export const profileRequestSchema = v.object({
  table: v.optional(tableRequestSchema, {}),
  /** Of the lists that coverage, novelty and the like look at. */
  k: v.optional(v.picklist([5, 10, 20, 50]), 20),
  /** Also how alike the items of a list are in each modality, which reads all features. */
  similarity: v.optional(v.boolean(), false),
});

/** The key of a list's similarity in a modality. */
export const similarityKey = (modality: string): string => `ils:${modality}`;
/** Of the similarity above: places of lists whose item has no features. */
export const skippedKey = (modality: string): string => `ils-skipped:${modality}`;
/** And lists that have no pair for it. */
export const unpairedKey = (modality: string): string => `ils-unpaired:${modality}`;

const spread = v.object({ mean: v.number(), sd: v.optional(v.number()), n: v.number() });

/** Keys of `values`: metrics of the table, seconds, seconds-per-epoch, memory-bytes, hitrate, mrr, coverage, gini, entropy, popularity, novelty, tail; ils:MODALITY and what it leaves out where asked. */
const profileEntrySchema = v.object({
  row: v.string(),
  dataset: v.string(),
  /** Of the runs behind the values. */
  runIds: v.optional(v.array(v.string()), []),
  values: v.record(v.string(), spread),
  /** [segment][metric]: over seeds. */
  userSegments: v.array(v.record(v.string(), spread)),
  itemSegments: v.array(v.record(v.string(), spread)),
  /** Why user segments, and why lists and with them item segments, are missing. */
  note: v.optional(v.string()),
  listNote: v.optional(v.string()),
});

/** A segment as evaluated: `n` users are averaged; of item segments, users with a held-out item in it, and how many items it has. */
const evaluatedSegment = v.object({ id: v.string(), label: v.string(), about: v.string(), n: v.number(), items: v.optional(v.number()) });
const datasetSegmentsSchema = v.object({
  definition: segmentsSchema,
  users: v.array(evaluatedSegment),
  items: v.array(evaluatedSegment),
});
export type DatasetSegments = v.InferOutput<typeof datasetSegmentsSchema>;

export const profileSchema = v.object({
  part: tableSchema.entries.part,
  rows: tableSchema.entries.rows,
  groups: tableSchema.entries.groups,
  metrics: tableSchema.entries.metrics,
  k: v.number(),
  /** By dataset: its segments, as they are kept with it. */
  segments: v.record(v.string(), datasetSegmentsSchema),
  /** By dataset: names of its modalities. */
  modalities: v.record(v.string(), v.array(v.string())),
  entries: v.array(profileEntrySchema),
});
export type Profile = v.InferOutput<typeof profileSchema>;

/** One run by segment. */
export const runSegmentsSchema = v.object({
  part: v.picklist(['validation', 'test']),
  segments: datasetSegmentsSchema,
  /** [segment]: values of every metric; absent where the segment is empty or the run lacks what it needs. */
  users: v.array(v.nullable(metricValuesSchema)),
  items: v.array(v.nullable(metricValuesSchema)),
  note: v.optional(v.string()),
  listNote: v.optional(v.string()),
});
export type RunSegments = v.InferOutput<typeof runSegmentsSchema>;

export const profileTaskSchema = v.object({
  k: v.number(),
  part: v.picklist(['validation', 'test']),
  /** "recall@20" and so on. */
  metrics: v.array(v.string()),
  similarity: v.optional(v.boolean()),
  datasets: v.array(
    v.object({
      folder: v.string(),
      segments: segmentsSchema,
      runs: v.array(v.object({ id: v.string(), perUser: v.optional(v.string()), lists: v.optional(v.string()) })),
    }),
  ),
});
export type ProfileTask = v.InferOutput<typeof profileTaskSchema>;

/** sizes[segment], and means[metric][segment], null where a segment is empty. */
const segmentValues = v.object({
  sizes: v.array(v.number()),
  means: v.array(v.array(v.nullable(v.number()))),
});
const runProfileSchema = v.object({
  id: v.string(),
  lists: v.optional(v.record(v.string(), v.number())),
  users: v.optional(segmentValues),
  items: v.optional(segmentValues),
  /** Items of each item segment, users who are not evaluated left aside. */
  itemCounts: v.optional(v.array(v.number())),
  note: v.optional(v.string()),
  listNote: v.optional(v.string()),
});
export const profileAnswersSchema = v.array(runProfileSchema);
export type RunProfile = v.InferOutput<typeof runProfileSchema>;
