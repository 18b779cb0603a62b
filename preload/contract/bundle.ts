import * as v from 'valibot';
import { comparisonScopeSchema } from './table.ts';

/** A reproducibility bundle of what a comparison covers. Without `path` it lies in the data folder's `bundles/`. */
export const bundleRequestSchema = v.object({ scope: comparisonScopeSchema, path: v.optional(v.string()) });
export const bundleSavedSchema = v.object({ path: v.string(), bytes: v.number(), files: v.number(), runs: v.number() });

/** What was found in a bundle, from the file alone. */
export const verificationSchema = v.object({
  path: v.string(),
  title: v.string(),
  /** UTC milliseconds. */
  createdAt: v.number(),
  program: v.string(),
  files: v.number(),
  runs: v.number(),
  /** Metrics computed again from values per user, and cells of tables computed again from metrics of runs. */
  metrics: v.number(),
  cells: v.number(),
  /** Nothing here: every checksum and every number is right. */
  problems: v.array(v.object({ where: v.string(), text: v.string() })),
});
export type Verification = v.InferOutput<typeof verificationSchema>;
