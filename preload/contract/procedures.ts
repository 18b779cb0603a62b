/** Every procedure of the studio, once: name `noun.verb`, what goes in, what comes out. Both ends of a link parse with these. */
import * as v from 'valibot';
import { call, done, id, ids, nothing, stream } from './procedure.ts';
import { openingProcedures } from './opening-procedures.ts';
import { systemProcedures } from './system-procedures.ts';
import { bundleRequestSchema, bundleSavedSchema, verificationSchema } from './bundle.ts';
import { brokenDatasetSchema, datasetDetailSchema, itemPageRequestSchema, itemPageSchema } from './dataset.ts';
import {
  coverageSchema,
  datasetComparisonSchema,
  foundPageSchema,
  foundRequestSchema,
  listedDatasetSchema,
  trashedDatasetSchema,
} from './dataset-findings.ts';
import {
  findingSchema,
  importEventSchema,
  importRequestSchema,
  inspectRequestSchema,
  splitSourceSchema,
  splitWishSchema,
} from './dataset-import.ts';
import {
  experimentDetailSchema,
  experimentRequestSchema,
  experimentSummarySchema,
  matrixSchema,
  planSchema,
  templateSchema,
  selectionSchema,
} from './experiment.ts';
import { noticeSchema } from './host.ts';
import { laneChangeSchema, laneSchema } from './lane.ts';
import { memoryProbeEventSchema } from './memory.ts';
import { modelCardSchema } from './model-card.ts';
import {
  itemRequestSchema,
  itemViewSchema,
  listedRunSchema,
  listsRequestSchema,
  maskedItemsSchema,
  neighboursRequestSchema,
  neighboursSchema,
  tallySchema,
  userListsSchema,
  usersPageSchema,
  usersRequestSchema,
  voteRequestSchema,
  voteSchema,
} from './recommendation.ts';
import { meterTraceSchema } from './meter.ts';
import { importLogsEventSchema, importLogsSchema, inspectLogsSchema, logFindingSchema } from './log-import.ts';
import { ownCheckSchema, ownModelsSchema } from './own-model.ts';
import { consoleLineSchema, runConfigSchema, runDetailSchema, runSummarySchema, runUpdateSchema, seriesSchema } from './run.ts';
import {
  cellSchema,
  changedSchema,
  changeSchema,
  fieldInfoSchema,
  pivotFieldsSchema,
  pivotSchema,
  readingSchema,
  rowMarksSchema,
  reportedRowSchema,
  savedViewSchema,
  sheetFormats,
  stepSchema,
  viewStateSchema,
} from './runs-table.ts';
import { listedExportSchema, rewrittenSchema, savedFigureSchema } from './saved-exports.ts';
import { verifyingSchema } from './lineage.ts';
import { parametersRequestSchema, parametersSchema } from './parameters.ts';
import { pinRequestSchema, samplesSchema } from './samples.ts';
import { profileRequestSchema, profileSchema, runSegmentsSchema } from './profile.ts';
import { segmentsSchema } from './segments.ts';
import { splitPreviewSchema } from './split-preview.ts';
import { statisticsEventSchema, statisticsRequestSchema } from './statistics.ts';
import {
  comparisonScopeSchema,
  configDiffSchema,
  sourceVersionSchema,
  curvesRequestSchema,
  curvesSchema,
  exportPreviewSchema,
  exportRequestSchema,
  tableRequestSchema,
  tableSchema,
} from './table.ts';
import {
  capabilitiesSchema,
  doctorSchema,
  folderListingSchema,
  queueSchema,
  runsPageSchema,
  runsQuerySchema,
  statusSchema,
} from './view.ts';

const sheetRequestSchema = v.object({
  query: runsQuerySchema,
  columns: v.array(v.string()),
  format: v.optional(v.picklist(sheetFormats), 'csv'),
  /** CSV: a row of units below the header. */
  units: v.optional(v.boolean(), false),
});
export type SheetRequest = v.InferOutput<typeof sheetRequestSchema>;

