/** Where runs come from: parents and children, what was expected of each and what came out. */
import type { Origin } from '#contract/lineage.ts';
import type { Database } from './database.ts';

export interface Kin {
  readonly id: string;
  readonly parent: string | null;
  readonly origin: Origin | null;
  readonly trashed: boolean;
  readonly expectation: string;
  readonly outcome: string;
}

/** A family that is larger than this is shown in part. */
const mostKin = 200;

export class LineageTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The run, or undefined where it was removed for good. */
  of(id: string): Kin | undefined {
    return this.#kin('id = ?', [id])[0];
  }

  /** The run with its ancestors and all that descend from the first of them that is still there, in the order they were made. */
  family(id: string): Kin[] {
    const { root } = this.#database.get<{ root: string }>(
      `WITH RECURSIVE up (id, depth) AS (
         SELECT ?, 0 UNION SELECT r.parent_id, up.depth + 1 FROM up JOIN run r ON r.id = up.id JOIN run p ON p.id = r.parent_id WHERE up.depth < ${mostKin}
       ) SELECT id AS root FROM up ORDER BY depth DESC LIMIT 1`,
      [id],
    )!;
    return this.#kin(
      `id IN (WITH RECURSIVE down (id) AS (SELECT ? UNION SELECT r.id FROM run r JOIN down ON r.parent_id = down.id) SELECT id FROM down LIMIT ${mostKin})`,
      [root],
    );
  }

  #kin(where: string, values: readonly string[]): Kin[] {
    return this.#database
      .all<Omit<Kin, 'trashed'> & { trashed: number }>(
        `SELECT id, parent_id AS parent, origin, trashed_at IS NOT NULL AS trashed, expectation, outcome FROM run WHERE ${where} ORDER BY number`,
        values,
      )
      .map((row) => ({ ...row, trashed: row.trashed === 1 }));
  }

  describe(id: string, change: { readonly expectation?: string; readonly outcome?: string }): void {
    this.#database.update('run', { id }, change);
  }

  /** The highest seed of a configuration on a dataset, whatever became of its runs; −1 where there is none. */
  lastSeed(dataset: string, configuration: string): number {
    return (
      this.#database.get<{ last: number | null }>('SELECT max(seed) AS last FROM run WHERE dataset = ? AND configuration = ?', [
        dataset,
        configuration,
      ])?.last ?? -1
    );
  }
}
