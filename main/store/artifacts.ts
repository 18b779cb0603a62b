/** Files of runs, and which of them were put aside. */
import type { Artifact } from '#contract/run.ts';
import type { Database } from './database.ts';

export type TrashedArtifact = Artifact & { readonly trashedAt: number };

export class ArtifactTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name; what was put aside is not among them. */
  of(runId: string): Artifact[] {
    return this.#database.all<Artifact>(
      'SELECT name, file, bytes, sha256 FROM artifact WHERE run_id = ? AND trashed_at IS NULL ORDER BY name',
      [runId],
    );
  }

  trashed(runId: string): TrashedArtifact[] {
    return this.#database.all<TrashedArtifact>(
      'SELECT name, file, bytes, sha256, trashed_at FROM artifact WHERE run_id = ? AND trashed_at IS NOT NULL ORDER BY name',
      [runId],
    );
  }

  /** undefined takes it back. */
  setTrashed(runId: string, name: string, at: number | undefined): void {
    this.#database.update('artifact', { runId, name }, { trashedAt: at });
  }

  forget(runId: string, name: string): void {
    this.#database.run('DELETE FROM artifact WHERE run_id = ? AND name = ?', [runId, name]);
  }
}
