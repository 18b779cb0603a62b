import * as v from 'valibot';
import { problemSchema } from './problem.ts';
import { segmentsSchema } from './segments.ts';
import { madeSplitSchema } from './split-rule.ts';

/**
 * Datasets as they cross the link: what a card, the detail page and the item grid show. What the import dialog sends and
 * receives is in dataset-import.ts. Everything is JSON; numbers are counts of rows or items unless a name says otherwise.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Protocol.md section 3. The name of a dataset decides nothing; these do. All are lower-case hex SHA-256. */
export const fingerprintSchema = v.object({
  fileHash: v.optional(v.string()),
  splitHash: v.string(),
  splitShape: v.string(),
  graphShape: v.string(),
  /** The order of every user's rows, where the split is leave-one-out by time: what next-item models are trained and compared on. */
  sequenceHash: v.optional(v.string()),
});

/** How the data of two fingerprints relate: `other-split` is "same interactions, different split". */
export const fingerprintVerdicts = ['same-split', 'same-split-other-ids', 'other-split', 'other-data'] as const;

/** Bins between rising edges: bin b holds `counts[b]` values of [edges[b], edges[b+1]), the last bin includes its upper edge. */
const histogramSchema = v.object({
  scale: v.picklist(['linear', 'log']),
  edges: v.array(v.number()),
  counts: v.array(count),
});

const featureTypes = ['float16', 'float32', 'float64'] as const;

/** Rule by which rows without a usable feature were filled; `kept` leaves zero rows as they are, `none` means there were none. */
export const fillRules = ['none', 'mean', 'zero', 'kept'] as const;

/** One feature file after checking every value. `covered` + `missing` = items. */
export const modalityHealthSchema = v.object({
  name: v.string(),
  file: v.string(),
  items: count,
  width: count,
  sourceType: v.picklist(featureTypes),
  /** SHA-256 of type, shape and values; absent while only inspected. */
  hash: v.optional(v.string()),
  nanRows: count,
  infiniteRows: count,
  zeroRows: count,
  /** Rows equal to an earlier row, zero rows aside. */
  duplicateRows: count,
  /** Columns with one value in all rows that have features; absent in datasets from before it was counted. */
  constantColumns: v.optional(count),
  covered: count,
  missing: count,
  filledBy: v.picklist(fillRules),
  /** Euclidean norms of the finite rows. */
  norms: histogramSchema,
});

export const graphSummarySchema = v.object({
  name: v.string(),
  file: v.string(),
  form: v.picklist(['knn-cosine', 'freedom-mix']),
  modality: v.optional(v.string()),
  k: count,
  imageWeight: v.optional(v.number()),
  items: count,
  entries: count,
  /** Positions stored more than once in the file; their values were added. */
  repeated: count,
  /** Rows without a self-loop (knn-cosine): crowded out by exact duplicates. */
  rowsWithoutSelf: count,
  hash: v.optional(v.string()),
});

export const checkIds = [
  'pairs-in-two-parts',
  'users-without-train',
  'items-outside-train',
  'test-items-without-features',
  'train-after-held-out',
  'repeated-pairs',
  'held-out-before-train',
  'fill-saw-held-out',
  'empty-validation-users',
  'evaluated-users',
] as const;

/** One line of "Split checks". `ok`: nothing found; `note`: worth knowing; `blocking` prevents the import. */
export const splitCheckSchema = v.object({
  id: v.picklist(checkIds),
  state: v.picklist(['ok', 'note', 'blocking']),
  /** Number of rows, users or items the check found (for evaluated users: how many there are). */
  count,
  /** English wording, "No pair in two parts". */
  text: v.string(),
});

const modalitySummarySchema = v.object({
  name: v.string(),
  width: count,
  sourceType: v.picklist(featureTypes),
  covered: count,
  missing: count,
});

/** A knowledge graph: from a file of the folder, or from brand and category of its item table. */
export const knowledgeSummarySchema = v.object({
  triples: v.number(),
  entities: v.number(),
  relations: v.array(v.string()),
  origin: v.picklist(['file', 'item-table']),
});

/** A card on the Datasets screen. */
export const datasetSummarySchema = v.object({
  id: v.string(),
  name: v.string(),
  /** One sentence on where it comes from, e.g. "Drawn by code from seed 7, with a signal in pictures and texts." */
  about: v.string(),
  source: v.picklist(['mmrec-folder', 'log', 'demo']),
  createdAt: v.number(),
  users: count,
  items: count,
  interactions: count,
  train: count,
  validation: count,
  test: count,
  /** interactions / (users × items). */
  density: v.number(),
  modalities: v.array(modalitySummarySchema),
  /** Triples over items and entities that came with the data. */
  knowledge: v.optional(knowledgeSummarySchema),
  graphs: v.array(v.string()),
  fingerprint: fingerprintSchema,
  /** Size of the dataset folder on disk. */
  bytes: count,
  /** Items with a title, and with a picture path or address. */
  titled: count,
  pictured: count,
  /** Up to eight item ids with a picture, for the strip on the card. */
  samplePictures: v.array(count),
  hasTimes: v.boolean(),
  /** Checks that are not ok, modalities with missing rows. */
  notes: count,
  /** The rule that made the split, where it is known. */
  split: v.optional(madeSplitSchema),
  /** The dataset this one is another split of. */
  parent: v.optional(v.string()),
  /** Hidden from lists and forms, kept for its runs. */
  archivedAt: v.optional(v.number()),
});

