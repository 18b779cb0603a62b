/** Trials of searches with the runs that stand for them, and verdicts of successive halving. */
import type { HyperValues } from '#contract/model-card.ts';
import type { RunState, Verdict } from '#contract/run.ts';
import type { Database } from './database.ts';

export interface StoredTrial {
  readonly choice: number;
  readonly dataset: string;
  /** From 0, in the order they were proposed. */
  readonly number: number;
  readonly configuration: string;
  readonly point: HyperValues;
}

/** A run of a trial; several trials share one where they came to equal configurations. */
export interface TrialRun {
  readonly dataset: string;
  readonly configuration: string;
  readonly seed: number;
  readonly runId: string;
  /** Another experiment's, which this one reuses. */
  readonly known: boolean;
  readonly state: RunState;
  readonly trashed: boolean;
  readonly stopReason: string | null;
  /** The rung of successive halving that ended it. */
  readonly haltedAt: number | null;
  /** Epochs done. */
  readonly epochs: number;
  /** Validation Recall@20 at the best epoch so far. */
  readonly value: number | null;
}

export class SearchTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Experiments that search and are not frozen, oldest first. */
  open(): string[] {
    return this.#database
      .all<{ id: string }>(
        "SELECT id FROM experiment WHERE json_extract(request, '$.search') IS NOT NULL AND frozen_at IS NULL ORDER BY created_at, id",
      )
      .map((row) => row.id);
  }

  /** All experiments that search, frozen ones too, newest first. */
  all(): string[] {
    return this.#database
      .all<{ id: string }>("SELECT id FROM experiment WHERE json_extract(request, '$.search') IS NOT NULL ORDER BY created_at DESC, id")
      .map((row) => row.id);
  }

  /** Those of the open ones with runs at work, or that wait for their turn unheld. */
  atWork(): string[] {
    return this.#database
      .all<{ id: string }>(
        `SELECT DISTINCT e.id FROM run r JOIN experiment_cell c ON c.run_id = r.id JOIN experiment e ON e.id = c.experiment_id
         WHERE r.state IN ('preparing', 'running', 'queued') AND r.held = 0 AND r.trashed_at IS NULL AND e.frozen_at IS NULL AND json_extract(e.request, '$.search') IS NOT NULL`,
      )
      .map((row) => row.id);
  }

  /** The search that a run is a trial of, where it is its own experiment's. */
  ofRun(runId: string): string | undefined {
    return this.#database.get<{ id: string }>(
      'SELECT r.experiment_id AS id FROM run r WHERE r.id = ? AND EXISTS (SELECT 1 FROM trial t WHERE t.experiment_id = r.experiment_id)',
      [runId],
    )?.id;
  }

  insertTrials(experimentId: string, trials: readonly StoredTrial[]): void {
    for (const { point, ...trial } of trials) this.#database.insert('trial', { experimentId, ...trial, point: JSON.stringify(point) });
  }

  /** By model choice, dataset and number. */
  trials(experimentId: string): StoredTrial[] {
    return this.#database
      .all<Omit<StoredTrial, 'point'> & { point: string }>(
        'SELECT choice, dataset, number, configuration, point FROM trial WHERE experiment_id = ? ORDER BY choice, dataset, number',
        [experimentId],
      )
      .map((row) => ({ ...row, point: JSON.parse(row.point) as HyperValues }));
  }

  /** Runs of a search's cells in matrix order, with what decides about their trial: state, Recall@20 on validation, the epoch a verdict ended them at. */
  runs(experimentId: string): TrialRun[] {
    return this.#database
      .all<Omit<TrialRun, 'known' | 'trashed'> & { known: number; trashed: number }>(
        `SELECT c.dataset, c.configuration, c.seed, c.run_id, c.known, r.state, r.trashed_at IS NOT NULL AS trashed, r.stop_reason, r.epochs,
           (SELECT v.epoch FROM verdict v WHERE v.run_id = r.id AND v.goes_on = 0) AS halted_at,
           (SELECT m.value FROM metric m WHERE m.run = r.number AND m.part = 'validation' AND m.key = 'recall@20') AS value
         FROM experiment_cell c JOIN run r ON r.id = c.run_id WHERE c.experiment_id = ? ORDER BY c.position`,
        [experimentId],
      )
      .map((row) => ({ ...row, known: row.known === 1, trashed: row.trashed === 1 }));
  }

  /** The trials of a search and the states of its runs in one text: equal texts, equal outcomes. */
  states(experimentId: string): string {
    const row = this.#database.get<{ trials: number; runs: string | null }>(
      `SELECT (SELECT count(*) FROM trial WHERE experiment_id = ?) AS trials,
         (SELECT group_concat(r.number || r.state || (r.trashed_at IS NOT NULL) || coalesce(r.stop_reason, '')) FROM experiment_cell c JOIN run r ON r.id = c.run_id WHERE c.experiment_id = ?) AS runs`,
      [experimentId, experimentId],
    );
    return `${row?.trials ?? 0} ${row?.runs ?? ''}`;
  }

  putVerdict(runId: string, { goesOn, ...verdict }: Verdict): void {
    this.#database.insert('verdict', { runId, ...verdict, goesOn: goesOn ? 1 : 0 }, true);
  }

  /** Rungs falling. */
  verdicts(runId: string): Verdict[] {
    return this.#database
      .all<Omit<Verdict, 'goesOn'> & { goesOn: number }>(
        'SELECT epoch, rank, of, goes_on FROM verdict WHERE run_id = ? ORDER BY epoch DESC',
        [runId],
      )
      .map((row) => ({ ...row, goesOn: row.goesOn === 1 }));
  }

  /** Whether a verdict ended the run. */
  isHalted(runId: string): boolean {
    return this.#database.get('SELECT 1 AS found FROM verdict WHERE run_id = ? AND goes_on = 0', [runId]) !== undefined;
  }

  /** Whether it was ended before and taken up again by a person: then it is ended no more. */
  wasEnded(runId: string): boolean {
    return this.#database.get("SELECT 1 AS found FROM attempt WHERE run_id = ? AND outcome = 'successive-halving'", [runId]) !== undefined;
  }

  /** A person lets an ended run go on: the verdict stays on record, and ends it no more. */
  pardon(runId: string): void {
    this.#database.run('UPDATE verdict SET goes_on = 1 WHERE run_id = ?', [runId]);
  }
}
