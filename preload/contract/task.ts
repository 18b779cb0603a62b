import * as v from 'valibot';
import { artifactSchema, deviceIdSchema, metricValuesSchema, provenanceSchema, runConfigSchema, stopReasons, toldReasons } from './run.ts';
import { ownSourceSchema } from './own-model.ts';
import { problemSchema } from './problem.ts';

/** What a training process reports, in order. The studio stores every event before anyone sees it. */
export const trainingEventSchema = v.variant('type', [
  v.object({
    type: v.literal('prepared'),
    provenance: provenanceSchema,
    parameters: v.number(),
    evaluatedUsers: v.object({ validation: v.number(), test: v.number(), dropped: v.number(), epoch: v.optional(v.number()) }),
  }),
  v.object({ type: v.literal('stageStarted'), stage: v.string(), model: v.string(), fromEpoch: v.number() }),
  v.object({
    type: v.literal('epochFinished'),
    stage: v.string(),
    /** From 1. */
    epoch: v.number(),
    /** Absent where nothing was trained or a command did not say. */
    loss: v.optional(v.number()),
    terms: v.record(v.string(), v.number()),
    learningRate: v.optional(v.number()),
    trainSeconds: v.number(),
    evaluationSeconds: v.number(),
    validation: metricValuesSchema,
    bestEpoch: v.number(),
    /** Absent where no epoch was scored yet: a command's are only as it leaves something to score. */
    bestValue: v.optional(v.number()),
    misses: v.number(),
    /** Only under the MMRec protocol, which scores test each epoch; diagnostic. */
    test: v.optional(metricValuesSchema),
    /** At a new best epoch of the main stage: what a few users get, from the lists of validation. */
    samples: v.optional(v.object({ users: v.array(v.number()), items: v.array(v.array(v.number())) })),
  }),
  v.object({ type: v.literal('checkpointWritten'), stage: v.string(), epoch: v.number(), bytes: v.number() }),
  v.object({
    type: v.literal('stageFinished'),
    stage: v.string(),
    epochs: v.number(),
    bestEpoch: v.number(),
    seconds: v.number(),
    reused: v.boolean(),
  }),
  /** What the trainer says, or, with `by`, what a program of the person's own printed. */
  v.object({
    type: v.literal('line'),
    level: v.picklist(['info', 'warn', 'error']),
    text: v.string(),
    by: v.optional(v.literal('program')),
  }),
  /** Where the process is, so that a kill can be placed: start, batch, evaluation, checkpoint, test, artifacts. */
  v.object({
    type: v.literal('phase'),
    stage: v.string(),
    phase: v.picklist(['start', 'train', 'evaluate', 'checkpoint', 'test', 'artifacts']),
    epoch: v.number(),
  }),
  v.object({
    type: v.literal('finished'),
    stopReason: v.picklist(stopReasons),
    epochs: v.number(),
    bestEpoch: v.number(),
    validation: metricValuesSchema,
    test: metricValuesSchema,
    peakMemoryBytes: v.number(),
    leakedTensors: v.number(),
    fallbacks: v.array(v.string()),
    /** How the steps of the main stage ran, as in the provenance, which could only say what was planned. */
    compile: v.optional(v.string()),
    artifacts: v.array(artifactSchema),
  }),
  /** `dropped`: an epoch that was begun and is computed again when the run goes on. */
  v.object({ type: v.literal('paused'), epoch: v.number(), dropped: v.optional(v.number()) }),
  v.object({ type: v.literal('failed'), problem: problemSchema, artifacts: v.array(artifactSchema) }),
]);
export type TrainingEvent = v.InferOutput<typeof trainingEventSchema>;

