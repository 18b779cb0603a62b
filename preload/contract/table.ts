import * as v from 'valibot';
import { selectionSchema } from './experiment.ts';
import { seriesSchema } from './run.ts';
import { stepsSchema } from './steps.ts';
import { formulaText } from './runs-fields.ts';
import { findingSchema, starsSchema, testOptionsSchema } from './significance.ts';

/** Which runs a comparison covers: experiments, or runs by id. Without either, every finished run. */
export const comparisonScopeSchema = v.object({
  experiments: v.optional(v.array(v.string()), []),
  runs: v.optional(v.array(v.string()), []),
});

/** A column of one's own: a formula of the runs language, worked out run by run. Which way is better, only the person knows. */
export const tableFormulaSchema = v.object({
  /** Without the equals sign, such as "val.recall@20 / elapsedSeconds". */
  text: v.string(),
  label: v.optional(v.string()),
  better: v.optional(v.picklist(['higher', 'lower']), 'higher'),
});

/** Pivot models × datasets × metrics. Before freezing only validation can be asked for; asking for test then is a problem, not an empty table. */
export const tableRequestSchema = v.object({
  scope: v.optional(comparisonScopeSchema, {}),
  rows: v.optional(v.picklist(['model', 'configuration']), 'model'),
  metrics: v.optional(v.pipe(v.array(v.string()), v.minLength(1)), ['recall@20', 'ndcg@20']),
  /** After the metrics, in this order. */
  formulas: v.optional(v.array(tableFormulaSchema), []),
  /** Besides the whole of each dataset a column group for each of its segments that somebody is in. */
  segments: v.optional(v.picklist(['users', 'items'])),
  /** Of the datasets in scope only these; empty: all. */
  datasets: v.optional(v.array(v.string()), []),
  /** auto: test where every experiment in scope is frozen, else validation. */
  part: v.optional(v.picklist(['auto', 'validation', 'test']), 'auto'),
  baseline: v.optional(v.string()),
  /** Tests every row against the baseline; cells then carry what was found. Without a baseline nothing is tested. */
  tests: v.optional(testOptionsSchema),
});
export type TableRequest = v.InferInput<typeof tableRequestSchema>;

/** One cell. `missing` says why there is no value. Marks are made on unrounded means; ties share them. */
const tableCellSchema = v.object({
  mean: v.optional(v.number()),
  sd: v.optional(v.number()),
  n: v.number(),
  /** Half the 95 % t interval of the mean over seeds (protocol.md S10). */
  halfWidth: v.optional(v.number()),
  mark: v.optional(v.picklist(['best', 'second'])),
  missing: v.optional(v.string()),
  /** Against the baseline, where tests were asked for. */
  finding: v.optional(findingSchema),
  runIds: v.array(v.string()),
});
export type TableCell = v.InferOutput<typeof tableCellSchema>;

/** One row of a paper. `values` follow the columns of the table; null where the paper prints none, and throughout while test is masked. */
const reportedTableRowSchema = v.object({
  citation: v.string(),
  /** Id of the model that the printed name means, else the name. */
  model: v.string(),
  title: v.string(),
  note: v.string(),
  values: v.array(v.nullable(v.number())),
});
export type ReportedTableRow = v.InferOutput<typeof reportedTableRowSchema>;

/** A segment of users or items as a column group of its own (protocol.md section 5). */
const groupSegmentSchema = v.object({
  of: v.picklist(['users', 'items']),
  id: v.string(),
  label: v.string(),
  about: v.string(),
  /** Users that are averaged. */
  n: v.number(),
});

