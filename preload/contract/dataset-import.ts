import * as v from 'valibot';
import { datasetSummarySchema, graphSummarySchema, modalityHealthSchema, splitCheckSchema } from './dataset.ts';
import { problemSchema } from './problem.ts';
import { splitPreviewSchema } from './split-preview.ts';
import { kCoreSchema, seedSchema, splitRuleSchema } from './split-rule.ts';

/**
 * The import dialog: an inspection streams findings about a folder or a log file, the person answers its choices, and an
 * import request with those answers streams progress and ends in a dataset or a problem.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What to look at: a folder (MMRec layout) or one log file (CSV, TSV, `::`, JSON lines, optionally gzip). */
export const inspectRequestSchema = v.object({ path: v.string() });

/** Something that has an honest remedy. The person chooses; `default` is what is ticked at first, never applied silently. */
const choiceSchema = v.object({
  /** "repeats", "nan-rows:image", "zero-rows:text", "encoding" … */
  id: v.string(),
  /** What was found, in words with the count: "312 rows repeat a pair of the same part". */
  text: v.string(),
  count,
  where: v.optional(v.string()),
  options: v.array(v.object({ value: v.string(), label: v.string(), refuses: v.optional(v.boolean(), false) })),
  default: v.string(),
});

export const delimiters = ['\t', ',', ';', '|', '::'] as const;

/** How the text of a log is read. */
const logFormatSchema = v.object({
  kind: v.picklist(['delimited', 'json-lines']),
  delimiter: v.optional(v.picklist(delimiters), ','),
  header: v.optional(v.boolean(), true),
  quote: v.optional(v.boolean(), true),
  encoding: v.optional(v.picklist(['utf-8', 'latin-1']), 'utf-8'),
  gzip: v.optional(v.boolean(), false),
});

/** Column names by meaning. A log without header names its columns "column 1", "column 2" … */
const columnMappingSchema = v.object({
  user: v.string(),
  item: v.string(),
  timestamp: v.optional(v.string()),
  rating: v.optional(v.string()),
  /** 0 train, 1 validation, 2 test: taken as they are, no other split is made. */
  label: v.optional(v.string()),
});

const logPresets = ['amazon-2014', 'amazon', 'movielens', 'movielens-100k', 'recbole', 'elliot'] as const;

/** The first rows of a log as they would be read, and the guessed mapping. */
const logPreviewSchema = v.object({
  format: logFormatSchema,
  columns: v.array(v.string()),
  /** At most 50 rows of text. */
  rows: v.array(v.array(v.string())),
  mapping: v.partial(columnMappingSchema),
  preset: v.optional(v.picklist(logPresets)),
});

/** One finding of a running inspection, in the order found. */
export const findingSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), phase: v.string(), fraction: v.number(), file: v.optional(v.string()) }),
  v.object({
    type: v.literal('recognised'),
    layout: v.picklist(['mmrec', 'recbole', 'log', 'unknown']),
    name: v.string(),
    text: v.string(),
    files: v.array(v.object({ name: v.string(), bytes: count, as: v.string() })),
  }),
  v.object({
    type: v.literal('interactions'),
    file: v.string(),
    columns: v.array(v.string()),
    users: count,
    items: count,
    rows: count,
    train: count,
    validation: count,
    test: count,
  }),
  v.object({ type: v.literal('modality'), health: modalityHealthSchema }),
  v.object({ type: v.literal('graph'), graph: graphSummarySchema }),
  v.object({ type: v.literal('items'), file: v.string(), rows: count, titled: count, described: count, pictured: count }),
  v.object({ type: v.literal('check'), check: splitCheckSchema }),
  v.object({ type: v.literal('preview'), preview: logPreviewSchema }),
  v.object({ type: v.literal('choice'), choice: choiceSchema }),
  /** `count` places have this problem, the first few are listed as `file:line`. A blocking problem prevents the import. */
  v.object({ type: v.literal('problem'), problem: problemSchema, count, examples: v.array(v.string()), blocking: v.boolean() }),
  v.object({ type: v.literal('finished'), importable: v.boolean(), suggestedName: v.string(), elapsedMs: v.number() }),
]);