/** Everything a training process needs; it reads and writes only these folders. */
const trainTaskSchema = v.object({
  kind: v.literal('train'),
  runId: v.string(),
  attempt: v.number(),
  config: runConfigSchema,
  datasetFolder: v.string(),
  runFolder: v.string(),
  /** Shared by runs: stage results by key (dataset fingerprint, configuration, seed), graphs by content hash. */
  cacheFolder: v.string(),
  codeVersion: v.string(),
  /** True: continue from the checkpoint in runFolder if there is one. */
  resume: v.boolean(),
  /** True: it was stopped and shall go on, so what it left as a finished run is no answer. */
  goesOn: v.optional(v.boolean(), false),
  libraryFolder: v.optional(v.string()),
  /** Where the source of a model of the person's own is written: only asked for the state of its git repository. */
  ownFolder: v.optional(v.string()),
  /** tensorflow: the graphics processor it computes on, by its driver's number; −1: none. Absent: as the machine has it. */
  graphics: v.optional(v.number()),
  /** Threads where the configuration asks for none in particular. */
  threadShare: v.optional(v.number()),
  /** Users whose lists are told at each new best epoch; absent: five drawn by seed. */
  sampleUsers: v.optional(v.array(v.number())),
  /** Milliseconds between batches of events; 0 sends each at once, for tests that place kills by what they hear. */
  eventIntervalMs: v.optional(v.number(), 250),
});
export type TrainTask = v.InferOutput<typeof trainTaskSchema>;

/** Other background work. Progress and results are plain values whose form the caller of the task knows and parses. */
const otherTaskSchema = v.variant('kind', [
  v.object({ kind: v.literal('inspect'), request: v.unknown() }),
  v.object({ kind: v.literal('import'), request: v.unknown(), datasetsFolder: v.string() }),
  /** Reads the rows of a source once, says `null` as progress, then answers each splitAskSchema with a splitAnswerSchema until it is stopped. */
  v.object({ kind: v.literal('preview-splits'), source: v.unknown(), datasetFolder: v.optional(v.string()) }),
  /** Rows that a split check found; the request is foundRequestSchema of dataset-findings.ts, the result a foundPageSchema. */
  v.object({ kind: v.literal('found-rows'), request: v.unknown(), datasetFolder: v.string() }),
  /** How the pairs of two datasets relate; the result is a datasetComparisonSchema of dataset-findings.ts. */
  v.object({ kind: v.literal('compare-datasets'), first: v.string(), second: v.string() }),
  v.object({ kind: v.literal('demo'), datasetsFolder: v.string(), seed: v.number() }),
  /** Measures a small fixed workload, with progress from 0 to 1; ends in a {@link calibrationSchema} value. */
  v.object({
    kind: v.literal('calibrate'),
    device: deviceIdSchema,
    threads: v.optional(v.number(), 1),
    libraryFolder: v.optional(v.string()),
  }),
  /** Compiles a model of the person's own and tries it on drawn data, with slopes where asked; the result is an ownCheckSchema value. */
  v.object({ kind: v.literal('check-model'), own: ownSourceSchema, slopes: v.boolean() }),
  /** Paired tests over per-user files and runs, with progress from 0 to 1; request and result are testTaskSchema and testAnswersSchema of statistics.ts. */
  v.object({ kind: v.literal('statistics'), request: v.unknown() }),
  /** Lists and user segments of runs; profileTaskSchema and profileAnswersSchema of profile.ts. */
  v.object({ kind: v.literal('profile'), request: v.unknown() }),
  /** Scores the best checkpoint of a finished run once more, with progress as { fraction, text }; ends in a {@link rescoredSchema} value. */
  v.object({
    kind: v.literal('verify'),
    runId: v.string(),
    config: runConfigSchema,
    bestEpoch: v.number(),
    datasetFolder: v.string(),
    runFolder: v.string(),
    cacheFolder: v.string(),
    codeVersion: v.string(),
    libraryFolder: v.optional(v.string()),
    /** Threads the run had. */
    threadShare: v.optional(v.number()),
  }),
  /** Builds a run's model, takes two batches and an evaluation, stages before it likewise; progress is the stage at work, the result a memoryTriedSchema of memory.ts. */
  v.object({
    kind: v.literal('try-memory'),
    config: runConfigSchema,
    datasetFolder: v.string(),
    cacheFolder: v.string(),
    /** Where the source of a model of the person's own lies. */
    own: v.optional(ownSourceSchema),
    codeVersion: v.string(),
    libraryFolder: v.optional(v.string()),
    threadShare: v.optional(v.number()),
  }),
  /** Reads files of other tools; progress values are those of logsTaskEventSchema (log-import.ts), `known` are hashes of runs that are stored. */
  v.object({ kind: v.literal('logs'), path: v.string(), whole: v.boolean(), known: v.array(v.string()) }),
  /** What files or a folder are, by their layout; the result is a layoutsSchema value of opening.ts. An archive is unpacked below `unpackTo`. */
  v.object({ kind: v.literal('recognise'), paths: v.array(v.string()), unpackTo: v.string() }),
  /** Asks every device whether it can run here; the result is { devices: probeSchema[] } of view.ts. */
  v.object({ kind: v.literal('probe'), libraryFolder: v.optional(v.string()) }),
]);