export const tableSchema = v.object({
  title: v.string(),
  part: v.picklist(['validation', 'test']),
  /** Test values may be shown. */
  frozen: v.boolean(),
  /** Why: the selection is frozen, of some of its experiments only, or there was none to make in any; unfrozen: nor was the choice between them. */
  selection: v.optional(v.picklist(['open', 'frozen', 'partly', 'none', 'unfrozen'])),
  rows: v.array(v.object({ key: v.string(), model: v.string(), title: v.string(), differences: v.string(), inferred: v.boolean() })),
  /** Column groups in order; each has the metrics of `metrics`, a segment those without formulas ({@link metricsOf}). */
  groups: v.array(
    v.object({
      ...{ dataset: v.string(), name: v.string(), segment: v.optional(groupSegmentSchema) },
      /** The first eight letters of the split's hash, and all of it. */
      ...{ split: v.string(), splitHash: v.optional(v.string()) },
      /** What defines the comparison, where it is the same and recorded for all runs. */
      protocolId: v.optional(v.string()),
    }),
  ),
  /** Protocols of its runs, as captions name them. */
  protocols: v.optional(v.array(v.string())),
  metrics: v.array(
    v.object({ key: v.string(), label: v.string(), short: v.string(), better: v.picklist(['higher', 'lower']), definition: v.string() }),
  ),
  /** cells[row][column], columns as {@link tableColumns} lists them. */
  cells: v.array(v.array(tableCellSchema)),
  /** Relative gain of the best row over the baseline per column, where a baseline is set and differs. */
  gains: v.optional(v.array(v.nullable(v.number()))),
  baseline: v.optional(v.string()),
  /** Average rank over columns, 1 = best; absent with fewer than two rows. */
  ranks: v.optional(v.array(v.nullable(v.number()))),
  /** What the stars say; absent where no tests were asked for. */
  stars: v.optional(starsSchema),
  /** The audit of every frozen selection behind the values. */
  selections: v.optional(v.array(v.object({ experiment: v.string(), ...selectionSchema.entries }))),
  /** Facts for the caption: seeds, part, protocol, splits, K, missing runs, inferred notes. */
  caption: v.string(),
  notes: v.array(v.string()),
  comparable: v.object({ ok: v.boolean(), reasons: v.array(v.string()), warnings: v.array(v.string()) }),
  /** Printed values of papers on the very splits of the groups: shown beside the rows, never in a mark, rank, gain or test. */
  reported: v.optional(v.array(reportedTableRowSchema)),
  /** The day an export was made (ISO, UTC), and by which version. */
  made: v.optional(v.object({ on: v.string(), version: v.string() })),
});
export type Table = v.InferOutput<typeof tableSchema>;

export type GroupSegment = v.InferOutput<typeof groupSegmentSchema>;
export type TableGroup = Table['groups'][number];

/** What tells column groups apart: "baby", "baby/users:sparse". */
export function groupKey({ dataset, segment }: Pick<TableGroup, 'dataset' | 'segment'>): string {
  return segment === undefined ? dataset : `${dataset}/${segment.of}:${segment.id}`;
}

/** "Baby", "Baby: sparse, 1 to 5", "Baby: tail items". */
export function groupTitle({ name, segment }: Pick<TableGroup, 'name' | 'segment'>): string {
  return segment === undefined ? name : `${name}: ${segmentTitle(segment)}`;
}

/** A segment beside others of its kind. */
function segmentTitle({ of, label }: NonNullable<TableGroup['segment']>): string {
  return of === 'items' ? `${label} items` : label;
}

/** A group below the heading of its dataset. */
export function groupPart({ segment }: Pick<TableGroup, 'segment'>): string {
  return segment === undefined ? 'all' : segmentTitle(segment);
}

/** What stands under a group: a formula is worked out for whole runs, and stands once beside the segments of its dataset. */
export function metricsOf({ metrics }: Pick<Table, 'metrics'>, { segment }: Pick<TableGroup, 'segment'>): Table['metrics'] {
  return segment === undefined ? metrics : metrics.filter(({ key }) => formulaText(key) === undefined);
}

/** The columns of a table, in the order of its cells. */
export function tableColumns(
  table: Pick<Table, 'groups' | 'metrics'>,
): readonly { readonly group: TableGroup; readonly metric: Table['metrics'][number] }[] {
  return table.groups.flatMap((group) => metricsOf(table, group).map((metric) => ({ group, metric })));
}

/** "selection open", "selection frozen", "nothing to select" …: the same words on screens and in files. */
export function selectionState({ selection, frozen }: Pick<Table, 'selection' | 'frozen'>): string {
  const state = selection ?? (frozen ? 'frozen' : 'open');
  if (state === 'none') return 'nothing to select';
  if (state === 'unfrozen') return 'visible without a frozen selection';
  if (state === 'partly') return 'selection frozen in part';
  return state === 'frozen' ? 'selection frozen' : 'selection open';
}

/** What the values of a table are, in one line. */
export function partWords(table: Pick<Table, 'part' | 'selection' | 'frozen'>): string {
  if (table.part === 'test') return `Test values, ${selectionState(table)}`;
  return table.frozen ? 'Validation values' : 'Validation values (test is masked until the selection is frozen)';
}

