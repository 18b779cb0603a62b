import type { RunDetail } from '#contract/run.ts';
import type { Database } from './database.ts';

export type Measures = Pick<RunDetail, 'parameters' | 'evaluatedUsers' | 'leakedTensors'>;

/** What the process of a run counted, and the data it was stored with. */
export class RunMeasures {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What its process has told so far; empty for a run that never started. */
  of(id: string): Measures {
    const row = this.#database.get<{ parameters: number | null; evaluatedUsers: string | null; leakedTensors: number | null }>(
      'SELECT parameters, evaluated_users, leaked_tensors FROM run WHERE id = ?',
      [id],
    );
    if (row === undefined) return {};
    const { parameters, evaluatedUsers, leakedTensors } = row;
    return {
      ...(parameters === null ? {} : { parameters }),
      ...(evaluatedUsers === null ? {} : { evaluatedUsers: JSON.parse(evaluatedUsers) as NonNullable<Measures['evaluatedUsers']> }),
      ...(leakedTensors === null ? {} : { leakedTensors }),
    };
  }

  /** Hash of the dataset's files as they were when the run was stored. */
  dataHash(id: string): string | undefined {
    return this.#database.get<{ dataHash: string }>('SELECT data_hash FROM run WHERE id = ?', [id])?.dataHash;
  }
}
