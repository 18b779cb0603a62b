/** What verifying runs found. Values are kept as they came out, test among them: who shows them asks whether they may be seen. */
import type { Verification } from '#contract/lineage.ts';
import type { MetricValues } from '#contract/run.ts';
import type { Database } from './database.ts';

export class VerificationTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(runId: string, { at, byRun, ...rest }: Verification): void {
    this.#database.insert('verification', { runId, at, byRun, value: JSON.stringify(rest) });
  }

  /** Of a run, and what it found of its parent where it is a reproduction; newest first. */
  of(runId: string): Verification[] {
    return this.#database
      .all<{ at: number; byRun: string | null; value: string }>(
        'SELECT at, by_run, value FROM verification WHERE run_id = ? OR by_run = ? ORDER BY at DESC, id DESC',
        [runId, runId],
      )
      .map(({ at, byRun, value }) => ({
        ...(JSON.parse(value) as Omit<Verification, 'at' | 'byRun'>),
        at,
        ...(byRun === null ? {} : { byRun }),
      }));
  }

  /**
   * Stored values of a part, masked or not: for comparing, never for showing. Of "log", which nothing masks, those that an imported run has
   * under names of its own.
   */
  values(runId: string, part: 'validation' | 'test' | 'log'): MetricValues {
    return Object.fromEntries(
      this.#database
        .all<{ key: string; value: number }>(
          'SELECT m.key, m.value FROM metric m JOIN run r ON r.number = m.run WHERE r.id = ? AND m.part = ? ORDER BY m.key',
          [runId, part],
        )
        .map(({ key, value }) => [key, value]),
    );
  }
}