export const arrangements = ['whole', 'stacked', 'turned'] as const;
export const exportFormats = ['csv', 'latex', 'markdown', 'json', 'xlsx', 'parquet'] as const;
export const exportOptionsSchema = v.object({
  format: v.picklist(exportFormats),
  decimals: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(8)), 4),
  sd: v.optional(v.boolean(), true),
  n: v.optional(v.boolean(), false),
  arrows: v.optional(v.boolean(), true),
  stars: v.optional(v.boolean(), true),
  best: v.optional(v.boolean(), true),
  second: v.optional(v.boolean(), true),
  gain: v.optional(v.boolean(), false),
  inferredMarks: v.optional(v.boolean(), true),
  caption: v.optional(v.boolean(), true),
  /** Rows of papers, where the table has some. */
  reported: v.optional(v.boolean(), true),
  /** Date and version at the end of the caption. */
  date: v.optional(v.boolean(), true),
  /** CSV: caption, splits, definitions and notes as comment lines before the header. */
  facts: v.optional(v.boolean(), false),
  /** CSV: a row of units below the header. */
  units: v.optional(v.boolean(), false),
  /** LaTeX: a fragment to \input, or a whole file that compiles. */
  scope: v.optional(v.picklist(['fragment', 'file']), 'fragment'),
  columns: v.optional(v.picklist(['one', 'two']), 'two'),
  /** LaTeX: all columns side by side, in panels one under another, or the page turned. */
  arrange: v.optional(v.picklist(arrangements), 'whole'),
});
export type ExportOptions = v.InferOutput<typeof exportOptionsSchema>;

/** Columns of a table that stand side by side: flat, group by group, from one up to another. */
const panelSchema = v.object({ from: v.number(), to: v.number() });
export type Panel = v.InferOutput<typeof panelSchema>;

/** The size of a table's numbers in print, and what other choices would make of them. */
const tableFitSchema = v.object({
  /** Points; a table that is too wide for its column, or too high for its page, is shrunk as a whole. */
  points: v.number(),
  /** It is the page that it is shrunk to. */
  isTall: v.boolean(),
  /** Smaller than this is hard to read in print. */
  least: v.number(),
  panels: v.array(panelSchema),
  /** What would come out larger, largest first; empty where nothing has to be done. */
  better: v.array(
    v.object({ arrange: v.picklist(arrangements), columns: v.picklist(['one', 'two']), points: v.number(), panels: v.number() }),
  ),
});
export type TableFit = v.InferOutput<typeof tableFitSchema>;

export const exportRequestSchema = v.object({ table: tableRequestSchema, options: exportOptionsSchema });
export type ExportRequest = v.InferInput<typeof exportRequestSchema>;
export const exportPreviewSchema = v.object({
  table: tableSchema,
  /** Absent for formats that are files and not text. */
  source: v.optional(v.string()),
  fileName: v.string(),
  /** Packages the source needs. */ needs: v.array(v.string()),
  /** LaTeX: how large its numbers come out on the page. */ fit: v.optional(tableFitSchema),
});

export const curvesRequestSchema = v.object({ scope: comparisonScopeSchema, metric: v.optional(v.string(), 'recall@20') });
/** Curves of a comparison: one entry per configuration and dataset, mean over seeds with sd, and the single runs. */
export const curvesSchema = v.object({
  metric: v.string(),
  curves: v.array(
    v.object({
      key: v.string(),
      dataset: v.string(),
      datasetName: v.string(),
      model: v.string(),
      title: v.string(),
      differences: v.string(),
      inferred: v.boolean(),
      n: v.number(),
      runIds: v.array(v.string()),
      mean: seriesSchema,
      /** Leading points of the mean that every seed has; after them seeds have ended, and what is left of them is another group. */
      whole: v.number(),
      /** How many runs each point of the mean holds; of a group, how many configurations. */
      held: v.instance(Int32Array),
      sd: v.optional(v.instance(Float64Array)),
      loss: seriesSchema,
      seconds: seriesSchema,
      /** Of each of its runs: a configuration has one batch size, its dataset one train part. */
      steps: stepsSchema,
      bestEpoch: v.optional(v.number()),
      bestValue: v.optional(v.number()),
      stopReason: v.optional(v.string()),
      sentence: v.string(),
    }),
  ),
});
export type Curves = v.InferOutput<typeof curvesSchema>;

/** Settings of several runs side by side, differing keys first. */
export const configDiffSchema = v.object({
  /** Configurations, each by its first run, with all of its runs. */
  runs: v.array(v.object({ id: v.string(), title: v.string(), runIds: v.array(v.string()) })),
  /** What each reached on validation: mean, sample standard deviation and n of its finished seeds, or why there is none. */
  metrics: v.array(
    v.object({
      key: v.string(),
      label: v.string(),
      better: v.picklist(['higher', 'lower']),
      values: v.array(
        v.object({ mean: v.optional(v.number()), sd: v.optional(v.number()), n: v.number(), missing: v.optional(v.string()) }),
      ),
    }),
  ),
  rows: v.array(v.object({ key: v.string(), values: v.array(v.string()), differs: v.boolean() })),
});
export type ConfigDiff = v.InferOutput<typeof configDiffSchema>;

/** A source that runs of a model of the person's own trained, by its hash. */
export const sourceVersionSchema = v.object({
  hash: v.string(),
  title: v.string(),
  runs: v.number(),
  files: v.array(v.object({ name: v.string(), text: v.string() })),
});
export type SourceVersion = v.InferOutput<typeof sourceVersionSchema>;
