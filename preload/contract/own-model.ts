import * as v from 'valibot';
import { modelCardSchema } from './model-card.ts';
import { problemSchema } from './problem.ts';

/**
 * A model of the person's own: a folder with card.ts and model.ts among the models of the data folder. Its source travels by value, so
 * that what was checked is what runs, whatever happens to the folder meanwhile.
 */
export const ownSourceSchema = v.object({
  /** The folder's name, and the model's. */
  id: v.string(),
  /** SHA-256 over names and texts of the files. */
  hash: v.string(),
  /** TypeScript files by their name in the folder, "card.ts"; sorted. */
  files: v.array(v.object({ name: v.string(), text: v.string() })),
});
export type OwnSource = v.InferOutput<typeof ownSourceSchema>;

/** One parameter moved a little both ways along its gradient: the slope of the loss must be the gradient's length. */
const slopeSchema = v.object({
  parameter: v.string(),
  shape: v.array(v.number()),
  gradient: v.number(),
  slope: v.number(),
  /** |slope − gradient|, and how much of it rounding and curvature explain. */
  difference: v.number(),
  allowed: v.number(),
  isEqual: v.boolean(),
});
export type Slope = v.InferOutput<typeof slopeSchema>;

/** What a check found: the card, and how the model behaved when it was built and trained for a few steps on drawn data. */
export const ownCheckSchema = v.object({
  card: modelCardSchema,
  parameters: v.number(),
  /** Loss of the first steps. */
  losses: v.array(v.number()),
  /** Not wrong, but worth knowing: a parameter without gradient, tensors left behind, steps that are not compiled. */
  remarks: v.array(v.string()),
  /** Where slopes were asked for. */
  slopes: v.optional(v.array(slopeSchema)),
});
export type OwnCheck = v.InferOutput<typeof ownCheckSchema>;

/** A folder of the person's own models that cannot be used, and why. */
const brokenModelSchema = v.object({ id: v.string(), folder: v.string(), problem: problemSchema });
export type BrokenModel = v.InferOutput<typeof brokenModelSchema>;

/** Where models of the person's own lie, and what of them cannot be used. */
export const ownModelsSchema = v.object({
  folder: v.string(),
  broken: v.array(brokenModelSchema),
  /** Folders that are being looked at just now. */
  checking: v.array(v.string()),
});
export type OwnModels = v.InferOutput<typeof ownModelsSchema>;
