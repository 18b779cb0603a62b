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

  /** Of all runs but those that lie in the trash as a whole. */
  allTrashed(): (TrashedArtifact & { readonly runId: string })[] {
    return this.#database.all<TrashedArtifact & { readonly runId: string }>(
      `SELECT a.run_id, a.name, a.file, a.bytes, a.sha256, a.trashed_at FROM artifact a JOIN run r ON r.id = a.run_id
       WHERE a.trashed_at IS NOT NULL AND r.trashed_at IS NULL ORDER BY a.trashed_at, a.run_id, a.name`,
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
