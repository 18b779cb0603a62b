/** A row of the table `run`, and how it becomes what lists and cards show. Test values stop here while they are masked. */
import { addTo } from '#contract/grouped.ts';
import type { LaneId } from '#contract/lane.ts';
import type { MetricValues, Progress, RunState, RunSummary, Verdict } from '#contract/run.ts';
import type { LogTool } from '#contract/log-import.ts';
import type { Problem } from '#contract/problem.ts';
import type { Database } from './database.ts';

/** A run as the store knows it; the studio adds the run sentence and the time left. */
export type RunRow = Omit<RunSummary, 'sentence'>;

export interface StoredRun {
  number: number;
  id: string;
  experimentId: string;
  experimentName: string;
  state: RunState;
  dataset: string;
  datasetName: string;
  model: string;
  modelTitle: string;
  inferred: number;
  configuration: string;
  seed: number;
  device: string;
  differences: string;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  epochs: number;
  bestEpoch: number | null;
  secondsPerEpoch: number | null;
  evaluationSeconds: number | null;
  elapsedMs: number;
  estimatedSeconds: number | null;
  peakMemoryBytes: number | null;
  stopReason: RunSummary['stopReason'] | null;
  problem: string | null;
  attempt: number;
  starred: number;
  note: string;
  queuePosition: number | null;
  held: number;
  pin: LaneId | null;
  trashedAt: number | null;
  archivedAt: number | null;
  locked: number;
  progress: string | null;
  testShown: number;
  threads: number | null;
  compile: string | null;
  imported: LogTool | null;
}

/** Threads that a run had, which its record says where it asked for none in particular; NULL while neither is known. */
export const threadsOf = (table: string) => `coalesce(json_extract(${table}.provenance, '$.threads'), nullif(${table}.threads, 0))`;

export const runColumns = `r.number, r.id, r.experiment_id, e.name AS experiment_name, r.state, r.dataset, coalesce(d.name, r.dataset_name) AS dataset_name, 
  r.model, r.model_title, r.inferred, r.configuration, r.seed, r.device, r.differences, r.created_at, r.started_at, r.ended_at, r.epochs,
  r.best_epoch, r.seconds_per_epoch, r.evaluation_seconds, r.elapsed_ms, r.estimated_seconds, r.peak_memory_bytes, r.stop_reason, r.problem, r.attempt, r.starred,
  r.note, r.queue_position, r.held, r.pin, r.trashed_at, r.archived_at, r.locked, r.progress, r.test_shown, ${threadsOf('r')} AS threads,
  json_extract(r.provenance, '$.compile') AS compile, CASE WHEN r.state = 'imported' THEN json_extract(r.config, '$.imported.tool') END AS imported`;
export const runTables = 'run r JOIN experiment e ON e.id = r.experiment_id LEFT JOIN dataset d ON d.id = r.dataset';

const maskedReason = 'Test values are hidden until the selection is frozen.';

/** Whether what a run was last at is where it stands: one that waits anew keeps the progress it had, and does not show it. */
export const hasProgress = (state: RunState): boolean =>
  state === 'preparing' || state === 'running' || state === 'paused' || state === 'lost';

/** Rows with their metrics (all, or only those named) and tags, in the order of `runs`. */
export function toRunRows(database: Database, runs: readonly StoredRun[], only?: readonly string[]): RunRow[] {
  const numbers = JSON.stringify(runs.map((run) => run.number));
  const shown = JSON.stringify(runs.filter((run) => run.testShown === 1).map((run) => run.number));
  const validation = readings(database, 'validation', numbers, only);
  const test = readings(database, 'test', shown, only);
  const tested = new Set(
    database
      .all<{ number: number }>(
        "SELECT j.value AS number FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM metric m WHERE m.run = j.value AND m.part = 'test')",
        [numbers],
      )
      .map((row) => row.number),
  );
  const tags = new Map<number, string[]>();
  for (const { run, name } of database.all<{ run: number; name: string }>(
    'SELECT run, name FROM tag WHERE run IN (SELECT value FROM json_each(?)) ORDER BY name',
    [numbers],
  ))
    addTo(tags, run, name);
  const stopped = runs.filter((run) => run.stopReason === 'successive-halving').map((run) => run.id);
  const verdicts = new Map(lastVerdicts(database, stopped));
  return runs.map((run) =>
    toRunRow(
      run,
      verdicts.get(run.id),
      validation.get(run.number),
      testOf(run, tested.has(run.number), test.get(run.number)),
      tags.get(run.number) ?? [],
    ),
  );
}