export const procedures = {
  ...systemProcedures,
  ...openingProcedures,
  'studio.capabilities': call(nothing, capabilitiesSchema),
  'studio.doctor': call(nothing, doctorSchema),
  'studio.watch': stream(nothing, statusSchema),
  /** What is worth saying to somebody who looks elsewhere, from now on: an experiment that ended, a failure, an empty queue. */
  'studio.notices': stream(nothing, noticeSchema),
  /** Ends background work of the status bar, where it can be ended. */
  'jobs.cancel': call(id, done),
  'jobs.putAway': call(id, done),
  'studio.open': call(v.object({ path: v.string() }), done),

  'folders.list': call(v.object({ path: v.optional(v.string()) }), folderListingSchema),

  /** Every model that can be run, and the state of those of the person's own; `settled` waits until each folder has been checked. */
  'models.list': call(
    v.object({ settled: v.optional(v.boolean(), false) }),
    v.object({ models: v.array(modelCardSchema), own: v.optional(ownModelsSchema, { folder: '', broken: [], checking: [] }) }),
  ),
  /** A folder for a model of the person's own, with a small one in it that works. */
  'models.create': call(id, v.object({ folder: v.string(), files: v.array(v.string()) })),
  /** Checks a model of the person's own with slopes, whatever was found of it before. */
  'models.check': call(id, ownCheckSchema),

  'datasets.list': call(
    nothing,
    v.object({
      datasets: v.array(listedDatasetSchema),
      broken: v.array(brokenDatasetSchema),
    }),
  ),
  'datasets.get': call(id, v.object({ detail: datasetDetailSchema, usedByRuns: v.number() })),
  'datasets.items': call(itemPageRequestSchema, itemPageSchema),
  /** PNG, JPEG, WebP or SVG bytes of an item's picture kept in the dataset folder or on this machine; empty where there is none. */
  'datasets.picture': call(
    v.object({ dataset: v.string(), item: v.number() }),
    v.object({ type: v.string(), bytes: v.instance(Uint8Array) }),
  ),
  'datasets.inspect': stream(inspectRequestSchema, findingSchema),
  /** Leaving the stream cancels the import and leaves nothing behind. */
  'datasets.import': stream(importRequestSchema, importEventSchema),
  /** What a split would be like, without making it; the rows of the last source stay at hand for a minute. */
  'datasets.previewSplit': call(v.object({ source: splitSourceSchema, wish: splitWishSchema }), splitPreviewSchema),
  /** The checks of a split made anew, and a page of the rows that one of them found. */
  'datasets.found': call(foundRequestSchema, foundPageSchema),
  /** How many items of each segment have features, by modality. */
  'datasets.coverage': call(id, coverageSchema),
  /** Two datasets by their fingerprints and, where ids of the source match, by where each pair went. */
  'datasets.compare': call(v.object({ first: v.string(), second: v.string() }), datasetComparisonSchema),
  'datasets.rename': call(v.object({ id: v.string(), name: v.string() }), done),
  /** What a person says about a dataset: bounds of its segments, what its licence allows. The data stay as they are. */
  'datasets.remark': call(v.object({ id: v.string(), segments: v.optional(segmentsSchema), licence: v.optional(v.string()) }), done),
  /** Hides a dataset from lists and forms, or shows it again; runs keep it. */
  'datasets.archive': call(v.object({ id: v.string(), archived: v.boolean() }), done),
  /** Moves it to the trash; refused while runs use it. */
  'datasets.remove': call(id, done),
  'datasets.trashed': call(nothing, v.object({ datasets: v.array(trashedDatasetSchema) })),
  'datasets.restore': call(id, done),
  /** For good. */
  'datasets.purge': call(ids, v.object({ purged: v.number(), bytes: v.number() })),

  'experiments.plan': call(experimentRequestSchema, planSchema),
  /** Tries what the runs of a plan hold at their peak, each model on each dataset once; leaving the stream ends it, what was found is kept. */
  'experiments.tryMemory': stream(experimentRequestSchema, memoryProbeEventSchema),
  'experiments.start': call(
    experimentRequestSchema,
    v.object({ experimentId: v.string(), runIds: v.array(v.string()), known: v.number() }),
  ),
  'experiments.templates': call(nothing, v.object({ templates: v.array(templateSchema) })),
  /** A template of the same name is overwritten. */
  'experiments.keepTemplate': call(v.pick(templateSchema, ['name', 'request']), templateSchema),
  'experiments.dropTemplate': call(id, done),
  'experiments.list': call(nothing, v.object({ experiments: v.array(experimentSummarySchema) })),
  'experiments.get': call(id, experimentDetailSchema),
  'experiments.describe': call(
    v.object({
      id: v.string(),
      name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(120))),
      question: v.optional(v.string()),
      note: v.optional(v.string()),
    }),
    done,
  ),
  'experiments.matrix': call(id, matrixSchema),
  /** Records candidates, winners and time, then unmasks the winners' test values. Cannot be undone. */
  'experiments.freeze': call(id, selectionSchema),
  /** Starts again what failed, was stopped or never ran. */
  'experiments.complete': call(id, v.object({ runIds: v.array(v.string()) })),
  /** An experiment request that repeats a run, for the form. */
  'experiments.fromRun': call(id, experimentRequestSchema),

  /** The processor and the graphics processors, with what they are set to and what is at work. */
  'devices.lanes': call(nothing, v.object({ lanes: v.array(laneSchema) })),

  'queue.watch': stream(nothing, queueSchema),
  'queue.hold': call(v.object({ held: v.boolean() }), done),
  /** Waiting runs in the order given come first, the others keep theirs. */
  'queue.order': call(ids, done),
  /** Slots and memory budget of one device. */
  'queue.lane': call(laneChangeSchema, done),
  'queue.concurrency': call(v.object({ runs: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)) }), done),

  'runs.page': call(runsQuerySchema, runsPageSchema),
  'runs.get': call(id, runDetailSchema),
  /** All points, or for a screen of those between two epochs the lowest and highest of each stretch, about `most` of them. */
  'runs.series': call(
    v.object({
      id: v.string(),
      keys: v.optional(v.array(v.string()), []),
      from: v.optional(v.number()),
      to: v.optional(v.number()),
      most: v.optional(v.number()),
    }),
    v.object({ series: v.array(seriesSchema) }),
  ),
  'runs.console': call(
    v.object({ id: v.string(), limit: v.optional(v.number(), 1000) }),
    v.object({ lines: v.array(consoleLineSchema), total: v.number() }),
  ),
  /** First everything known, then what changes; ends when the run ends. */
  'runs.watch': stream(id, runUpdateSchema),
  'runs.stop': call(v.object({ ids: v.array(v.string()), keep: v.boolean() }), done),
  /** now: drops the epoch begun; otherwise it is finished first. */
  'runs.pause': call(v.object({ ids: v.array(v.string()), now: v.optional(v.boolean(), false) }), done),
  'runs.resume': call(ids, done),
  'runs.hold': call(v.object({ ids: v.array(v.string()), held: v.boolean() }), done),
  'runs.annotate': call(
    v.object({
      ids: v.array(v.string()),
      starred: v.optional(v.boolean()),
      note: v.optional(v.string()),
      addTags: v.optional(v.array(v.string())),
      removeTags: v.optional(v.array(v.string())),
    }),
    done,
  ),
  'runs.trash': call(ids, v.object({ moved: v.number(), bytes: v.number() })),
  'runs.restore': call(ids, done),
  /** Cells of rows given by the ids of their runs, for columns that came into sight. */
  'runs.cells': call(
    v.object({ rows: v.array(v.array(v.string())), columns: v.array(v.string()), reading: v.optional(readingSchema, 'best') }),
    v.object({ cells: v.array(v.record(v.string(), cellSchema)) }),
  ),
  /** Best and second of the metrics among `columns`, of all rows of one dataset and protocol: of the table, or of each group that holds one alone. */
  'runs.marks': call(runsQuerySchema, v.object({ marks: rowMarksSchema })),
  'runs.pivot': call(v.object({ query: runsQuerySchema, pivot: pivotFieldsSchema }), pivotSchema),
  'runs.fields': call(nothing, v.object({ fields: v.array(fieldInfoSchema) })),
  'runs.matching': call(runsQuerySchema, v.object({ ids: v.array(v.string()) })),
  /** Changes the runs named, or all that a query matches. */
  'runs.change': call(
    v.object({ ids: v.optional(v.array(v.string()), []), query: v.optional(runsQuerySchema), change: changeSchema }),
    changedSchema,
  ),
  /** The steps of an undo or a redo, all or none. */
  /** `gone`: runs that were deleted for good meanwhile. */
  'runs.steps': call(v.object({ steps: v.array(stepSchema) }), v.object({ changed: v.number(), gone: v.number() })),
  'runs.trashed': call(nothing, v.object({ runs: v.number(), bytes: v.number() })),
  /** For good: records and files of runs that lie in the trash. */
  'runs.purge': call(ids, v.object({ purged: v.number(), bytes: v.number() })),
  /** Everything a query matches, and the values of papers that stand beside it; `rows` are runs or configurations, `reported` those of papers. */
  'runs.export': call(
    sheetRequestSchema,
    v.object({ fileName: v.string(), rows: v.number(), reported: v.number(), content: v.instance(Uint8Array) }),
  ),
  'runs.exportTo': call(
    v.object({ ...sheetRequestSchema.entries, path: v.string() }),
    v.object({ path: v.string(), rows: v.number(), reported: v.number(), bytes: v.number() }),
  ),
  /** What files of other tools hold, before anything is imported. */
  'logs.inspect': stream(inspectLogsSchema, logFindingSchema),
  /** Leaving the stream stops the import; what it brought until then stays, whole runs. */
  'logs.import': stream(importLogsSchema, importLogsEventSchema),
  'views.list': call(nothing, v.object({ views: v.array(savedViewSchema) })),
  /** Without an id a new one; with one, over the view that has it. */
  'views.save': call(
    v.object({ id: v.optional(v.string()), name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80)), state: viewStateSchema }),
    id,
  ),
  'views.remove': call(id, done),
  'reported.list': call(nothing, v.object({ rows: v.array(reportedRowSchema) })),
  'reported.import': call(
    v.object({ text: v.string(), fileName: v.string() }),
    v.object({ rows: v.array(reportedRowSchema), values: v.number() }),
  ),
  'reported.put': call(v.object({ rows: v.array(reportedRowSchema) }), done),
  'reported.remove': call(ids, done),
  'runs.summaries': call(ids, v.object({ runs: v.array(runSummarySchema) })),
  /** Writes an artifact as .npy or CSV; without `path` returns its bytes for download. */
  'runs.artifact': call(
    v.object({ id: v.string(), name: v.string(), format: v.picklist(['npy', 'csv']), path: v.optional(v.string()) }),
    v.object({ fileName: v.string(), bytes: v.optional(v.instance(Uint8Array)) }),
  ),
  'runs.config': call(id, runConfigSchema),
  /** What the devices of a run were busy with over time. */
  'runs.meters': call(id, meterTraceSchema),
  /** Every metric by user and item segments: test where it is shown, else validation. */
  'runs.segments': call(id, runSegmentsSchema),
  /**
   * Trains a run again. With another seed (absent: the next that is free) it joins its experiment where that still selects among a grid; with the same
   * seed it is a reproduction, archived so that no mean counts a seed twice, and compared with its parent when it ends.
   */
  'runs.again': call(v.object({ id: v.string(), seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))) }), id),
  /** Lists of a few users at each new best epoch. */
  'runs.samples': call(id, samplesSchema),
  /** Users that runs on a dataset sample from now on; none: five drawn by seed. */
  'samples.pin': call(pinRequestSchema, done),
  /** What was expected of a run, and what came out. */
  'runs.describe': call(
    v.object({
      id: v.string(),
      expectation: v.optional(v.pipe(v.string(), v.maxLength(10_000))),
      outcome: v.optional(v.pipe(v.string(), v.maxLength(10_000))),
    }),
    done,
  ),
  /** Puts a checkpoint aside; refused while the run is locked or needs it. */
  'checkpoints.trash': call(v.object({ id: v.string(), name: v.string() }), v.object({ bytes: v.number() })),
  'checkpoints.restore': call(v.object({ id: v.string(), name: v.string() }), done),
  /** For good: only what was put aside. */
  'checkpoints.purge': call(v.object({ id: v.string(), name: v.string() }), v.object({ bytes: v.number() })),

  /** Scores the best checkpoint of a finished run once more and compares every digit; one at a time, in the order they were asked for. */
  'verifications.start': call(id, done),
  'verifications.stop': call(id, done),
  'verifications.watch': stream(id, verifyingSchema),

  /** Runs that have lists, newest first. */
  'recommendations.runs': call(nothing, v.object({ runs: v.array(listedRunSchema) })),
  'recommendations.users': call(usersRequestSchema, usersPageSchema),
  'recommendations.lists': call(listsRequestSchema, userListsSchema),
  /** Train items of a user, which no list has, with the rank each would have. */
  'recommendations.masked': call(v.object({ run: v.string(), user: v.pipe(v.number(), v.integer(), v.minValue(0)) }), maskedItemsSchema),
  'recommendations.item': call(itemRequestSchema, itemViewSchema),
  /** Nearest items by cosine, in each modality and in the vectors of runs. */
  'recommendations.neighbours': call(neighboursRequestSchema, neighboursSchema),
  'recommendations.vote': call(voteRequestSchema, voteSchema),
  'recommendations.unvote': call(v.object({ id: v.number() }), done),
  'recommendations.votes': call(v.object({ a: v.string(), b: v.string() }), tallySchema),

  'compare.table': call(tableRequestSchema, tableSchema),
  'compare.curves': call(curvesRequestSchema, curvesSchema),
  /** Tests of the comparison, with progress; leaving the stream cancels them. */
  'compare.statistics': stream(statisticsRequestSchema, statisticsEventSchema),
  /** Cost, lists and user segments of the rows. */
  'compare.profile': call(profileRequestSchema, profileSchema),
  /** Settings of runs beside what they reached, and which settings matter. */
  'compare.parameters': call(parametersRequestSchema, parametersSchema),
  'compare.configs': call(comparisonScopeSchema, configDiffSchema),
  /** Sources of models of one's own behind the runs, each version once; none for models that come with the program. */
  'compare.sources': call(comparisonScopeSchema, v.object({ versions: v.array(sourceVersionSchema) })),

  'exports.preview': call(exportRequestSchema, exportPreviewSchema),
  /** The file itself, for a page without a file system. */
  'exports.file': call(exportRequestSchema, v.object({ fileName: v.string(), content: v.instance(Uint8Array) })),
  /** Writes a figure that the page drew, what it drew as data, or a picture of an item. */
  'exports.figure': call(
    v.object({
      path: v.pipe(v.string(), v.regex(/\.(svg|pdf|png|jpe?g|webp|csv|json|txt)$/i)),
      content: v.instance(Uint8Array),
      /** Of a figure that can be drawn again: it is remembered with it. */
      figure: v.optional(savedFigureSchema),
    }),
    v.object({ path: v.string(), bytes: v.number() }),
  ),
  /** Files that were saved, each with whether its data changed since; of figures the page finds out, and writes them with `exports.figure`. */
  'exports.saved': call(nothing, v.object({ exports: v.array(listedExportSchema) })),
  /** Writes all tables again whose data changed. */
  'exports.writeChanged': call(nothing, rewrittenSchema),
  /** The files stay. */
  'exports.forget': call(ids, done),
  'bundles.save': call(bundleRequestSchema, bundleSavedSchema),
  /** Checks a bundle from the file alone. */
  'bundles.verify': call(v.object({ path: v.string() }), verificationSchema),
  'exports.save': call(v.object({ request: exportRequestSchema, path: v.string() }), v.object({ path: v.string(), bytes: v.number() })),
} as const;

type Procedures = typeof procedures;
export type ProcedureName = keyof Procedures;
export type StreamName = { [Name in ProcedureName]: Procedures[Name]['kind'] extends 'stream' ? Name : never }[ProcedureName];
/** What a caller may write (defaults may be left out). */
export type InputOf<Name extends ProcedureName> = v.InferInput<Procedures[Name]['input']>;
/** What the answering function receives. */
export type ParsedInputOf<Name extends ProcedureName> = v.InferOutput<Procedures[Name]['input']>;
export type OutputOf<Name extends ProcedureName> = v.InferInput<Procedures[Name]['output']>;
export type ParsedOutputOf<Name extends ProcedureName> = v.InferOutput<Procedures[Name]['output']>;
