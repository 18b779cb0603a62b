/** The runs table: what its cells hold, its saved views, what is done to many runs at once, and reported rows. */
import * as v from 'valibot';
import { laneIdSchema } from './lane.ts';

export const readings = ['best', 'last', 'min', 'max'] as const;
/** How a series becomes one number: at the best validation epoch, the last one, or its extremes. */
export const readingSchema = v.picklist(readings);
export type Reading = v.InferOutput<typeof readingSchema>;

/** One value of a row: of a run, or of its seeds as mean and sample standard deviation of n; in words where there is none. */
export const cellSchema = v.object({
  value: v.optional(v.number()),
  sd: v.optional(v.number()),
  n: v.optional(v.number()),
  text: v.optional(v.string()),
  missing: v.optional(v.string()),
});
export type RunsCell = v.InferOutput<typeof cellSchema>;

/** By column and key of a row: the best and the second of all rows that a query matches, made on unrounded means; ties share. */
export const rowMarksSchema = v.record(v.string(), v.record(v.string(), v.picklist(['best', 'second'])));
export type RowMarks = v.InferOutput<typeof rowMarksSchema>;

/** A column: a field (`val.recall@20`, `learningRate`, `my.verdict`) or, after an equals sign, a formula. */
const columnSchema = v.object({ key: v.string(), label: v.optional(v.string()), width: v.optional(v.number()) });
export type ViewColumn = v.InferOutput<typeof columnSchema>;

const sortSchema = v.array(v.object({ field: v.string(), descending: v.boolean() }));

export const deltas = ['absolute', 'percent', 'sd'] as const;

/** Fields whose values are the rows and the columns of a pivot, and the metric or measure in its cells. */
export const pivotFieldsSchema = v.object({ rows: v.string(), columns: v.string(), value: v.string() });
export type PivotFields = v.InferOutput<typeof pivotFieldsSchema>;

/** All that makes a view of the runs table: enough to bring it back here, from a link or from a file. */
export const viewStateSchema = v.object({
  filter: v.optional(v.string(), ''),
  facets: v.optional(v.record(v.string(), v.array(v.string())), {}),
  scope: v.optional(v.picklist(['present', 'starred', 'archived', 'trash']), 'present'),
  columns: v.optional(v.array(columnSchema)),
  /** Pixels of the column of names; absent: as the window gives. */
  nameWidth: v.optional(v.number()),
  sort: v.optional(sortSchema, [{ field: 'createdAt', descending: true }]),
  group: v.optional(v.array(v.string()), []),
  collapse: v.optional(v.boolean(), true),
  reading: v.optional(readingSchema, 'best'),
  delta: v.optional(v.picklist(deltas), 'absolute'),
  fold: v.optional(v.boolean(), true),
  /** Ids of the runs of the baseline and of pinned rows. */
  baseline: v.optional(v.array(v.string())),
  pins: v.optional(v.array(v.array(v.string())), []),
  /** Shown as a pivot instead of rows. */
  pivot: v.optional(pivotFieldsSchema),
});
export type ViewState = v.InferOutput<typeof viewStateSchema>;

export const savedViewSchema = v.object({ id: v.string(), name: v.string(), state: viewStateSchema, updatedAt: v.number() });
export type SavedView = v.InferOutput<typeof savedViewSchema>;

/** What a configuration is called beside others: its model, and the settings in which those of its model differ. */
export const configurationWordsSchema = v.object({
  title: v.string(),
  settings: v.array(v.object({ key: v.string(), value: v.string() })),
});
export type ConfigurationWords = v.InferOutput<typeof configurationWordsSchema>;

const groupValueSchema = v.nullable(v.union([v.string(), v.number()]));

/**
 * Means over the finished runs that match, by the values of two fields; null where no run has both. A cell without a mean says why. Marks are
 * of a column whose runs are of one dataset and protocol.
 */
