/** The statistics of a comparison: every test with its effect and interval, ranks across datasets, and what is assumed. */
import * as v from 'valibot';
import { alternatives, findingSchema, testKinds, testOptionsSchema } from './significance.ts';
import { segmentsSchema } from './segments.ts';
import { tableRequestSchema, tableSchema } from './table.ts';

export const statisticsRequestSchema = v.object({
  table: v.optional(tableRequestSchema, {}),
  options: v.optional(testOptionsSchema, {}),
  /** Everything against the baseline (the first row where none is named), or every pair. */
  family: v.optional(v.picklist(['baseline', 'pairs']), 'baseline'),
});
export type StatisticsRequest = v.InferInput<typeof statisticsRequestSchema>;

const comparisonSchema = v.object({
  /** Keys of rows. */
  first: v.string(),
  second: v.string(),
  /** Index of the column: group * metrics + metric. */
  column: v.number(),
  finding: v.optional(findingSchema),
  /** Why there is no test, or what keeps a star off. */
  note: v.optional(v.string()),
  /** Values by shared seed, in a per-seed design. */
  pairs: v.optional(v.array(v.object({ seed: v.number(), first: v.number(), second: v.number() }))),
});
export type Comparison = v.InferOutput<typeof comparisonSchema>;

/** One metric over all datasets: ranks, never values, are averaged (protocol.md section 9, rule 7). */
const rankingSchema = v.object({
  metric: v.string(),
  /** Datasets on which every row has a value. */
  datasets: v.number(),
  /** Of each row, 1 = best; empty where no dataset is complete. */
  averages: v.array(v.number()),
  friedman: v.optional(v.object({ statistic: v.number(), degrees: v.number(), p: v.number() })),
  criticalDifference: v.optional(v.number()),
  /** Rows (indices, best first) that are not told apart. */
  groups: v.array(v.array(v.number())),
  /** Of each row against the baseline, over datasets. */
  tally: v.array(v.object({ win: v.number(), tie: v.number(), loss: v.number() })),
  /** Two rows: Wilcoxon over datasets. */
  pair: v.optional(v.object({ p: v.number(), n: v.number(), effect: v.optional(v.number()) })),
});
export type Ranking = v.InferOutput<typeof rankingSchema>;

const resplitComparisonSchema = v.object({
  /** Keys of rows. */
  first: v.string(),
  second: v.string(),
  /** Index of the metric. */
  metric: v.number(),
  finding: v.optional(findingSchema),
  note: v.optional(v.string()),
  /** Means over seeds, by split (an index of a group). */
  values: v.array(v.object({ group: v.number(), first: v.number(), second: v.number() })),
});
export type ResplitComparison = v.InferOutput<typeof resplitComparisonSchema>;

/** Folds, or repeated random splits, of the same rows: replicates with overlapping train rows (protocol.md section 9, rule 2). */
const resplitSchema = v.object({
  kind: v.picklist(['folds', 'splits']),
  /** Indices of groups. */
  groups: v.array(v.number()),
  /** Rows held out in the part shown over train rows, as a mean over the splits. */
  ratio: v.number(),
  /** By row and metric, over the splits that have a value. */
  means: v.array(v.array(v.object({ n: v.number(), mean: v.optional(v.number()), sd: v.optional(v.number()) }))),
  comparisons: v.array(resplitComparisonSchema),
  caption: v.string(),
});
export type Resplit = v.InferOutput<typeof resplitSchema>;

const statisticsSchema = v.object({
  part: tableSchema.entries.part,
  frozen: v.boolean(),
  selection: tableSchema.entries.selection,
  rows: tableSchema.entries.rows,
  groups: tableSchema.entries.groups,
  metrics: tableSchema.entries.metrics,
  baseline: v.string(),
  family: v.picklist(['baseline', 'pairs']),
  options: v.object({ ...testOptionsSchema.entries, test: v.picklist(testKinds) }),
  blocked: v.array(v.string()),
  comparisons: v.array(comparisonSchema),
  /** Comparisons with a p-value: what the correction counts. */
  familySize: v.number(),
  /** Per column the least difference for a star, and where it comes from. */
  minimums: v.array(v.object({ value: v.number(), from: v.string() })),
  /** Least and most seeds behind a tested value. */
  seeds: v.tuple([v.number(), v.number()]),
  rankings: v.array(rankingSchema),
  /** Families of splits among the datasets; empty where there is none. */
  resplits: v.optional(v.array(resplitSchema), []),
  assumptions: v.array(v.string()),
  caption: v.string(),
});
export type Statistics = v.InferOutput<typeof statisticsSchema>;

export const statisticsEventSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), fraction: v.number() }),
  v.object({ type: v.literal('done'), statistics: statisticsSchema }),
]);
export type StatisticsEvent = v.InferOutput<typeof statisticsEventSchema>;

/** What the worker is given: where per-user values lie, values of runs, and which pairs to test. */
export const testTaskSchema = v.object({
  design: v.picklist(['user', 'seed']),
  test: v.picklist(testKinds),
  alternative: v.picklist(alternatives),
  resamples: v.number(),
  seed: v.number(),
  /** One configuration on one dataset. */
  entries: v.array(
    v.object({
      /** Names the random stream of a pair, so that its draws do not depend on what else is tested. */
      key: v.string(),
      dataset: v.string(),
      /** Per-user files, one a seed. */
      files: v.array(v.string()),
      /** Top lists, one a seed; only where item segments are tested. */
      lists: v.optional(v.array(v.string())),
      seeds: v.array(v.number()),
      /** By the pairs' `metric` the value of each seed; null where its run has none. */
      values: v.record(v.string(), v.array(v.nullable(v.number()))),
    }),
  ),
  pairs: v.array(
    v.object({
      first: v.number(),
      second: v.number(),
      /** Key of `values`, and what names the random stream: "recall@20", "recall@20/users:sparse". */
      metric: v.string(),
      /** Of the metric in per-user files; −1: it has no value per user. */
      column: v.number(),
      better: v.picklist(['higher', 'lower']),
      /** Users, or held-out items, of this segment alone. */
      segment: v.optional(v.object({ of: v.picklist(['users', 'items']), at: v.number() })),
    }),
  ),
  /** What segments are made from; absent where none is tested. */
  grounds: v.optional(
    v.object({
      part: v.picklist(['validation', 'test']),
      of: v.array(v.object({ dataset: v.string(), folder: v.string(), segments: segmentsSchema })),
    }),
  ),
});
export type TestTask = v.InferOutput<typeof testTaskSchema>;

/** One answer per pair, in their order: a test, or why there is none. */
export const testAnswersSchema = v.array(
  v.union([
    v.object({
      n: v.number(),
      difference: v.number(),
      interval: v.optional(v.tuple([v.number(), v.number()])),
      p: v.number(),
      effect: v.optional(v.number()),
      effectName: v.picklist(['d_z', 'd', 'rank-biserial']),
      method: v.string(),
    }),
    v.object({ missing: v.string() }),
  ]),
);
export type TestAnswers = v.InferOutput<typeof testAnswersSchema>;
