/** The trash: runs taken out of every list, restorable with all they had; purging is for good. Locked runs stay out of it. */
import type { Database } from './database.ts';
import { testSeen } from './experiments.ts';

/** Where runs may go to the trash from: not while they are at work, not while they are locked. */
const working = "state IN ('preparing', 'running')";

export class TrashTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Number of runs moved; those at work and locked ones are left alone. A waiting one is stopped, and its place in the queue remembered. */
  move(ids: readonly string[], at: number): number {
    return this.#database.run(
      `UPDATE run SET trashed_at = ?, state = CASE WHEN state = 'queued' THEN 'stopped' ELSE state END WHERE trashed_at IS NULL AND locked = 0 AND NOT ${working} AND id IN (SELECT value FROM json_each(?))`,
      [at, JSON.stringify(ids)],
    );
  }

  /** Those of these runs that would be moved. */
  movable(ids: readonly string[]): string[] {
    return this.#database
      .all<{ id: string }>(
        `SELECT id FROM run WHERE id IN (SELECT value FROM json_each(?)) AND trashed_at IS NULL AND locked = 0 AND NOT ${working}`,
        [JSON.stringify(ids)],
      )
      .map(({ id }) => id);
  }

  /** How many of these runs stay because they are locked, and how many because they are at work. */
  kept(ids: readonly string[]): { readonly locked: number; readonly working: number } {
    return this.#database.get<{ locked: number; working: number }>(
      `SELECT coalesce(sum(locked), 0) AS locked, coalesce(sum(locked = 0 AND ${working}), 0) AS working FROM run WHERE trashed_at IS NULL AND id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(ids)],
    )!;
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

  /** Every run in the trash. A run that is locked there stays, whoever purges. */
  all(): { readonly id: string; readonly trashedAt: number; readonly locked: boolean }[] {
    return this.#database
      .all<{ id: string; trashedAt: number; locked: number }>(
        'SELECT id, trashed_at, locked FROM run WHERE trashed_at IS NOT NULL ORDER BY trashed_at, id',
      )
      .map((row) => ({ ...row, locked: row.locked === 1 }));
  }

  /** What the whole trash holds. */
  whole(): { readonly ids: readonly string[]; readonly bytes: number } {
    const ids = this.#database.all<{ id: string }>('SELECT id FROM run WHERE trashed_at IS NOT NULL').map(({ id }) => id);
    return { ids, bytes: this.bytes(ids) };
  }

  /**
   * Takes the records of runs out of the store for good, with the cells of experiments that show them. Only what lies in the trash goes.
   * Returns the ids whose files may be deleted.
   */
  purge(ids: readonly string[]): string[] {
    return this.#database.transaction(() => {
      const rows = this.#database.all<{ id: string; number: number }>(
        'SELECT id, number FROM run WHERE trashed_at IS NOT NULL AND locked = 0 AND id IN (SELECT value FROM json_each(?))',
        [JSON.stringify(ids)],
      );
      const gone = { id: JSON.stringify(rows.map(({ id }) => id)), number: JSON.stringify(rows.map(({ number }) => number)) };
      // Before the cells of experiments go, which tell whether a run was seen.
      this.#database.run(
        `INSERT OR IGNORE INTO purged_test SELECT DISTINCT r.model, r.dataset, r.configuration FROM run r WHERE r.number IN (SELECT value FROM json_each(?)) AND ${testSeen}`,
        [gone.number],
      );
      // Whatever table belongs to a run says so itself; the chunks of series alone do not.
      const belonging = this.#database.all<{ name: string; column: string; target: string }>(
        `SELECT s.name, f."from" AS column, coalesce(f."to", 'number') AS target FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f WHERE s.type = 'table' AND f."table" = 'run'`,
      );
      for (const { name, column, target } of [...belonging, { name: 'series_chunk', column: 'run_id', target: 'id' }])
        this.#database.run(`DELETE FROM ${name} WHERE ${column} IN (SELECT value FROM json_each(?))`, [
          target === 'id' ? gone.id : gone.number,
        ]);
      this.#database.run('DELETE FROM run WHERE number IN (SELECT value FROM json_each(?))', [gone.number]);
      return rows.map(({ id }) => id);
    });
  }
}