export const pivotSchema = v.object({
  rows: v.array(groupValueSchema),
  columns: v.array(groupValueSchema),
  cells: v.array(
    v.array(
      v.nullable(
        v.object({
          value: v.optional(v.number()),
          sd: v.optional(v.number()),
          /** Runs behind the mean, and the configurations they are of. */
          n: v.number(),
          configurations: v.number(),
          mark: v.optional(v.picklist(['best', 'second'])),
          missing: v.optional(v.picklist(['masked', 'apart', 'failed', 'running', 'not run', 'no value'])),
        }),
      ),
    ),
  ),
  /** Values that match, of which the first are given. */
  totalRows: v.number(),
  totalColumns: v.number(),
  /** By hash, where rows or columns are configurations. */
  configurations: v.optional(v.record(v.string(), configurationWordsSchema)),
});
export type RunsPivot = v.InferOutput<typeof pivotSchema>;
export type PivotCell = NonNullable<RunsPivot['cells'][number][number]>;

/** A view as a file, to hand on. */
export const viewFileSchema = v.object({ avocet: v.literal('runs-view'), version: v.literal(1), name: v.string(), state: viewStateSchema });

/** What can be done to many runs at once. */
export const changeSchema = v.variant('type', [
  v.object({ type: v.literal('star'), starred: v.boolean() }),
  v.object({ type: v.literal('archive'), archived: v.boolean() }),
  v.object({ type: v.literal('lock'), locked: v.boolean() }),
  v.object({ type: v.literal('tag'), add: v.optional(v.array(v.string()), []), remove: v.optional(v.array(v.string()), []) }),
  v.object({ type: v.literal('note'), note: v.string() }),
  /** A value of a person's own column; an empty text takes it away. */
  v.object({ type: v.literal('own'), name: v.string(), value: v.string() }),
  /** Binds runs that wait to a device; without one they may go to any. */
  v.object({ type: v.literal('pin'), lane: v.optional(laneIdSchema) }),
  v.object({ type: v.literal('trash') }),
  v.object({ type: v.literal('restore') }),
]);
export type RunsChange = v.InferOutput<typeof changeSchema>;

/** One step of a change and of what takes it back: the same change to these runs. */
export const stepSchema = v.object({ ids: v.array(v.string()), change: changeSchema });
export type RunsStep = v.InferOutput<typeof stepSchema>;

export const changedSchema = v.object({
  /** Runs that are different now. */
  changed: v.number(),
  /** Runs left alone: locked ones by trash, and those at work. */
  locked: v.number(),
  working: v.number(),
  bytes: v.number(),
  /** What brings back exactly what was before, and what does it again. */
  undo: v.array(stepSchema),
  redo: v.array(stepSchema),
});
export type RunsChanged = v.InferOutput<typeof changedSchema>;

/** What a query may name, for completion, the list of columns and their headers. */
export const fieldInfoSchema = v.object({
  name: v.string(),
  label: v.string(),
  group: v.picklist(['run', 'validation', 'test', 'log', 'setting', 'own']),
  type: v.picklist(['text', 'number', 'time', 'any']),
  says: v.string(),
  /** Runs that have it. */
  runs: v.number(),
  low: v.optional(v.number()),
  high: v.optional(v.number()),
  values: v.optional(v.array(v.object({ value: v.string(), runs: v.number() }))),
});
export type FieldInfo = v.InferOutput<typeof fieldInfoSchema>;

/** Files that hold every row a query matches. */
export const sheetFormats = ['csv', 'xlsx', 'parquet'] as const;
export type SheetFormat = (typeof sheetFormats)[number];

/** A row from a paper: values someone reported, never ours. They enter no test, rank or mean. */
export const reportedRowSchema = v.object({
  id: v.string(),
  citation: v.string(),
  split: v.string(),
  dataset: v.string(),
  model: v.string(),
  note: v.string(),
  values: v.record(v.string(), v.number()),
});
export type ReportedRow = v.InferOutput<typeof reportedRowSchema>;
