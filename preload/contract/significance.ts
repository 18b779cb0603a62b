/** How rows of a table are tested against each other (protocol.md section 9): what is asked, and what a cell shows of the answer. */
import * as v from 'valibot';

export const testDesigns = ['user', 'seed'] as const;
export const testKinds = ['t', 'wilcoxon', 'bootstrap'] as const;
export const corrections = ['holm', 'benjamini-hochberg', 'none'] as const;
export const alternatives = ['two-sided', 'greater', 'less'] as const;

export const testOptionsSchema = v.object({
  /** user: values averaged over seeds, paired by user. seed: means of runs, paired by shared seed. */
  design: v.optional(v.picklist(testDesigns), 'user'),
  /** Absent: Wilcoxon per user, paired t per seed. */
  test: v.optional(v.picklist(testKinds)),
  correction: v.optional(v.picklist(corrections), 'holm'),
  alpha: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 0.05),
  /** greater: the row is better than what it is compared with, by the metric's own direction. */
  alternative: v.optional(v.picklist(alternatives), 'two-sided'),
  /** Least difference that earns a star, in units of the metric; absent: the noise floor of each column. */
  minimum: v.optional(v.pipe(v.number(), v.minValue(0), v.finite())),
  /** Of the bootstrap. */
  resamples: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(100_000)), 10_000),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
});
export type TestOptions = v.InferOutput<typeof testOptionsSchema>;
export type TestOptionsInput = v.InferInput<typeof testOptionsSchema>;

/**
 * better, worse: adjusted p below α and a difference beyond the minimum. small: below α, within the minimum. few: below α, from fewer
 * than five seeds. open: not below α.
 */
export const verdicts = ['better', 'worse', 'small', 'few', 'open'] as const;
export type Verdict = (typeof verdicts)[number];

/** What one comparison found. Differences are first minus second, in units of the metric. */
export const findingSchema = v.object({
  /** Pairs; of Welch's test the runs of both sides. */
  n: v.number(),
  difference: v.number(),
  /** Of the mean difference, 95 %; t, or percentiles of the bootstrap. */
  interval: v.optional(v.tuple([v.number(), v.number()])),
  /** Difference over the second's mean. */
  relative: v.optional(v.number()),
  p: v.number(),
  adjusted: v.number(),
  effect: v.optional(v.number()),
  effectName: v.picklist(['d_z', 'd', 'rank-biserial']),
  /** "paired t", "Welch t", "Wilcoxon, exact" … */
  method: v.string(),
  verdict: v.picklist(verdicts),
});
export type Finding = v.InferOutput<typeof findingSchema>;

/** Stars of a table: what they say, or why there are none. */
export const starsSchema = v.object({
  options: testOptionsSchema,
  /** Goes into the caption of screen and export. */
  caption: v.string(),
  /** Reasons that keep every star off. */
  blocked: v.array(v.string()),
});

/** The sign a verdict puts behind a number: * better, † worse. */
export function starOf(verdict: Verdict | undefined): '' | '*' | '†' {
  return verdict === 'better' ? '*' : verdict === 'worse' ? '†' : '';
}
