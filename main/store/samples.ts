/** Lists of a few users at each new best epoch of a run: some two hundred bytes an epoch. */
import type { Database } from './database.ts';

export interface StoredSample {
  readonly epoch: number;
  readonly users: readonly number[];
  /** By user, best item first. */
  readonly items: readonly (readonly number[])[];
}

export class SampleTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put(runId: string, { epoch, users, items }: StoredSample): void {
    // As wide as the longest list; −1 where a list is shorter.
    const width = Math.max(0, ...items.map((list) => list.length));
    const table = new Int32Array(users.length * width).fill(-1);
    for (const [row, list] of items.entries()) table.set(list, row * width);
    this.#database.insert('sample', { runId, epoch, users: JSON.stringify(users), items: Buffer.from(table.buffer) }, true);
  }

  /** In the order of epochs. */
  of(runId: string): StoredSample[] {
    return this.#database
      .all<{ epoch: number; users: string; items: Uint8Array }>('SELECT epoch, users, items FROM sample WHERE run_id = ? ORDER BY epoch', [
        runId,
      ])
      .map((row) => {
        const users = JSON.parse(row.users) as number[];
        const table = new Int32Array(Uint8Array.from(row.items).buffer);
        const width = users.length === 0 ? 0 : table.length / users.length;
        const items = users.map((_, at) => [...table.subarray(at * width, (at + 1) * width)].filter((item) => item >= 0));
        return { epoch: row.epoch, users, items };
      });
  }

  /** Takes away what a run that begins anew has told before. */
  forgetAfter(runId: string, epoch: number): void {
    this.#database.run('DELETE FROM sample WHERE run_id = ? AND epoch > ?', [runId, epoch]);
  }
}
