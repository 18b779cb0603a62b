/**
 * Runs that other tools recorded: what is found in their files, and how they stand among the runs here. They are marked wherever they
 * are shown, name no split that was proved, and enter no test, rank or mean.
 */
import * as v from 'valibot';
import { problemSchema } from './problem.ts';

export const logTools = ['tensorboard', 'mlflow', 'wandb', 'mmrec', 'recbole', 'elliot'] as const;
export type LogTool = (typeof logTools)[number];
export const logToolTitles: Readonly<Record<LogTool, string>> = {
  tensorboard: 'TensorBoard',
  mlflow: 'MLflow',
  wandb: 'Weights & Biases',
  mmrec: 'MMRec',
  recbole: 'RecBole',
  elliot: 'Elliot',
};

/** What a metric was computed on, as its name says; unnamed: it does not say, and is read as validation. */
const logParts = ['validation', 'unnamed', 'test', 'training', 'other'] as const;

/** A run's origin, in its configuration. */
export const importedSchema = v.object({
  tool: v.picklist(logTools),
  /** What the tool calls the run. */
  name: v.string(),
  /** File or folder it was read from. */
  source: v.string(),
  /** SHA-256 of what was read: settings and points, not where they lay. */
  hash: v.string(),
  /** What its points stand at: steps as the log has them, epochs, or neither (a time; counted, where no step was given). Absent in imports of earlier versions. */
  steps: v.optional(v.picklist(['logged', 'epochs', 'unknown'])),
  /** What was tolerated: a last record cut short, points that are no numbers. */
  remarks: v.optional(v.array(v.string()), []),
});
export type Imported = v.InferOutput<typeof importedSchema>;

const settingsSchema = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));

/** A metric of a run: points by step, rising. */
const logSeriesSchema = v.object({
  /** As the tool has it. */
  name: v.string(),
  part: v.picklist(logParts),
  /** Key of the series: ours ("recall@20", "test/recall@20", "loss") or the tool's own name. */
  key: v.string(),
  /** "recall@20" where the metric is one of ours. */
  metric: v.optional(v.string()),
  steps: v.instance(Int32Array),
  values: v.instance(Float64Array),
});
export type LogSeries = v.InferOutput<typeof logSeriesSchema>;

/** One run as it is stored. */
const loggedRunSchema = v.object({
  origin: importedSchema,
  model: v.optional(v.string()),
  dataset: v.optional(v.string()),
  seed: v.optional(v.number()),
  state: v.picklist(['finished', 'stopped', 'failed']),
  startedAt: v.optional(v.number()),
  endedAt: v.optional(v.number()),
  settings: settingsSchema,
  series: v.array(logSeriesSchema),
  /** One number of each metric: at the best validation step where there is one, else the last. */
  values: v.array(v.object({ part: v.picklist(['validation', 'test', 'log']), key: v.string(), value: v.number() })),
  steps: v.number(),
  bestStep: v.optional(v.number()),
  note: v.optional(v.string()),
  tags: v.array(v.string()),
});
export type LoggedRun = v.InferOutput<typeof loggedRunSchema>;

/** A run in the preview. */
const foundRunSchema = v.object({
  tool: v.picklist(logTools),
  name: v.string(),
  source: v.string(),
  hash: v.string(),
  model: v.optional(v.string()),
  dataset: v.optional(v.string()),
  state: v.picklist(['finished', 'stopped', 'failed']),
  settings: settingsSchema,
  metrics: v.array(v.object({ name: v.string(), part: v.picklist(logParts), metric: v.optional(v.string()), points: v.number() })),
  remarks: v.array(v.string()),
  /** The run that has the same content already, and whether that lies in the trash. */
  known: v.optional(v.object({ runId: v.string(), trashed: v.boolean() })),
});
export type FoundRun = v.InferOutput<typeof foundRunSchema>;

/** What was met and left out, with the place and the reason. */
const skippedSchema = v.object({ type: v.literal('skipped'), problem: problemSchema });
const progressSchema = v.object({
  type: v.literal('progress'),
  /** Runs read so far, and how many there are. */
  done: v.number(),
  of: v.number(),
  fraction: v.number(),
  secondsLeft: v.optional(v.number()),
  /** What is being read. */
  place: v.optional(v.string()),
});

export const inspectLogsSchema = v.object({ path: v.pipe(v.string(), v.trim(), v.minLength(1)) });
export const logFindingSchema = v.variant('type', [
  progressSchema,
  skippedSchema,
  v.object({ type: v.literal('runs'), runs: v.array(foundRunSchema) }),
  v.object({ type: v.literal('finished'), runs: v.number(), known: v.number(), skipped: v.number() }),
]);
export type LogFinding = v.InferOutput<typeof logFindingSchema>;

export const importLogsSchema = v.object({
  path: v.pipe(v.string(), v.trim(), v.minLength(1)),
  /** Name of the dataset the runs are listed under; where it is one of ours, under that, as a label alone. Absent: what each log says. */
  dataset: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80))),
});
export type ImportLogs = v.InferOutput<typeof importLogsSchema>;
/** Leaving the stream stops it; what was imported until then is whole runs. */
export const importLogsEventSchema = v.variant('type', [
  progressSchema,
  skippedSchema,
  v.object({ type: v.literal('done'), imported: v.number(), known: v.number(), skipped: v.number(), experiments: v.array(v.string()) }),
]);
export type ImportLogsEvent = v.InferOutput<typeof importLogsEventSchema>;

/** What the worker reports: all of the above, and the runs themselves where they shall be stored. */
export const logsTaskEventSchema = v.variant('type', [
  progressSchema,
  skippedSchema,
  v.object({ type: v.literal('found'), runs: v.array(foundRunSchema) }),
  v.object({ type: v.literal('read'), runs: v.array(loggedRunSchema) }),
]);
export type LogsTaskEvent = v.InferOutput<typeof logsTaskEventSchema>;

/** The id under which imported runs of a model are listed: never that of a model that runs here. */
export function importedModelId(title: string): string {
  const plain = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return `imported-${plain === '' ? 'run' : plain}`;
}
