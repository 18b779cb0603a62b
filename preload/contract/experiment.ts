import * as v from 'valibot';
import { evaluationSchema } from './evaluation.ts';
import { externalSchema } from './external.ts';
import { laneIdSchema } from './lane.ts';
import { memoryPlanSchema } from './memory.ts';
import { hyperValueSchema, hyperValuesSchema } from './model-card.ts';
import { budgetSchema, deviceIdSchema, estimateSchema, protocolSchema, runStates, runSummarySchema } from './run.ts';
import { searchRangeSchema, searchSchema, searchStateSchema } from './search.ts';

/** One model of an experiment: a preset, single values, and fields that are varied: over lists (a grid, or a search among them), or over ranges that a search draws from. */
export const modelChoiceSchema = v.object({
  model: v.string(),
  preset: v.optional(v.string()),
  values: v.optional(hyperValuesSchema, {}),
  vary: v.optional(v.record(v.string(), v.array(hyperValueSchema)), {}),
  ranges: v.optional(v.record(v.string(), searchRangeSchema), {}),
  /** A model of the researcher's own; `model` is then externalId of its title. */
  external: v.optional(externalSchema),
});
export type ModelChoice = v.InferOutput<typeof modelChoiceSchema>;

/** What a person launches. From it come ordinary run configurations, all before anything starts. */
export const experimentRequestSchema = v.object({
  name: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(120)), ''),
  question: v.optional(v.pipe(v.string(), v.maxLength(1000)), ''),
  note: v.optional(v.pipe(v.string(), v.maxLength(10_000)), ''),
  datasets: v.pipe(v.array(v.string()), v.minLength(1)),
  models: v.pipe(v.array(modelChoiceSchema), v.minLength(1)),
  seeds: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.minLength(1)),
  /** How configurations are chosen from what is varied; absent: the whole grid. */
  search: v.optional(searchSchema),
  budget: v.optional(budgetSchema, {}),
  protocol: v.optional(protocolSchema, 'validation'),
  evaluation: v.optional(evaluationSchema, {}),
  itemGraph: v.optional(v.picklist(['computed', 'imported']), 'computed'),
  device: v.optional(deviceIdSchema, 'wasm'),
  /** 0: each run its share of the machine. */
  threads: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(256)), 0),
  /** Where all its runs compute; absent: wherever there is room. No part of a configuration. */
  pin: v.optional(laneIdSchema),
  /** Run also what is already known or under way (same data, configuration and seed). */
  runKnown: v.optional(v.boolean(), false),
  /** The run that was cloned into this. */
  parent: v.optional(v.string()),
});
export type ExperimentRequest = v.InferInput<typeof experimentRequestSchema>;
export type ParsedExperimentRequest = v.InferOutput<typeof experimentRequestSchema>;

/** One cell of the matrix: a dataset, a configuration and a seed. */
export const cellSchema = v.object({
  dataset: v.string(),
  model: v.string(),
  /** Row of the matrix: configurations of a model in grid order. */
  configuration: v.string(),
  seed: v.number(),
  /** planned: not started; known: an equal run exists, finished or (in a plan) under way, and is reused; otherwise the run's state. */
  state: v.picklist(['planned', 'known', ...runStates]),
  runId: v.optional(v.string()),
  masked: v.optional(v.boolean(), false),
  progress: v.optional(v.number()),
  reason: v.optional(v.string()),
  /** The run lies in the trash: no result, but a candidate of the selection while it is there. */
  trashed: v.optional(v.boolean()),
  /** Stopped by successive halving: a result of its search, nothing that is missing. */
  halted: v.optional(v.boolean()),
});
export type Cell = v.InferOutput<typeof cellSchema>;

export const matrixSchema = v.object({
  datasets: v.array(v.object({ id: v.string(), name: v.string() })),
  seeds: v.array(v.number()),
  rows: v.array(
    v.object({ configuration: v.string(), model: v.string(), title: v.string(), differences: v.string(), inferred: v.boolean() }),
  ),
  cells: v.array(cellSchema),
});
export type Matrix = v.InferOutput<typeof matrixSchema>;

