import * as v from 'valibot';
import { evaluationSchema } from './evaluation.ts';
import { externalSchema } from './external.ts';
import { laneIdSchema } from './lane.ts';
import { relativeSchema, verificationSchema } from './lineage.ts';
import { importedSchema, logTools } from './log-import.ts';
import { hyperValuesSchema } from './model-card.ts';
import { problemSchema } from './problem.ts';
import { stepsSchema } from './steps.ts';

/** States of a run (house.md section 4). "lost": found running when an owner started; it is resumed or stays visible as lost. "imported": another tool recorded it; it is never at work here and enters no mean. */
export const runStates = ['queued', 'preparing', 'running', 'paused', 'finished', 'stopped', 'failed', 'lost', 'imported'] as const;
export type RunState = (typeof runStates)[number];

/** Why a run ended. non-finite-loss: only under the MMRec protocol, which then reports the earlier best; elsewhere the run fails as diverged. */
export const stopReasons = ['early-stopping', 'epoch-limit', 'stopped-by-user', 'successive-halving', 'non-finite-loss'] as const;

/** Reasons that are told to a run from outside: it keeps its best epoch, is stopped and not finished, and enters no mean. */
export const toldReasons = ['stopped-by-user', 'successive-halving'] as const;
export type ToldReason = (typeof toldReasons)[number];

/** How a run stood at a rung of successive halving. */
const verdictSchema = v.object({ epoch: v.number(), rank: v.number(), of: v.number(), goesOn: v.boolean() });
export type Verdict = v.InferOutput<typeof verdictSchema>;

export const deviceIdSchema = v.picklist(['wasm', 'cpu', 'tensorflow', 'webgpu']);
export const protocolSchema = v.picklist(['validation', 'mmrec']);

/** Id of the stage that trains a run's own model, the last of its stages. */
export const mainStage = 'train';

export const cutOffs = [5, 10, 20, 50] as const;
export const metricNames = ['recall', 'ndcg', 'precision', 'map'] as const;
/** "recall@20" and so on, metric by metric, cut-offs rising: the columns of per-user files after the user's id, too. */
export const metricKeys: readonly string[] = metricNames.flatMap((name) => cutOffs.map((k) => `${name}@${k}`));
/** Keys such as "recall@20" with unrounded float64 values, means over evaluated users. */
export const metricValuesSchema = v.record(v.string(), v.number());
export type MetricValues = v.InferOutput<typeof metricValuesSchema>;

const wholeNumber = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** What is equal for all models of a fair experiment (protocol.md section 4). */
export const budgetSchema = v.object({
  epochs: v.optional(wholeNumber(1, 100_000), 1000),
  minEpochs: v.optional(wholeNumber(0, 100_000), 0),
  patience: v.optional(wholeNumber(0, 100_000), 20),
  batchSize: v.optional(wholeNumber(1, 1_000_000), 2048),
  /** No upper bound: a rate far too large ends as a diverged run, which says more than a refusal. */
  learningRate: v.optional(v.pipe(v.number(), v.gtValue(0), v.finite()), 1e-3),
  /** Factor c in lr · c^(epoch/50); absent = the card's. */
  learningRateDecay: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  width: v.optional(wholeNumber(1, 4096), 64),
  /** Mirror Gradient (models.md 0.7): α₂ of the step up that follows the step down on every β-th batch; 0 or absent: off. */
  mirror: v.optional(v.pipe(v.number(), v.minValue(0), v.finite())),
  /** Its α₁, 1 where absent. */
  mirrorDescent: v.optional(v.pipe(v.number(), v.gtValue(0), v.finite())),
  /** Its β, 3 where absent. */
  mirrorEvery: v.optional(wholeNumber(1, 100_000)),
});
export type Budget = v.InferOutput<typeof budgetSchema>;

/** Everything that defines a run, resolved before it starts; its hash (without seed, device, threads) names the configuration. */
export const runConfigSchema = v.object({
  dataset: v.string(),
  model: v.string(),
  /** SHA-256 of the source where the model is the person's own: with another source it is another configuration. */
  source: v.optional(v.string()),
  preset: v.optional(v.string()),
  hyper: hyperValuesSchema,
  seed: wholeNumber(0, 2 ** 48),
  budget: budgetSchema,
  protocol: protocolSchema,
  /** Absent: all items are ranked, and the whole validation part chooses epoch and configuration. */
  evaluation: v.optional(evaluationSchema),
  itemGraph: v.picklist(['computed', 'imported']),
  device: deviceIdSchema,
  /** 0: its share of the machine when it starts (studio/threads.ts); what it had then stands in its record. */
  threads: wholeNumber(0, 256),
  /** A model that Avocet does not compute: the command that was run, or the results that were brought. */
  external: v.optional(externalSchema),
  /** A run that another tool recorded: its settings are `hyper`, and of all else here nothing is known. */
  imported: v.optional(importedSchema),
});
export type RunConfig = v.InferOutput<typeof runConfigSchema>;

