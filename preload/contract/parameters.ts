/** Settings of single runs beside what they reached, for parallel coordinates, and which settings matter. Always about validation, which selects. */
import * as v from 'valibot';
import { comparisonScopeSchema, tableFormulaSchema, tableSchema } from './table.ts';

export const parametersRequestSchema = v.object({
  scope: v.optional(comparisonScopeSchema, {}),
  metric: v.optional(v.string(), 'recall@20'),
  /** In place of the metric. */
  formula: v.optional(tableFormulaSchema),
  /** Settings belong to a model; absent: the one with most runs. */
  model: v.optional(v.string()),
  dataset: v.optional(v.string()),
});

const settingValue = v.union([v.number(), v.string(), v.boolean()]);

export const parametersSchema = v.object({
  metric: tableSchema.entries.metrics.item,
  models: v.array(v.object({ id: v.string(), title: v.string(), runs: v.number() })),
  datasets: v.array(v.object({ id: v.string(), name: v.string() })),
  model: v.string(),
  dataset: v.string(),
  /** Settings that differ between the runs. Numbers rising, words in order of appearance. */
  parameters: v.array(v.object({ key: v.string(), isNumber: v.boolean(), values: v.array(settingValue) })),
  /** Settings that differ but are not set in all of the runs, and in how many they are: they have no place on an axis. */
  partial: v.optional(v.array(v.object({ key: v.string(), runs: v.number() })), []),
  /** Those that have a value of it, oldest first. */
  runs: v.array(v.object({ id: v.string(), seed: v.number(), settings: v.record(v.string(), settingValue), value: v.number() })),
  /** How many more finished without one. */
  missing: v.optional(v.number(), 0),
  /** Of each parameter, in their order; absent with fewer than ten runs or equal values. */
  importance: v.optional(v.object({ runs: v.number(), of: v.array(v.object({ mean: v.number(), sd: v.number() })) })),
});
export type Parameters = v.InferOutput<typeof parametersSchema>;
