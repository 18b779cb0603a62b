import * as v from 'valibot';
import { laneSchema, laneSettingsSchema, waitSchema } from './lane.ts';
import { datasetColumns } from './dataset-findings.ts';
import { checkSchema } from './lineage.ts';
import { estimateSchema, runStates, runSummarySchema } from './run.ts';
import { experimentSummarySchema } from './experiment.ts';
import { problemSchema } from './problem.ts';
import { cellSchema, configurationWordsSchema, readingSchema } from './runs-table.ts';
import { changedShortcutsSchema } from './shortcuts.ts';
import { speedsSchema } from './speed.ts';

/** The status bar and the rail. */
export const statusSchema = v.object({
  version: v.string(),
  /** When the program that answers started, UTC milliseconds. */
  startedAt: v.number(),
  home: v.string(),
  freeBytes: v.number(),
  device: v.string(),
  memoryBytes: v.number(),
  totalMemoryBytes: v.number(),
  running: v.number(),
  waiting: v.number(),
  held: v.boolean(),
  /** Runs that a person paused, or that were interrupted: they go on when told to. */
  resting: v.optional(v.number(), 0),
  runs: v.number(),
  /** Rises with each change that somebody made to runs, saved views or reported values. */
  edits: v.optional(v.number(), 0),
  timeLeft: v.optional(estimateSchema),
  /** Work in the background, `fraction` from 0 to 1; `makes` says what comes of it. */
  jobs: v.array(
    v.object({
      id: v.string(),
      text: v.string(),
      fraction: v.number(),
      canCancel: v.optional(v.boolean(), false),
      makes: v.optional(v.literal('dataset')),
    }),
  ),
  /** Work that failed while nobody followed it, until it is put away. */
  failedJobs: v.optional(v.array(v.object({ id: v.string(), text: v.string(), problem: problemSchema, at: v.number() })), []),
  /** Exports that are being written. */
  exports: v.optional(v.number(), 0),
  /** Runs that were found interrupted and resumed at this start. */
  resumed: v.array(v.string()),
  /** After which epoch each of them was found, in the same order; 0 where none was finished. */
  resumedAfter: v.optional(v.array(v.number()), []),
  /** Those of them that have failed since, and wait for a person. */
  needYou: v.optional(v.number(), 0),
  /** Models and settings of the person's own are left out. */
  safeMode: v.optional(v.boolean(), false),
});
export type Status = v.InferOutput<typeof statusSchema>;

/** What the shell around the page can do; the page hides the rest. */
export const capabilitiesSchema = v.object({
  shell: v.picklist(['desktop', 'browser']),
  nativeDialogs: v.boolean(),
  revealInFolder: v.boolean(),
  platform: v.string(),
});

/** Everything the Queue screen shows, pushed whole whenever it changes (at most four times a second). */
export const queueSchema = v.object({
  held: v.boolean(),
  concurrency: v.number(),
  /** The processor first, then graphics processors by their numbers. */
  lanes: v.array(laneSchema),
  /** By run: what keeps waiting runs whose turn has come. */
  waits: v.record(v.string(), waitSchema),
  running: v.array(runSummarySchema),
  waiting: v.array(runSummarySchema),
  finishedToday: v.array(runSummarySchema),
  /** Finished runs that are being verified, or wait for it. */
  checks: v.optional(v.array(checkSchema)),
  experiments: v.array(experimentSummarySchema),
  /** How the earlier stages of waiting runs will come about, in words. */
  pretraining: v.optional(v.array(v.string())),
  timeLeft: v.optional(estimateSchema),
});
export type Queue = v.InferOutput<typeof queueSchema>;