export type TryMemoryTask = Extract<v.InferOutput<typeof otherTaskSchema>, { kind: 'try-memory' }>;
export type VerifyTask = Extract<v.InferOutput<typeof otherTaskSchema>, { kind: 'verify' }>;

export const rescoredSchema = v.object({
  validation: metricValuesSchema,
  test: metricValuesSchema,
  /** What the run would have left, by the names of its files. */
  files: v.array(v.object({ name: v.string(), sha256: v.string() })),
});
export type Rescored = v.InferOutput<typeof rescoredSchema>;

/**
 * Speed of this machine, from a LightGCN of `layers` layers on a drawn graph: with the costs on a model's card and the size of a
 * dataset it gives a first time estimate before any run exists.
 */
export const calibrationSchema = v.object({
  device: deviceIdSchema,
  threads: v.number(),
  /** What computed, in the device's own words, and its version. */
  name: v.string(),
  version: v.string(),
  /** How steps ran: "compiled", or "eager: …" with the reason. */
  compile: v.string(),
  layers: v.number(),
  /** Non-zeros of the bipartite graph, both directions. */
  edges: v.number(),
  width: v.number(),
  batchSize: v.number(),
  parameters: v.number(),
  /** Median over steps: draw, loss, gradients and Adam. */
  secondsPerStep: v.number(),
  /** The same of an MGCN over two modalities of the same items. */
  secondsPerMultimodalStep: v.number(),
  /** Full ranking, per million user × item scores. */
  secondsPerMillionScores: v.number(),
  /** From the start of the process to the first step. */
  startSeconds: v.number(),
});
export type Calibration = v.InferOutput<typeof calibrationSchema>;

const taskSchema = v.variant('kind', [trainTaskSchema, ...otherTaskSchema.options]);
export type Task = v.InferOutput<typeof taskSchema>;

/** Owner to worker. */
export const toWorkerSchema = v.variant('type', [
  v.object({ type: v.literal('start'), task: taskSchema }),
  /** keep: evaluate and keep the best checkpoint; otherwise leave at once. */
  v.object({ type: v.literal('stop'), keep: v.boolean(), reason: v.optional(v.picklist(toldReasons), 'stopped-by-user') }),
  /** now: drop the epoch begun; otherwise leave after it. */
  v.object({ type: v.literal('pause'), now: v.optional(v.boolean(), false) }),
  /** A question to a task that stays and answers. */
  v.object({ type: v.literal('ask'), value: v.unknown() }),
  v.object({ type: v.literal('ping') }),
]);
export type ToWorker = v.InferInput<typeof toWorkerSchema>;

/** Worker to owner. Training events come batched about four times a second and before the process ends. */
export const fromWorkerSchema = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  v.object({
    type: v.literal('events'),
    runId: v.string(),
    attempt: v.number(),
    events: v.array(v.object({ seq: v.number(), at: v.number(), event: trainingEventSchema })),
  }),
  v.object({ type: v.literal('progress'), value: v.unknown() }),
  v.object({ type: v.literal('result'), value: v.unknown() }),
  v.object({ type: v.literal('problem'), problem: problemSchema }),
  /** cores: how many the process kept busy since the last one. */
  v.object({ type: v.literal('heartbeat'), at: v.number(), memoryBytes: v.number(), cores: v.optional(v.number()) }),
]);
export type FromWorker = v.InferOutput<typeof fromWorkerSchema>;

/**
 * How a utility process makes sure that what it sent has arrived before it exits: it posts the request, the spawning side answers.
 * Part of the carriage, not of the conversation: neither the tasks nor the supervisor see these two.
 */
export const flushRequest = { type: 'flush' } as const;
export const flushAnswer = { type: 'flushed' } as const;

export function isFlush(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === flushRequest.type;
}

export function isFlushed(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === flushAnswer.type;
}