/** The verdicts that ended runs, by run. */
function lastVerdicts(database: Database, ids: readonly string[]): [string, Verdict][] {
  if (ids.length === 0) return [];
  return database
    .all<Omit<Verdict, 'goesOn'> & { runId: string }>(
      'SELECT run_id, epoch, rank, of FROM verdict WHERE goes_on = 0 AND run_id IN (SELECT value FROM json_each(?))',
      [JSON.stringify(ids)],
    )
    .map(({ runId, ...verdict }) => [runId, { ...verdict, goesOn: false }]);
}

function readings(
  database: Database,
  part: 'validation' | 'test',
  numbers: string,
  only: readonly string[] | undefined,
): Map<number, MetricValues> {
  const found = new Map<number, MetricValues>();
  const rows = database.plain<{ run: number; key: string; value: number }>(
    `SELECT run, key, value FROM metric WHERE run IN (SELECT value FROM json_each(?)) AND part = ?${only === undefined ? '' : ' AND key IN (SELECT value FROM json_each(?))'}`,
    [numbers, part, ...(only === undefined ? [] : [JSON.stringify(only)])],
  );
  for (const { run, key, value } of rows) {
    let values = found.get(run);
    if (values === undefined) found.set(run, (values = {}));
    values[key] = value;
  }
  return found;
}

function toRunRow(
  run: StoredRun,
  verdict: Verdict | undefined,
  validation: MetricValues | undefined,
  test: RunRow['test'],
  tags: string[],
): RunRow {
  return {
    id: run.id,
    experimentId: run.experimentId,
    experimentName: run.experimentName,
    state: run.state,
    dataset: run.dataset,
    datasetName: run.datasetName,
    model: run.model,
    modelTitle: run.modelTitle,
    seed: Math.max(0, run.seed),
    configHash: run.configuration,
    differences: JSON.parse(run.differences) as RunRow['differences'],
    device: run.device,
    ...present('threads', run.threads),
    ...present('compile', run.compile),
    createdAt: run.createdAt,
    ...present('startedAt', run.startedAt),
    ...present('endedAt', run.endedAt),
    epochs: run.epochs,
    ...present('bestEpoch', run.bestEpoch),
    ...(validation === undefined ? {} : { validation }),
    test,
    ...present('secondsPerEpoch', run.secondsPerEpoch),
    ...present('evaluationSeconds', run.evaluationSeconds),
    elapsedSeconds: run.elapsedMs / 1000,
    ...present('estimatedSeconds', run.estimatedSeconds),
    ...present('peakMemoryBytes', run.peakMemoryBytes),
    ...present('stopReason', run.stopReason),
    ...(verdict === undefined ? {} : { verdict }),
    ...(run.problem === null ? {} : { problem: JSON.parse(run.problem) as Problem }),
    attempt: run.attempt,
    starred: run.starred === 1,
    note: run.note,
    ...(run.locked === 1 ? { locked: true } : {}),
    ...present('archivedAt', run.archivedAt),
    tags,
    ...present('queuePosition', run.queuePosition),
    held: run.held === 1,
    ...present('pin', run.pin),
    ...(hasProgress(run.state) && run.progress !== null ? { progress: JSON.parse(run.progress) as Progress } : {}),
    inferred: run.inferred === 1,
    ...present('imported', run.imported),
  };
}

function testOf(run: StoredRun, isTested: boolean, values: MetricValues | undefined): RunRow['test'] {
  if (!isTested && run.imported !== null) return { state: 'none', reason: 'Its log has no test value of this metric.' };
  if (!isTested) return { state: 'none', reason: 'The test part is scored once, when a run is finished.' };
  if (run.testShown !== 1 || values === undefined) return { state: 'masked', reason: maskedReason };
  return { state: 'shown', values };
}

function present<Key extends string, Value>(key: Key, value: Value | null): Partial<Record<Key, Value>> {
  return value === null ? {} : ({ [key]: value } as Record<Key, Value>);
}