/** Query of the runs table. Fields: those of runs-fields.ts, any setting key, val. last. min. max. test.<metric>, log.<name in an imported log>, my.<own column>. */
export const runsQuerySchema = v.object({
  /** The language of the query bar (runs-parser.ts): dataset in (Demo, TikTok) and val.recall@20 > 0.1 and words. */
  filter: v.optional(v.string(), ''),
  /** Only these runs, wherever they are but in the trash. */
  ids: v.optional(v.array(v.string()), []),
  /** Words matched against the run sentence, note, tags, settings and ids; all must occur. */
  search: v.optional(v.string(), ''),
  states: v.optional(v.array(v.picklist(runStates)), []),
  datasets: v.optional(v.array(v.string()), []),
  models: v.optional(v.array(v.string()), []),
  experiments: v.optional(v.array(v.string()), []),
  tags: v.optional(v.array(v.string()), []),
  starred: v.optional(v.boolean(), false),
  trashed: v.optional(v.boolean(), false),
  /** Archived runs, which other lists leave out. */
  archived: v.optional(v.boolean(), false),
  /** Which value of a series val.<metric> means, in filters, orders and cells alike. */
  reading: v.optional(readingSchema, 'best'),
  /** Fields, or formulas after an equals sign, that the rows bring as cells. */
  columns: v.optional(v.array(v.string()), []),
  /** Fields that rows stand together by. */
  group: v.optional(v.array(v.string()), []),
  /** Comparisons such as { field: 'val.recall@20', operator: '>=', value: 0.1 } or { field: 'ii_k', operator: '=', value: 10 }. */
  where: v.optional(
    v.array(
      v.object({
        field: v.string(),
        operator: v.picklist(['=', '!=', '<', '<=', '>', '>=', 'contains']),
        value: v.union([v.string(), v.number()]),
      }),
    ),
    [],
  ),
  sort: v.optional(v.array(v.object({ field: v.string(), descending: v.boolean() })), [{ field: 'createdAt', descending: true }]),
  /** Seeds collapsed to one row per configuration (mean ± sd). */
  collapse: v.optional(v.boolean(), true),
  offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 100),
});
export type RunsQuery = v.InferInput<typeof runsQuerySchema>;

/** Values of runs that differ in one of these are of different questions: no mean, no difference between them. Settings, but the first. */
export const apartFields = ['dataset', 'protocol', 'candidates', 'validation'] as const;
export type ApartField = (typeof apartFields)[number];

/** A row: one run, or a configuration whose runs hang below it. */
const runsRowSchema = v.object({
  key: v.string(),
  runs: v.array(runSummarySchema),
  n: v.number(),
  /** Finished seeds of the configuration in all, where what was asked leaves out some: the means are then of n chosen ones. */
  of: v.optional(v.number()),
  mean: v.record(v.string(), v.number()),
  sd: v.record(v.string(), v.number()),
  testMean: v.optional(v.record(v.string(), v.number())),
  testSd: v.optional(v.record(v.string(), v.number())),
  /** By column asked for. */
  cells: v.optional(v.record(v.string(), cellSchema)),
});
export type RunsRow = v.InferOutput<typeof runsRowSchema>;

export const runsPageSchema = v.object({
  rows: v.array(runsRowSchema),
  /** Rows and runs that match, not what is on the page. */
  totalRows: v.number(),
  totalRuns: v.number(),
  /** `begunAt`: of experiments that share their name. */
  facets: v.record(
    v.string(),
    v.array(v.object({ value: v.string(), label: v.string(), count: v.number(), begunAt: v.optional(v.number()) })),
  ),
  /** Settings equal in all matched runs, folded into one line. */
  constants: v.array(v.object({ key: v.string(), value: v.string() })),
  /**
   * Groups in order with their rows and runs, where rows were grouped; cells are means over their finished runs. Runs of several datasets,
   * protocols, candidate sets or uses of validation have no mean of a metric (protocol.md section 9, rule 6): `apart` says by what they differ.
   */
  groups: v.optional(
    v.array(
      v.object({
        values: v.array(v.nullable(v.union([v.string(), v.number()]))),
        rows: v.number(),
        runs: v.number(),
        running: v.number(),
        failed: v.number(),
        finished: v.optional(v.number(), 0),
        cells: v.optional(v.record(v.string(), cellSchema), {}),
        apart: v.optional(v.picklist(apartFields)),
      }),
    ),
  ),
  /** By hash, where rows were grouped by their configuration. */
  configurations: v.optional(v.record(v.string(), configurationWordsSchema)),
});
export type RunsPage = v.InferOutput<typeof runsPageSchema>;

