import type { Database } from './database.ts';

/**
 * Where runs come from and what was expected of them, what verifying them found, checkpoints put aside, and the lists of a few users at
 * each new best epoch. A parent is no foreign key: what descends from a run outlives it.
 */
export function addLineage(database: Database): void {
  database.exec(`
    ALTER TABLE run ADD COLUMN parent_id TEXT;
    ALTER TABLE run ADD COLUMN origin TEXT;
    ALTER TABLE run ADD COLUMN expectation TEXT NOT NULL DEFAULT '';
    ALTER TABLE run ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
    CREATE INDEX run_parent ON run (parent_id) WHERE parent_id IS NOT NULL;
    ALTER TABLE artifact ADD COLUMN trashed_at INTEGER;
    CREATE TABLE verification (
      id INTEGER PRIMARY KEY,
      run_id TEXT NOT NULL REFERENCES run (id),
      at INTEGER NOT NULL,
      -- The run that trained it again.
      by_run TEXT,
      value TEXT NOT NULL
    ) STRICT;
    CREATE INDEX verification_run ON verification (run_id, at);
    CREATE INDEX verification_by ON verification (by_run) WHERE by_run IS NOT NULL;
    CREATE TABLE sample (
      run_id TEXT NOT NULL REFERENCES run (id),
      epoch INTEGER NOT NULL,
      -- Users in order, JSON.
      users TEXT NOT NULL,
      -- int32, user by user.
      items BLOB NOT NULL,
      PRIMARY KEY (run_id, epoch)
    ) STRICT, WITHOUT ROWID;
  `);
}
