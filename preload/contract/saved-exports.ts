/** Tables that were saved as files: what they were made of, and whether that has changed since. */
import * as v from 'valibot';
import { problemSchema } from './problem.ts';
import { exportRequestSchema } from './table.ts';

export const savedExportSchema = v.object({
  id: v.string(),
  title: v.string(),
  request: exportRequestSchema,
  /** Absolute, on the machine of the studio. */
  path: v.string(),
  /** SHA-256 of the table and its options as they were written. */
  fingerprint: v.string(),
  /** UTC milliseconds. */
  savedAt: v.number(),
});
export type SavedExport = v.InferOutput<typeof savedExportSchema>;

/** changed: the table would be another now; no-folder: where it lay is gone; no-data: its runs make no table any more. */
export const exportStates = ['current', 'changed', 'no-folder', 'no-data'] as const;
export type ExportState = (typeof exportStates)[number];

export const listedExportSchema = v.object({
  id: v.string(),
  title: v.string(),
  path: v.string(),
  savedAt: v.number(),
  format: v.string(),
  state: v.picklist(exportStates),
  problem: v.optional(problemSchema),
});
export type ListedExport = v.InferOutput<typeof listedExportSchema>;
export const rewrittenSchema = v.object({
  written: v.array(v.object({ path: v.string(), bytes: v.number() })),
  failed: v.array(listedExportSchema),
});
export type Rewritten = v.InferOutput<typeof rewrittenSchema>;
