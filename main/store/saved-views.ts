/** Saved views of the runs table, by name. What a view holds is parsed where it is used: an older one may lack what came later. */
import type { Database } from './database.ts';

export interface StoredView {
  readonly id: string;
  readonly name: string;
  readonly state: unknown;
  readonly updatedAt: number;
}

export class SavedViews {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order in which they were made. */
  list(): StoredView[] {
    return this.#database
      .all<{ id: string; name: string; state: string; updatedAt: number }>(
        'SELECT id, name, state, updated_at FROM saved_view ORDER BY created_at, id',
      )
      .map((row) => ({ ...row, state: JSON.parse(row.state) as unknown }));
  }

  /** Writes a view, over the one with its id where there is one. */
  save(view: { readonly id: string; readonly name: string; readonly state: unknown }, at: number): void {
    this.#database.run(
      `INSERT INTO saved_view (id, name, state, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = excluded.state, updated_at = excluded.updated_at`,
      [view.id, view.name, JSON.stringify(view.state), at, at],
    );
  }

  remove(id: string): void {
    this.#database.run('DELETE FROM saved_view WHERE id = ?', [id]);
  }
}
