/** Runs: their rows, states and queue. What a training process reports is applied in training-events.ts. */
import {
  toldReasons,
  type Artifact,
  type Estimate,
  type Provenance,
  type RunConfig,
  type RunDetail,
  type RunState,
} from '#contract/run.ts';
import type { LaneId } from '#contract/lane.ts';
import type { Problem } from '#contract/problem.ts';
import { ArtifactTable } from './artifacts.ts';
import type { Database } from './database.ts';
import { insertRun, type NewRun } from './new-run.ts';
import { openRuns, type OpenRun } from './open-runs.ts';
import { clearedAt } from './past-runs.ts';
import { recordsOf, type RunRecord } from './run-records.ts';
import { runColumns, runTables, toRunRows, type RunRow, type StoredRun } from './run-rows.ts';

export interface RunScope {
  readonly experiments: readonly string[];
  readonly runs: readonly string[];
}

export class RunTable {
  readonly #database: Database;
  readonly #artifacts: ArtifactTable;

  constructor(database: Database) {
    this.#database = database;
    this.#artifacts = new ArtifactTable(database);
  }

  insert(run: NewRun): void {
    insertRun(this.#database, run);
  }

  stored(id: string): StoredRun | undefined {
    return this.#database.get<StoredRun>(`SELECT ${runColumns} FROM ${runTables} WHERE r.id = ?`, [id]);
  }

  /** Summaries in the order asked for; unknown ids are left out. */
  summaries(ids: readonly string[]): RunRow[] {
    const found = this.#select('r.id IN (SELECT value FROM json_each(?))', [JSON.stringify(ids)]);
    const byId = new Map(found.map((row) => [row.id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  summary(id: string): RunRow | undefined {
    return this.summaries([id])[0];
  }

  #select(where: string, values: readonly (string | number)[], order = 'r.number'): RunRow[] {
    return toRunRows(
      this.#database,
      this.#database.all<StoredRun>(`SELECT ${runColumns} FROM ${runTables} WHERE ${where} ORDER BY ${order}`, values),
    );
  }

  /** What the latest run of a model called it: models of one's own have no card to ask. */
  modelTitle(model: string): string | undefined {
    return this.#database.get<{ modelTitle: string }>('SELECT model_title FROM run WHERE model = ? ORDER BY number DESC LIMIT 1', [model])
      ?.modelTitle;
  }

  inStates(states: readonly RunState[]): RunRow[] {
    return this.#select(
      'r.state IN (SELECT value FROM json_each(?)) AND r.trashed_at IS NULL',
      [JSON.stringify(states)],
      'coalesce(r.queue_position, r.started_at), r.number',
    );
  }

  /** The ids alone, in no order: what follows the queue asks again with every change. */
  idsInStates(states: readonly RunState[]): string[] {
    return this.#database
      .all<{ id: string }>('SELECT id FROM run WHERE state IN (SELECT value FROM json_each(?)) AND trashed_at IS NULL', [
        JSON.stringify(states),
      ])
      .map(({ id }) => id);
  }

  /** How many runs outside the trash are in each state; states without any are left out. */
  countsByState(): ReadonlyMap<RunState, number> {
    const rows = this.#database.all<{ state: RunState; count: number }>(
      'SELECT state, count(*) AS count FROM run WHERE trashed_at IS NULL GROUP BY state',
    );
    return new Map(rows.map(({ state, count }) => [state, count]));
  }

  /** Runs that left a file of this name, newest first. */
  withArtifact(name: string): RunRow[] {
    return this.#select(
      'r.trashed_at IS NULL AND EXISTS (SELECT 1 FROM artifact a WHERE a.run_id = r.id AND a.name = ? AND a.trashed_at IS NULL)',
      [name],
      'r.number DESC',
    );
  }

  /** See {@link openRuns}. */
  open(ids?: readonly string[]): OpenRun[] {
    return openRuns(this.#database, ids);
  }

  /** Runs waiting for their turn, first one first; held ones included. */
  waiting(): RunRow[] {
    return this.#select("r.state = 'queued' AND r.trashed_at IS NULL", [], 'r.queue_position, r.number');
  }

  /** Runs that ended at this time (UTC ms) or later, newest first. */
  finishedSince(time: number): RunRow[] {
    // The plus keeps SQLite from looking through all that ever finished.
    return this.#select(
      "+r.state IN ('finished', 'stopped', 'failed') AND r.ended_at >= ? AND r.trashed_at IS NULL",
      [time],
      'r.ended_at DESC',
    );
  }

  /** Runs of the cells of an experiment, known ones included, in matrix order. */
  ofExperiment(experimentId: string): RunRow[] {
    const ids = this.#database
      .all<{ runId: string }>('SELECT run_id FROM experiment_cell WHERE experiment_id = ? ORDER BY position', [experimentId])
      .map((row) => row.runId);
    return this.summaries(ids);
  }

  /** Runs in scope, not in the trash, oldest first within the order of the experiments' matrices; an empty scope means all but reproductions. */
  inScope(scope: RunScope): RunRow[] {
    if (scope.runs.length === 0 && scope.experiments.length === 0)
      return this.#select("r.trashed_at IS NULL AND coalesce(r.origin, '') <> 'reproduction'", []);
    const ids = new Set<string>();
    const cells =
      'SELECT c.run_id FROM experiment_cell c JOIN run r ON r.id = c.run_id WHERE c.experiment_id = ? AND r.trashed_at IS NULL ORDER BY c.position';
    for (const experiment of scope.experiments)
      for (const { runId } of this.#database.all<{ runId: string }>(cells, [experiment])) ids.add(runId);
    const asked = 'SELECT a.value AS run_id FROM json_each(?) a JOIN run r ON r.id = a.value WHERE r.trashed_at IS NULL ORDER BY a.key';
    for (const { runId } of this.#database.all<{ runId: string }>(asked, [JSON.stringify(scope.runs)])) ids.add(runId);
    return this.summaries([...ids]);
  }

  /** What comparisons ask of hundreds of runs at once. */
  records(ids: readonly string[]): ReadonlyMap<string, RunRecord> {
    return recordsOf(this.#database, ids);
  }

  count(): number {
    return this.#database.get<{ count: number }>('SELECT count(*) AS count FROM run WHERE trashed_at IS NULL')!.count;
  }

  config(id: string): RunConfig | undefined {
    const row = this.#database.get<{ config: string }>('SELECT config FROM run WHERE id = ?', [id]);
    return row === undefined ? undefined : (JSON.parse(row.config) as RunConfig);
  }

  /** The device it is bound to. */
  pin(id: string): LaneId | undefined {
    return this.#database.get<{ pin: LaneId | null }>('SELECT pin FROM run WHERE id = ?', [id])?.pin ?? undefined;
  }

  provenance(id: string): Provenance | undefined {
    const row = this.#database.get<{ provenance: string | null }>('SELECT provenance FROM run WHERE id = ?', [id]);
    return row === undefined || row.provenance === null ? undefined : (JSON.parse(row.provenance) as Provenance);
  }

  /** Of every run, those in the trash too. */
  allIds(): string[] {
    return this.#database.all<{ id: string }>('SELECT id FROM run').map(({ id }) => id);
  }

  artifacts(id: string): Artifact[] {
    return this.#artifacts.of(id);
  }

  /** In order, with epochs and seconds of work; the training itself is the last. */
  stages(id: string): RunDetail['stages'] {
    const rows = this.#database.all<{
      id: string;
      model: string;
      state: RunDetail['stages'][number]['state'];
      epochs: number;
      bestEpoch: number | null;
      seconds: number;
    }>('SELECT id, model, state, epochs, best_epoch, seconds FROM stage WHERE run_id = ? ORDER BY position', [id]);
    return rows.map(({ bestEpoch, ...row }) => ({ ...row, ...(bestEpoch === null ? {} : { bestEpoch }) }));
  }

  /** In order, times in UTC ms. */
  attempts(id: string): RunDetail['attempts'] {
    const rows = this.#database.all<{
      attempt: number;
      startedAt: number;
      endedAt: number | null;
      fromEpoch: number;
      recomputedEpochs: number;
      outcome: string | null;
    }>('SELECT attempt, started_at, ended_at, from_epoch, recomputed_epochs, outcome FROM attempt WHERE run_id = ? ORDER BY attempt', [id]);
    return rows.map(({ endedAt, outcome, ...row }) => ({
      ...row,
      ...(endedAt === null ? {} : { endedAt }),
      ...(outcome === null ? {} : { outcome }),
    }));
  }

  /** Replaces the estimate of a run that is about to start; the one it got in the plan knew less. */
  estimate(id: string, { seconds, low, high, basis }: Estimate): void {
    this.#database.update('run', { id }, { estimatedSeconds: seconds, estimatedLow: low, estimatedHigh: high, estimateBasis: basis });
  }

  /** Whether the last attempt ended because it was told to, with its best epoch kept. */
  wasStopped(id: string): boolean {
    const last = this.#database.get<{ outcome: string | null }>(
      'SELECT outcome FROM attempt WHERE run_id = ? ORDER BY attempt DESC LIMIT 1',
      [id],
    );
    return toldReasons.some((reason) => reason === last?.outcome);
  }

  /** Opens the next attempt and returns its number. */
  beginAttempt(id: string, at: number): number {
    return this.#database.transaction(() => {
      const attempt =
        (this.#database.get<{ last: number | null }>('SELECT max(attempt) AS last FROM attempt WHERE run_id = ?', [id])?.last ?? 0) + 1;
      this.#database.insert('attempt', { runId: id, attempt, startedAt: at, lastAt: at });
      this.#database.run(
        "UPDATE run SET state = 'preparing', attempt = ?, started_at = coalesce(started_at, ?), ended_at = NULL, stop_reason = NULL, problem = NULL, queue_position = NULL, held = 0 WHERE id = ?",
        [attempt, at, id],
      );
      return attempt;
    });
  }

  /** Closes the open attempt, where there is one, in words for the record. */
  endAttempt(id: string, outcome: string, at?: number): void {
    this.#database.run('UPDATE attempt SET ended_at = coalesce(?, last_at), outcome = ? WHERE run_id = ? AND ended_at IS NULL', [
      at,
      outcome,
      id,
    ]);
    this.touchElapsed(id);
  }

  /** Work time: the sum over attempts, an open one counted up to its last sign of life. */
  touchElapsed(id: string): void {
    this.#database.run(
      'UPDATE run SET elapsed_ms = (SELECT coalesce(sum(coalesce(ended_at, last_at) - started_at), 0) FROM attempt WHERE run_id = run.id) WHERE id = ?',
      [id],
    );
  }

  setState(id: string, state: RunState, also: { readonly problem?: Problem; readonly endedAt?: number } = {}): void {
    this.#database.update(
      'run',
      { id },
      {
        state,
        ...(also.problem === undefined ? {} : { problem: JSON.stringify(also.problem) }),
        ...(also.endedAt === undefined ? {} : { endedAt: also.endedAt }),
        ...(state === 'queued' ? {} : { queuePosition: undefined }),
      },
    );
  }

  /** Puts a run back into the queue, before all others. Stages that it left in caches emptied since are still to be trained. */
  requeue(id: string): void {
    this.#database.run(
      `UPDATE stage SET state = 'waiting' WHERE run_id = ? AND key <> '' AND state IN ('done', 'reused')
       AND (SELECT ended_at FROM run WHERE id = run_id) <= ${clearedAt}`,
      [id],
    );
    const first =
      this.#database.get<{ first: number | null }>("SELECT min(queue_position) AS first FROM run WHERE state = 'queued'")?.first ?? 1;
    this.#database.update(
      'run',
      { id },
      { state: 'queued', queuePosition: first - 1, held: false, endedAt: undefined, stopReason: undefined, problem: undefined },
    );
  }

  /** Runs found working by a new owner are lost: nobody works on them any more. Returns all lost runs, those of earlier owners too, oldest start first. */
  markLost(): string[] {
    return this.#database.transaction(() => {
      const rows = this.#database.all<{ id: string; state: RunState }>(
        "SELECT id, state FROM run WHERE state IN ('preparing', 'running', 'lost') AND trashed_at IS NULL ORDER BY started_at, number",
      );
      for (const { id, state } of rows) {
        if (state === 'lost') continue;
        this.endAttempt(id, 'the owner ended');
        this.setState(id, 'lost');
      }
      return rows.map((row) => row.id);
    });
  }

  /** Waiting runs in this order first, the others keep theirs. */
  order(ids: readonly string[]): void {
    this.#database.transaction(() => {
      const waiting = new Set(this.waiting().map((row) => row.id));
      const next = new Set([...ids.filter((id) => waiting.has(id)), ...waiting]);
      for (const [index, id] of [...next].entries()) this.#database.update('run', { id }, { queuePosition: index + 1 });
    });
  }

  hold(ids: readonly string[], held: boolean): void {
    this.#database.transaction(() => ids.forEach((id) => this.#database.update('run', { id }, { held })));
  }

  showTest(id: string, shown: boolean): void {
    this.#database.update('run', { id }, { testShown: shown });
  }

  isTestShown(id: string): boolean {
    return this.#database.get<{ testShown: number }>('SELECT test_shown FROM run WHERE id = ?', [id])?.testShown === 1;
  }

  /** How often the test part of a run was scored; more than once only where a run was finished in several lives. */
  testEvaluations(id: string): number {
    return this.#database.get<{ testEvaluations: number }>('SELECT test_evaluations FROM run WHERE id = ?', [id])?.testEvaluations ?? 0;
  }

  annotate(
    ids: readonly string[],
    change: {
      readonly starred?: boolean;
      readonly note?: string;
      readonly addTags?: readonly string[];
      readonly removeTags?: readonly string[];
    },
  ): void {
    this.#database.transaction(() => {
      for (const id of ids) {
        const run = this.#database.get<{ number: number }>('SELECT number FROM run WHERE id = ?', [id]);
        if (run === undefined) continue;
        const { starred, note } = change;
        this.#database.update('run', { id }, { ...(starred === undefined ? {} : { starred }), ...(note === undefined ? {} : { note }) });
        for (const name of change.addTags ?? [])
          if (name.trim() !== '') this.#database.insert('tag', { run: run.number, name: name.trim() }, true);
        for (const name of change.removeTags ?? []) this.#database.run('DELETE FROM tag WHERE run = ? AND name = ?', [run.number, name]);
      }
    });
  }
}