/** What ran, for repetition: versions, host, fingerprints, kernels that fell back, what the model recorded about itself. */
export const provenanceSchema = v.object({
  codeVersion: v.string(),
  libraries: v.record(v.string(), v.string()),
  device: v.string(),
  deviceVersion: v.string(),
  threads: v.number(),
  platform: v.string(),
  processor: v.string(),
  fallbacks: v.array(v.string()),
  /** How training steps ran: "compiled", or "eager: " and why. Absent in records of versions that compiled nothing. */
  compile: v.optional(v.string()),
  splitHash: v.string(),
  /** Of a model that predicts next items: the order of rows it was trained and scored on. */
  sequenceHash: v.optional(v.string()),
  featureHashes: v.record(v.string(), v.string()),
  /** SHA-256 of what defines the comparison (protocol.ts). Absent in records of versions that did not name it. */
  protocolId: v.optional(v.string()),
  itemGraph: v.string(),
  model: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
});
export type Provenance = v.InferOutput<typeof provenanceSchema>;

/** A file a run left in its folder. Names: checkpoint-last, checkpoint-best, top50, top50-scores, users, items, per-user-validation, per-user-test, console; of a model of next items also top50-validation, users-validation. */
export const artifactSchema = v.object({ name: v.string(), file: v.string(), bytes: v.number(), sha256: v.string() });
/** A checkpoint that was put aside and can be taken back. */
const trashedArtifactSchema = v.object({ ...artifactSchema.entries, trashedAt: v.number() });
export type Artifact = v.InferOutput<typeof artifactSchema>;

/** Seconds: a point with its range, and where it comes from. */
export const estimateSchema = v.object({
  seconds: v.number(),
  low: v.number(),
  high: v.number(),
  /** "from 12 past runs", "from this machine's speed"; "estimating" while nothing is known yet. */
  basis: v.string(),
});
export type Estimate = v.InferOutput<typeof estimateSchema>;

/** Test values, or why they are not shown. A masked value never leaves the studio. */
export const testValuesSchema = v.variant('state', [
  v.object({ state: v.literal('shown'), values: metricValuesSchema }),
  v.object({ state: v.literal('masked'), reason: v.string() }),
  v.object({ state: v.literal('none'), reason: v.string() }),
]);

/** Progress of a live run, as cards and the status bar show it. */
export const progressSchema = v.object({
  stage: v.string(),
  stageIndex: v.number(),
  stageCount: v.number(),
  epoch: v.number(),
  epochLimit: v.number(),
  bestEpoch: v.optional(v.number()),
  bestValue: v.optional(v.number()),
  misses: v.number(),
  patience: v.number(),
  minEpochs: v.number(),
  secondsPerEpoch: v.optional(v.number()),
  timeLeft: v.optional(estimateSchema),
});
export type Progress = v.InferOutput<typeof progressSchema>;

/** A run as lists and cards show it. Times are UTC milliseconds. */
export const runSummarySchema = v.object({
  id: v.string(),
  experimentId: v.string(),
  experimentName: v.string(),
  state: v.picklist(runStates),
  dataset: v.string(),
  datasetName: v.string(),
  model: v.string(),
  modelTitle: v.string(),
  seed: v.number(),
  configHash: v.string(),
  /** Settings that differ from the card's defaults, "ii_k 10". */
  differences: v.array(v.object({ key: v.string(), value: v.string() })),
  device: v.string(),
  /** Threads it had or asked for; absent before a run that asked for none has begun. */
  threads: v.optional(v.number()),
  /** How training steps ran, see provenanceSchema. */
  compile: v.optional(v.string()),
  createdAt: v.number(),
  startedAt: v.optional(v.number()),
  endedAt: v.optional(v.number()),
  epochs: v.number(),
  bestEpoch: v.optional(v.number()),
  /** Values at the best-validation epoch, all metrics of one epoch. */
  validation: v.optional(metricValuesSchema),
  test: testValuesSchema,
  secondsPerEpoch: v.optional(v.number()),
  evaluationSeconds: v.optional(v.number()),
  /** Work time of all attempts, seconds; beside it what was estimated at start. */
  elapsedSeconds: v.number(),
  estimatedSeconds: v.optional(v.number()),
  peakMemoryBytes: v.optional(v.number()),
  stopReason: v.optional(v.picklist(stopReasons)),
  /** The verdict of successive halving that ended it. */
  verdict: v.optional(verdictSchema),
  problem: v.optional(problemSchema),
  attempt: v.number(),
  starred: v.boolean(),
  note: v.string(),
  /** Refuses the trash and being run over. */
  locked: v.optional(v.boolean()),
  archivedAt: v.optional(v.number()),
  tags: v.array(v.string()),
  queuePosition: v.optional(v.number()),
  held: v.optional(v.boolean()),
  /** The one device it may compute on; absent: any that its configuration allows. */
  pin: v.optional(laneIdSchema),
  progress: v.optional(progressSchema),
  /** The run sentence (look.md, signature 2). */
  sentence: v.string(),
  inferred: v.boolean(),
  /** The tool that recorded it, where it was imported: its values are of another evaluator, on a split that nobody proved. */
  imported: v.optional(v.picklist(logTools)),
});
export type RunSummary = v.InferOutput<typeof runSummarySchema>;

