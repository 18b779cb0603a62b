/** Tables and figures that were saved as files: what they were made of, and whether that has changed since. */
import * as v from 'valibot';
import { figureRecipeSchema, paperSchema } from './figure-recipe.ts';
import { problemSchema } from './problem.ts';
import { exportRequestSchema } from './table.ts';

/** A figure as the page drew it. */
export const savedFigureSchema = v.object({
  title: v.string(),
  recipe: figureRecipeSchema,
  paper: paperSchema,
  /** SHA-256 of what was drawn. */
  fingerprint: v.string(),
});
export type SavedFigure = v.InferOutput<typeof savedFigureSchema>;
/** As the page hands it over; defaults may be left out. */
export type DrawnFigure = v.InferInput<typeof savedFigureSchema>;

const savedFile = {
  id: v.string(),
  title: v.string(),
  /** Absolute, on the machine of the studio. */
  path: v.string(),
  /** SHA-256 of the table and its options as they were written, or of what was drawn. */
  fingerprint: v.string(),
  /** UTC milliseconds. */
  savedAt: v.number(),
};
const savedTableEntrySchema = v.object({ ...savedFile, request: exportRequestSchema });
const savedFigureEntrySchema = v.object({ ...savedFile, recipe: figureRecipeSchema, paper: paperSchema });
export const savedExportSchema = v.union([savedTableEntrySchema, savedFigureEntrySchema]);
export type SavedTableEntry = v.InferOutput<typeof savedTableEntrySchema>;
export type SavedExport = v.InferOutput<typeof savedExportSchema>;

/**
 * changed: the file would hold something else now; no-folder: where it lay is gone; no-data: its runs make nothing of the kind any more;
 * undrawn: a figure, which only the page can draw to know.
 */
export const exportStates = ['current', 'changed', 'no-folder', 'no-data', 'undrawn'] as const;
export type ExportState = (typeof exportStates)[number];

export const listedExportSchema = v.object({
  id: v.string(),
  title: v.string(),
  path: v.string(),
  savedAt: v.number(),
  format: v.string(),
  state: v.picklist(exportStates),
  problem: v.optional(problemSchema),
  figure: v.optional(savedFigureSchema),
});
export type ListedExport = v.InferOutput<typeof listedExportSchema>;
export const rewrittenSchema = v.object({
  written: v.array(v.object({ path: v.string(), bytes: v.number() })),
  failed: v.array(listedExportSchema),
});
export type Rewritten = v.InferOutput<typeof rewrittenSchema>;
