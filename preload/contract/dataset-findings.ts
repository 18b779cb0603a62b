import * as v from 'valibot';
import { checkIds, datasetSummarySchema, fingerprintVerdicts, splitCheckSchema } from './dataset.ts';
import { itemSegmentIds } from './segments.ts';

/** What is asked about datasets beyond their pages: rows that a check found, coverage of features, how two versions relate, the trash. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const foundRequestSchema = v.object({
  dataset: v.string(),
  /** Absent: only the checks, made anew from the rows. */
  check: v.optional(v.picklist(checkIds)),
  offset: v.optional(count, 0),
  limit: v.optional(v.pipe(count, v.minValue(1), v.maxValue(500)), 50),
});

/** A user and an item, or one of them; ids of the source. */
const foundRowSchema = v.object({
  user: v.optional(v.string()),
  item: v.optional(v.string()),
  itemNumber: v.optional(count),
  part: v.optional(v.picklist(['train', 'validation', 'test'])),
  /** UTC ms. */
  time: v.optional(v.number()),
  /** Rows of the user or item in each part. */
  rows: v.object({ train: count, validation: count, test: count }),
});

export const foundPageSchema = v.object({ checks: v.array(splitCheckSchema), rows: v.array(foundRowSchema), total: count });

/** A card or a row of the Datasets screen. */
export const listedDatasetSchema = v.object({
  ...datasetSummarySchema.entries,
  folder: v.string(),
  usedByRuns: v.number(),
  /** Among the splits of the same rows, from 1, in the order they were made; absent for a dataset without another split. */
  version: v.optional(count),
  versions: v.optional(count),
});

/** Columns of the table of datasets, in their order. */
export const datasetColumns = [
  'name',
  'users',
  'items',
  'interactions',
  'density',
  'modalities',
  'splits',
  'bytes',
  'splitHash',
  'usedByRuns',
] as const;
export type DatasetColumn = (typeof datasetColumns)[number];

export const trashedDatasetSchema = v.object({ id: v.string(), name: v.string(), bytes: count, trashedAt: v.number() });

/** By modality: items of each segment, and how many of them have features. */
export const coverageSchema = v.object({
  modalities: v.array(
    v.object({
      name: v.string(),
      segments: v.array(v.object({ id: v.picklist(itemSegmentIds), items: count, covered: count })),
    }),
  ),
});

export const datasetComparisonSchema = v.object({
  verdict: v.picklist(fingerprintVerdicts),
  /** pairs[first part][second part], the fourth of each being "not there": where each pair of one dataset is in the other. */
  pairs: v.optional(v.array(v.array(count))),
});

export type ListedDataset = v.InferOutput<typeof listedDatasetSchema>;
export type Coverage = v.InferOutput<typeof coverageSchema>;
export type DatasetComparison = v.InferOutput<typeof datasetComparisonSchema>;
export type TrashedDataset = v.InferOutput<typeof trashedDatasetSchema>;
export type FoundRequest = v.InferOutput<typeof foundRequestSchema>;
export type FoundPage = v.InferOutput<typeof foundPageSchema>;
