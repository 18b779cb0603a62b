/**
 * What a saved figure was drawn from: a question to the studio, what was chosen on the page, and how large. Figures are drawn by the page
 * alone, so the studio keeps a recipe and asks nothing of it.
 */
import * as v from 'valibot';
import { parametersRequestSchema } from './parameters.ts';
import { profileRequestSchema } from './profile.ts';
import { statisticsRequestSchema } from './statistics.ts';
import { curvesRequestSchema } from './table.ts';

const ids = v.array(v.string());

/** Over what the curves of a comparison are drawn, and how. */
const curveLayoutSchema = v.object({
  axis: v.picklist(['epoch', 'step', 'time']),
  /** Weight of a new value in the smoothed line; 1 leaves values as they are. */
  smoothing: v.number(),
  log: v.boolean(),
  /** The axis of values spans what lies between the 2nd and the 98th of 100 values. */
  clips: v.boolean(),
});
export type CurveLayout = Readonly<v.InferOutput<typeof curveLayoutSchema>>;

const curvesRecipe = v.object({
  kind: v.literal('curves'),
  request: curvesRequestSchema,
  layout: curveLayoutSchema,
  /** The mean and spread of each model's; absent: where there are too many for single ones. */
  grouped: v.optional(v.boolean()),
  /** Runs kept on every tab; absent: all. */
  kept: v.optional(ids),
  /** Keys of curves left out. */
  hidden: v.optional(ids),
  /** Key of the one that is shown alone. */
  solo: v.optional(v.string()),
  /** The part of the axis that is shown. */
  span: v.optional(v.object({ from: v.number(), to: v.number() })),
});

const tradeOffRecipe = v.object({
  kind: v.literal('trade-off'),
  request: profileRequestSchema,
  /** Keys of what stands against what, and where. */
  ...{ dataset: v.string(), metric: v.string(), measure: v.string() },
});

const segmentsRecipe = v.object({
  kind: v.literal('segments'),
  request: profileRequestSchema,
  ...{ dataset: v.string(), metric: v.string(), of: v.picklist(['users', 'items']) },
  kept: v.optional(ids),
});

const ranksRecipe = v.object({ kind: v.literal('ranks'), request: statisticsRequestSchema, metric: v.string() });

const parametersRecipe = v.object({
  kind: v.literal('parameters'),
  of: v.picklist(['parallel', 'slices', 'importance']),
  request: parametersRequestSchema,
  /** Kept ranges by axis. */
  limits: v.optional(v.record(v.string(), v.object({ low: v.number(), high: v.number() }))),
  kept: v.optional(ids),
});

export const figureRecipeSchema = v.variant('kind', [curvesRecipe, tradeOffRecipe, segmentsRecipe, ranksRecipe, parametersRecipe]);
/** As it is written; defaults may be left out. */
export type FigureRecipe = v.InferInput<typeof figureRecipeSchema>;
export type RecipeOf<Kind extends FigureRecipe['kind']> = Extract<FigureRecipe, { kind: Kind }>;

/** How it is put on paper. */
export const paperSchema = v.object({
  /** csv: the drawn data. */
  format: v.picklist(['svg', 'pdf', 'png', 'csv']),
  columns: v.picklist(['one', 'two']),
  /** Height over width. */
  aspect: v.number(),
});
export type Paper = v.InferOutput<typeof paperSchema>;