const attemptSchema = v.object({
  attempt: v.number(),
  startedAt: v.number(),
  endedAt: v.optional(v.number()),
  fromEpoch: v.number(),
  recomputedEpochs: v.number(),
  outcome: v.optional(v.string()),
});

const stageRecordSchema = v.object({
  id: v.string(),
  model: v.string(),
  state: v.picklist(['waiting', 'running', 'done', 'reused', 'failed']),
  epochs: v.number(),
  bestEpoch: v.optional(v.number()),
  seconds: v.number(),
});

export const runDetailSchema = v.object({
  summary: runSummarySchema,
  config: runConfigSchema,
  stages: v.array(stageRecordSchema),
  attempts: v.array(attemptSchema),
  provenance: v.optional(provenanceSchema),
  artifacts: v.array(artifactSchema),
  /** What lies in the folder of a run that has not ended: written over as it goes on, so nothing of it has a hash. */
  working: v.optional(v.array(v.object({ file: v.string(), bytes: v.number() }))),
  /** The next seed that no run of the same settings and data has. */
  nextSeed: v.optional(v.number()),
  /** Checkpoints in the trash. */
  trashed: v.optional(v.array(trashedArtifactSchema)),
  /** Why a checkpoint cannot be deleted, by its name. */
  needed: v.optional(v.record(v.string(), v.string())),
  /** Steps of an epoch of each stage, by its id. */
  steps: v.optional(v.record(v.string(), stepsSchema)),
  /** Number of trained values, of any model with a record. */
  parameters: v.optional(v.number()),
  /** `epoch`: of nested validation, those who chose the epoch; `validation` are then the others. */
  evaluatedUsers: v.optional(v.object({ validation: v.number(), test: v.number(), dropped: v.number(), epoch: v.optional(v.number()) })),
  /** Tensors that were still held at the end; 0 where nothing leaks. */
  leakedTensors: v.optional(v.number()),
  /** The run's family: itself, its ancestors and all that descend from the first of them. */
  family: v.optional(v.array(relativeSchema)),
  /** Newest first; of a reproduction, what it found of its parent. */
  verifications: v.optional(v.array(verificationSchema)),
  /** Of an imported run: the last value of each metric that keeps its own name. */
  logged: v.optional(metricValuesSchema),
  folder: v.string(),
  command: v.string(),
});
export type RunDetail = v.InferOutput<typeof runDetailSchema>;

/** A metric over epochs: `epochs[k]` (from 1) has `values[k]`. Keys: loss, loss/<term>, learning-rate, train-seconds, evaluation-seconds, recall@20 … */
export const seriesSchema = v.object({
  key: v.string(),
  stage: v.string(),
  epochs: v.instance(Int32Array),
  values: v.instance(Float64Array),
  /** Of how many points these are the lowest and highest of each stretch; absent where they are all. */
  of: v.optional(v.number()),
});
export type Series = v.InferOutput<typeof seriesSchema>;

export const consoleLineSchema = v.object({
  at: v.number(),
  level: v.picklist(['info', 'warn', 'error']),
  text: v.string(),
  /** Whose words: the studio's own, which hold no test value, or what a program printed, which may. Absent in lines of earlier versions. */
  by: v.optional(v.picklist(['studio', 'program'])),
});
export type ConsoleLine = v.InferOutput<typeof consoleLineSchema>;

/** What a live view of one run receives: first the whole state, then what changed. */
export const runUpdateSchema = v.object({
  summary: v.optional(runSummarySchema),
  series: v.optional(v.array(seriesSchema)),
  lines: v.optional(v.array(consoleLineSchema)),
});
export type RunUpdate = v.InferOutput<typeof runUpdateSchema>;
