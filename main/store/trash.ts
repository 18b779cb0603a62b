/** The trash: runs taken out of every list, restorable with all they had; purging is for good. */
import type { Database } from './database.ts';

export class TrashTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Number of runs moved; runs that are at work are left alone. A waiting one is stopped, and its place in the queue remembered. */
  move(ids: readonly string[], at: number): number {
    return this.#database.run(
      "UPDATE run SET trashed_at = ?, state = CASE WHEN state = 'queued' THEN 'stopped' ELSE state END WHERE trashed_at IS NULL AND state NOT IN ('preparing', 'running') AND id IN (SELECT value FROM json_each(?))",
      [at, JSON.stringify(ids)],
    );
  }

  /** What waited when it was moved waits again, at its place. */
  restore(ids: readonly string[]): number {
    return this.#database.run(
      "UPDATE run SET trashed_at = NULL, state = CASE WHEN state = 'stopped' AND queue_position IS NOT NULL THEN 'queued' ELSE state END WHERE trashed_at IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
      [JSON.stringify(ids)],
    );
  }

  /** Bytes of the recorded files of these runs. */
  bytes(ids: readonly string[]): number {
    return this.#database.get<{ bytes: number }>(
      'SELECT coalesce(sum(bytes), 0) AS bytes FROM artifact WHERE run_id IN (SELECT value FROM json_each(?))',
      [JSON.stringify(ids)],
    )!.bytes;
  }
}
