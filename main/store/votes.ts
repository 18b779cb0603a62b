/** Blind votes over pairs of runs. */
import type { Database } from './database.ts';

export interface NewVote {
  readonly at: number;
  readonly dataset: string;
  readonly runA: string;
  readonly runB: string;
  readonly user: number;
  readonly k: number;
  readonly choice: 'a' | 'b' | 'tie';
}

export type StoredVote = Pick<NewVote, 'at' | 'user' | 'k' | 'choice'> & { readonly id: number };

const flipped = { a: 'b', b: 'a', tie: 'tie' } as const;

export class VoteTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Returns its id. */
  add(vote: NewVote): number {
    this.#database.insert('vote', { ...vote });
    return this.#database.get<{ id: number }>('SELECT max(id) AS id FROM vote')!.id;
  }

  remove(id: number): void {
    this.#database.run('DELETE FROM vote WHERE id = ?', [id]);
  }

  /** Votes over a pair, newest first, as choices between these as A and B; those given the other way round are turned. */
  of(runA: string, runB: string): StoredVote[] {
    return this.#database
      .all<StoredVote & { runA: string }>(
        'SELECT id, at, user, k, choice, run_a FROM vote WHERE (run_a = ? AND run_b = ?) OR (run_a = ? AND run_b = ?) ORDER BY id DESC',
        [runA, runB, runB, runA],
      )
      .map(({ id, at, user, k, choice, runA: first }) => ({ id, at, user, k, choice: first === runA ? choice : flipped[choice] }));
  }
}