/** What pressing Start would do. */
export const planSchema = v.object({
  matrix: matrixSchema,
  /** Runs that would start; `known` cells are finished and `underway` ones already queued or running, both are reused. */
  runs: v.number(),
  known: v.number(),
  underway: v.optional(v.number(), 0),
  time: estimateSchema,
  pretraining: v.object({ stages: v.number(), seconds: v.number() }),
  diskBytes: v.number(),
  freeBytes: v.number(),
  /** Absent where nothing is computed here. */
  memory: v.optional(memoryPlanSchema),
  /** Half-width of a 95 % interval of a difference of two means at this number of seeds, Recall@20 (protocol.md section 8). */
  halfWidth: v.optional(v.number()),
  /** Resolved budget of all models (min_epochs is the largest any model asks for); what one unlocks for itself stands in its values. */
  budget: budgetSchema,
  notes: v.array(v.object({ level: v.picklist(['good', 'note', 'unequal', 'inferred', 'blocking']), text: v.string() })),
  /** Of a search: what it will do; its matrix shows the trials whose settings are known now. */
  search: v.optional(
    v.object({
      /** Over all models and datasets. */
      trials: v.number(),
      /** The least and the most runs that it can come to; `runs` is what is to be expected. */
      fewest: v.number(),
      most: v.number(),
      /** Epochs at which runs are compared; empty where none is ended early. */
      rungs: v.array(v.number()),
      words: v.string(),
      /** The experiment that asks for the same: Start goes on with it while it is not over; once it is, all its trials are known. */
      same: v.optional(v.object({ id: v.string(), name: v.string(), isOver: v.boolean(), done: v.number() })),
    }),
  ),
  /** Models that cannot run on a chosen dataset, with the reason. */
  impossible: v.array(v.object({ model: v.string(), dataset: v.string(), reason: v.string() })),
  command: v.string(),
  /** The same as a sweep file, in both forms. */
  sweep: v.object({ yaml: v.string(), json: v.string() }),
});
export type Plan = v.InferOutput<typeof planSchema>;

/** An experiment kept to start from. */
export const templateSchema = v.object({
  id: v.string(),
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(120)),
  request: experimentRequestSchema,
  /** UTC milliseconds. */
  savedAt: v.number(),
});
export type Template = v.InferOutput<typeof templateSchema>;

/** The audit record of a frozen selection (protocol.md S1). */
export const selectionSchema = v.object({
  frozenAt: v.number(),
  frozenBy: v.string(),
  criterion: v.string(),
  candidates: v.number(),
  /** How the candidates were chosen: "30 trials a model and dataset, TPE, seed 0 …"; absent for a grid. */
  search: v.optional(v.string()),
  /** "37/60" where the grid or search was not complete when it was frozen. */
  incomplete: v.optional(v.string()),
  /** So many of its runs lay in the trash then; finished ones counted. */
  trashed: v.optional(v.number()),
  winners: v.array(
    v.object({
      dataset: v.string(),
      model: v.string(),
      configuration: v.string(),
      differences: v.string(),
      mean: v.number(),
      sd: v.optional(v.number()),
      n: v.number(),
      runIds: v.array(v.string()),
      nextBest: v.optional(v.number()),
    }),
  ),
});
export type Selection = v.InferOutput<typeof selectionSchema>;

export const experimentSummarySchema = v.object({
  id: v.string(),
  name: v.string(),
  question: v.string(),
  note: v.string(),
  createdAt: v.number(),
  runs: v.number(),
  finished: v.number(),
  failed: v.number(),
  running: v.number(),
  waiting: v.number(),
  datasets: v.array(v.string()),
  models: v.array(v.string()),
  seeds: v.number(),
  frozenAt: v.optional(v.number()),
  /** One configuration on each dataset: there is nothing to select, and test values are shown without freezing. */
  choosesNothing: v.optional(v.boolean()),
  protocol: protocolSchema,
  /** What of the budget is not the same for all its models, in words; absent where it is equal. */
  unequal: v.optional(v.string()),
  matrix: matrixSchema,
  /** Of how many runs (a search: trials) of the whole there is a result; a search may still propose trials that no cell shows yet. */
  coverage: v.optional(v.object({ done: v.number(), of: v.number(), unit: v.picklist(['runs', 'trials']) })),
  search: v.optional(searchStateSchema),
  timeLeft: v.optional(estimateSchema),
  estimatedSeconds: v.optional(v.number()),
  elapsedSeconds: v.number(),
});
export type ExperimentSummary = v.InferOutput<typeof experimentSummarySchema>;

export const experimentDetailSchema = v.object({
  summary: experimentSummarySchema,
  selection: v.optional(selectionSchema),
  /** Before freezing: what would be frozen, and what speaks against it. */
  wouldFreeze: v.optional(
    v.object({ selection: selectionSchema, checks: v.array(v.object({ state: v.picklist(['good', 'open']), text: v.string() })) }),
  ),
  runs: v.array(runSummarySchema),
  /** Ids of those that lie in the trash. */
  trashed: v.optional(v.array(v.string()), []),
});
export type ExperimentDetail = v.InferOutput<typeof experimentDetailSchema>;
