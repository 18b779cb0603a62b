/** Rows of papers: values that somebody reported. They lie apart from runs, so that no test, rank or mean can meet them. */
import type { ReportedRow } from '#contract/runs-table.ts';
import type { Database } from './database.ts';

export class ReportedRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Rows of papers with their values, by dataset and citation. */
  list(): ReportedRow[] {
    const values = new Map<string, Record<string, number>>();
    for (const { reported, key, value } of this.#database.all<{ reported: string; key: string; value: number }>(
      'SELECT reported, key, value FROM reported_value',
    )) {
      let own = values.get(reported);
      if (own === undefined) values.set(reported, (own = {}));
      own[key] = value;
    }
    return this.#database
      .all<Omit<ReportedRow, 'values'>>(
        'SELECT id, citation, split, dataset, model, note FROM reported ORDER BY dataset, citation, created_at, id',
      )
      .map((row) => ({ ...row, values: values.get(row.id) ?? {} }));
  }

  /** Writes rows, over those with the same id. */
  put(rows: readonly ReportedRow[], at: number): void {
    this.#database.transaction(() => {
      for (const { values, ...row } of rows) {
        this.#database.run('DELETE FROM reported_value WHERE reported = ?', [row.id]);
        this.#database.insert('reported', { ...row, createdAt: at }, true);
        for (const [key, value] of Object.entries(values)) this.#database.insert('reported_value', { reported: row.id, key, value });
      }
    });
  }

  remove(ids: readonly string[]): void {
    const list = JSON.stringify(ids);
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM reported_value WHERE reported IN (SELECT value FROM json_each(?))', [list]);
      this.#database.run('DELETE FROM reported WHERE id IN (SELECT value FROM json_each(?))', [list]);
    });
  }
}
