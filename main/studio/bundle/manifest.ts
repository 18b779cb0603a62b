/** What a bundle says of itself: every file with its checksum, every file of a run that was left out with its own. */
import * as v from 'valibot';
import { metricValuesSchema } from '#contract/run.ts';

export const manifestName = 'manifest.json';

const fileSchema = v.object({ path: v.string(), bytes: v.number(), sha256: v.string() });
export type BundledFile = v.InferOutput<typeof fileSchema>;

export const manifestSchema = v.object({
  format: v.literal('avocet-bundle'),
  version: v.literal(1),
  title: v.string(),
  createdAt: v.number(),
  program: v.string(),
  runs: v.array(v.string()),
  /** Tables that can be computed again from the runs beside them. */
  tables: v.array(v.string()),
  files: v.array(fileSchema),
  /** Large files of runs (weights, vectors, lists), which stay where they were trained. */
  omitted: v.array(fileSchema),
});
export type Manifest = v.InferOutput<typeof manifestSchema>;

/** `runs/<id>/metrics.json`; test is there where it was shown. */
export const runMetricsSchema = v.object({ validation: v.optional(metricValuesSchema), test: v.optional(metricValuesSchema) });

/** Path of a run's file. */
export function runPath(id: string, file: string): string {
  return `runs/${id}/${file}`;
}