const spreadSchema = v.object({ histogram: histogramSchema, min: v.number(), median: v.number(), mean: v.number(), max: v.number() });

const segmentSchema = v.object({ id: v.string(), label: v.string(), count });

/** Distributions, all from train rows. */
export const distributionsSchema = v.object({
  itemsPerUser: spreadSchema,
  usersPerItem: spreadSchema,
  /** Train rows of the item at each listed rank (from 1, most popular first); at most 400 points, log-spaced, both ends kept. */
  popularity: v.object({
    ranks: v.array(count),
    rows: v.array(count),
    /** The first `headItems` ranks hold 80 % of train rows; the tail starts after them. */
    headItems: count,
    headShare: v.number(),
    tailItems: count,
  }),
  userSegments: v.array(segmentSchema),
  itemSegments: v.array(segmentSchema),
  /** Rows per time bin and part, where the source has times (UTC ms edges). */
  timeline: v.optional(v.object({ edges: v.array(v.number()), train: v.array(count), validation: v.array(count), test: v.array(count) })),
});

/** Share of top-k cosine neighbours (self excluded) that two modalities have in common, over `sampled` items with features. */
export const agreementSchema = v.object({ first: v.string(), second: v.string(), k: count, share: v.number(), sampled: count });

/** One step of the stored recipe with its before and after counts. */
export const recipeStepSchema = v.object({
  step: v.string(),
  text: v.string(),
  rowsBefore: count,
  rowsAfter: count,
  usersAfter: v.optional(count),
  itemsAfter: v.optional(count),
});

/** What the detail page shows besides the summary. */
export const datasetDetailSchema = v.object({
  summary: datasetSummarySchema,
  folder: v.string(),
  health: v.array(modalityHealthSchema),
  graphs: v.array(graphSummarySchema),
  checks: v.array(splitCheckSchema),
  distributions: distributionsSchema,
  agreement: v.array(agreementSchema),
  recipe: v.array(recipeStepSchema),
  /** Choices made at import: id of the choice to the chosen value. */
  choices: v.record(v.string(), v.string()),
  /** Files read, with size and SHA-256. */
  files: v.array(v.object({ name: v.string(), bytes: count, hash: v.string() })),
  seed: v.optional(v.number()),
  /** Of users and items, by train rows. */
  segments: segmentsSchema,
  /** What a person wrote about where the data come from and how they may be used. */
  licence: v.optional(v.string()),
});

/** `dataset`: a file inside the dataset folder; `file`: an absolute path on this machine; `url`: fetched only when the user asks. */
export const pictureSchema = v.object({ at: v.picklist(['dataset', 'file', 'url']), location: v.string() });

export const itemSchema = v.object({
  id: count,
  /** Id in the source, e.g. an ASIN; the dense id as text where the source has no other. */
  rawId: v.string(),
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  picture: v.optional(pictureSchema),
  /** Users with this item in train. */
  trainRows: count,
  segment: v.picklist(['head', 'tail', 'cold']),
  /** Modalities whose row was missing in the source. */
  missing: v.array(v.string()),
});

export const itemFilters = ['all', 'no-picture', 'no-title', 'head', 'tail', 'cold'] as const;

export const itemPageRequestSchema = v.object({
  dataset: v.string(),
  offset: v.optional(count, 0),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)), 60),
  /** Part of a title or id, case ignored. */
  search: v.optional(v.string(), ''),
  /** One of {@link itemFilters}, or `missing:NAME` for items without that modality. */
  filter: v.optional(v.union([v.picklist(itemFilters), v.pipe(v.string(), v.startsWith('missing:'))]), 'all'),
  order: v.optional(v.picklist(['id', 'popularity', 'title']), 'id'),
});

export const itemPageSchema = v.object({
  items: v.array(itemSchema),
  /** Items that match search and filter. */
  total: count,
  /** Items per filter (with the search ignored), `missing:NAME` included, for the segmented control. */
  counts: v.record(v.string(), count),
});

/** A dataset that exists but cannot be read; shown as a card in the error state. */
export const brokenDatasetSchema = v.object({ id: v.string(), folder: v.string(), problem: problemSchema });

export type FingerprintVerdict = (typeof fingerprintVerdicts)[number];
export type Histogram = v.InferOutput<typeof histogramSchema>;
export type FillRule = (typeof fillRules)[number];
export type ModalityHealth = v.InferOutput<typeof modalityHealthSchema>;
export type GraphSummary = v.InferOutput<typeof graphSummarySchema>;
export type SplitCheck = v.InferOutput<typeof splitCheckSchema>;
export type DatasetSummary = v.InferOutput<typeof datasetSummarySchema>;
export type Distributions = v.InferOutput<typeof distributionsSchema>;
export type Agreement = v.InferOutput<typeof agreementSchema>;
export type RecipeStep = v.InferOutput<typeof recipeStepSchema>;
export type DatasetDetail = v.InferOutput<typeof datasetDetailSchema>;
export type Picture = v.InferOutput<typeof pictureSchema>;
export type Item = v.InferOutput<typeof itemSchema>;
export type ItemFilter = (typeof itemFilters)[number] | `missing:${string}`;
export type ItemPageRequest = v.InferOutput<typeof itemPageRequestSchema>;
export type ItemPage = v.InferOutput<typeof itemPageSchema>;
export type BrokenDataset = v.InferOutput<typeof brokenDatasetSchema>;