/** A `.npy` matrix and the file that names the raw item id of each row, one per line or the first column of a table. */
const featureAttachmentSchema = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_-]*$/, 'a modality name is lower-case letters, digits, - and _')),
  file: v.string(),
  ids: v.string(),
  missing: v.optional(v.picklist(['mean', 'zero']), 'mean'),
});

const itemTableMappingSchema = v.object({
  file: v.string(),
  id: v.string(),
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  picture: v.optional(v.string()),
});

const datasetName = v.pipe(v.string(), v.trim(), v.minLength(1, 'a dataset needs a name'), v.maxLength(80));
const choices = v.optional(v.record(v.string(), v.string()), {});

export const importRequestSchema = v.variant('from', [
  v.object({ from: v.literal('folder'), folder: v.string(), name: datasetName, choices }),
  v.object({
    from: v.literal('log'),
    file: v.string(),
    name: datasetName,
    /** Absent: as detected. */
    format: v.optional(logFormatSchema),
    mapping: columnMappingSchema,
    /** Keep rows with at least this rating. */
    minRating: v.optional(v.number()),
    kCore: v.optional(kCoreSchema, {}),
    split: splitRuleSchema,
    seed: seedSchema,
    features: v.optional(v.array(featureAttachmentSchema), []),
    itemTable: v.optional(itemTableMappingSchema),
    choices,
  }),
  /** Another split of a dataset that is here: the same rows, features and items, another version. */
  v.object({ from: v.literal('dataset'), dataset: v.string(), name: datasetName, split: splitRuleSchema, seed: seedSchema }),
]);

/** Where the rows of a split come from while it is being chosen. */
export const splitSourceSchema = v.variant('from', [
  v.object({
    from: v.literal('log'),
    file: v.string(),
    format: v.optional(logFormatSchema),
    mapping: columnMappingSchema,
    minRating: v.optional(v.number()),
  }),
  v.object({ from: v.literal('dataset'), dataset: v.string() }),
]);

/** The k-core is of a log alone: a dataset keeps its rows. */
export const splitWishSchema = v.object({ kCore: v.optional(kCoreSchema, {}), split: splitRuleSchema, seed: seedSchema });

/** A worker that holds the rows of one source is asked and answers by number. */
export const splitAskSchema = v.object({ id: count, wish: splitWishSchema });
export const splitAnswerSchema = v.object({ id: count, preview: v.optional(splitPreviewSchema), problem: v.optional(problemSchema) });

/** Events of a running import; `done` is the last one of a successful import. A failure arrives as the task's problem. */
export const importEventSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), phase: v.string(), fraction: v.number(), file: v.optional(v.string()) }),
  v.object({ type: v.literal('done'), summary: datasetSummarySchema }),
]);

export type Choice = v.InferOutput<typeof choiceSchema>;
export type LogFormat = v.InferOutput<typeof logFormatSchema>;
export type ColumnMapping = v.InferOutput<typeof columnMappingSchema>;
export type LogPreset = (typeof logPresets)[number];
export type LogPreview = v.InferOutput<typeof logPreviewSchema>;
export type Finding = v.InferOutput<typeof findingSchema>;
export type FeatureAttachment = v.InferOutput<typeof featureAttachmentSchema>;
export type ItemTableMapping = v.InferOutput<typeof itemTableMappingSchema>;
export type ImportRequest = v.InferOutput<typeof importRequestSchema>;
export type FolderImport = Extract<ImportRequest, { from: 'folder' }>;
export type LogImport = Extract<ImportRequest, { from: 'log' }>;
export type SplitImport = Extract<ImportRequest, { from: 'dataset' }>;
export type SplitSource = v.InferOutput<typeof splitSourceSchema>;
export type SplitAnswer = v.InferOutput<typeof splitAnswerSchema>;
export type SplitWish = v.InferOutput<typeof splitWishSchema>;
export type ImportEvent = v.InferOutput<typeof importEventSchema>;