export const settingsSchema = v.object({
  theme: v.optional(v.picklist(['system', 'light', 'dark']), 'system'),
  /** Colours of models; distinct: told apart with any kind of colour vision. */
  palette: v.optional(v.picklist(['standard', 'distinct']), 'standard'),
  density: v.optional(v.picklist(['compact', 'comfortable']), 'compact'),
  motion: v.optional(v.picklist(['system', 'none']), 'system'),
  /** Of the page; system: Chinese where the system speaks it, else English. */
  language: v.optional(v.picklist(['system', 'en', 'zh']), 'system'),
  /** The screen an address without one opens on. */
  firstScreen: v.optional(v.picklist(['datasets', 'new', 'queue', 'runs', 'compare', 'recommendations', 'export']), 'datasets'),
  railCollapsed: v.optional(v.boolean(), false),
  datasetsAs: v.optional(v.picklist(['cards', 'table']), 'cards'),
  /** Order of the table of datasets; usually as the cards stand. */
  datasetsBy: v.optional(v.nullable(v.object({ column: v.picklist(datasetColumns), descending: v.boolean() })), null),
  /** Runs at once on the processor. */
  concurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)), 1),
  /** Slots of graphics processors, and memory budgets. */
  lanes: v.optional(laneSettingsSchema, {}),
  /** fastest: by what was measured on this machine, wasm until then. */
  device: v.optional(v.picklist(['fastest', 'wasm', 'cpu', 'tensorflow', 'webgpu']), 'fastest'),
  libraryFolder: v.optional(v.string()),
  keepLastCheckpoint: v.optional(v.boolean(), true),
  /** The machine does not sleep while a run is active. Only the desktop app can. */
  keepAwake: v.optional(v.boolean(), true),
  /** Unexpected errors are kept on this disk, redacted. */
  keepsCrashes: v.optional(v.boolean(), false),
  /** Keys that differ from the usual ones, by command. */
  shortcuts: v.optional(changedShortcutsSchema, {}),
  /** The first steps are offered in an empty folder until somebody leaves them. */
  firstSteps: v.optional(v.picklist(['open', 'left']), 'open'),
  /** The demo's experiment that first steps began, so that any window opened on this folder goes on where one was. */
  firstStepsExperiment: v.optional(v.string()),
  /** Ended experiments, failures and an empty queue are announced while the window is not in front. */
  notifications: v.optional(v.boolean(), true),
});
export type Settings = v.InferOutput<typeof settingsSchema>;

export const probeSchema = v.object({
  id: v.picklist(['wasm', 'cpu', 'tensorflow', 'webgpu']),
  available: v.boolean(),
  name: v.string(),
  version: v.optional(v.string()),
  missing: v.optional(v.string()),
  remedy: v.optional(v.string()),
});

/** Folder picker of browser mode: the data is on the studio's machine. */
export const folderListingSchema = v.object({
  path: v.string(),
  parent: v.optional(v.string()),
  roots: v.array(v.string()),
  entries: v.array(v.object({ name: v.string(), path: v.string(), isFolder: v.boolean(), bytes: v.number() })),
});

export const doctorSchema = v.object({
  version: v.string(),
  node: v.string(),
  platform: v.string(),
  home: v.string(),
  freeBytes: v.number(),
  libraries: v.record(v.string(), v.string()),
  devices: v.array(probeSchema),
  speeds: speedsSchema,
  problems: v.array(problemSchema),
});
