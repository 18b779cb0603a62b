/** The lists, per-user values and vectors of one run, from its files. */
import { join } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import { metricKeys, type Artifact } from '#contract/run.ts';
import { openMatrix, readRows, readWhole, type MatrixFile } from './matrix-file.ts';

export type Part = 'validation' | 'test';

/** Per-user values of one part: row r belongs to `users[r]`; `rowOf[user]` is −1 where the user is not evaluated. */
export interface PerUser {
  readonly rowOf: Int32Array;
  readonly users: Int32Array;
  /** Row-major, the user first, then the metrics. */
  readonly values: Float64Array;
  readonly columns: number;
}

const metricColumn = new Map(metricKeys.map((key, index) => [key, index + 1]));

export class RunLists {
  readonly run: string;
  readonly users: number;
  readonly length: number;
  readonly #folder: string;
  readonly #artifacts: readonly Artifact[];
  readonly #lists: MatrixFile;
  readonly #scores: MatrixFile | undefined;
  readonly #vectors: { readonly users: MatrixFile; readonly items: MatrixFile } | undefined;
  /** Item vectors as sums, sources side by side; absent where the model tells none, or the run is older than that. */
  readonly #shares: MatrixFile | undefined;
  readonly #perUser = new Map<Part, Promise<PerUser>>();
  #all: Promise<Int32Array> | undefined;

  private constructor(run: string, folder: string, artifacts: readonly Artifact[], files: Readonly<Record<string, MatrixFile>>) {
    const { top50, users, items } = files;
    this.run = run;
    this.#folder = folder;
    this.#artifacts = artifacts;
    this.#lists = top50!;
    this.#scores = files['top50-scores'];
    this.#vectors = users === undefined || items === undefined ? undefined : { users, items };
    this.#shares = files['item-shares'];
    this.users = this.#lists.rows;
    this.length = this.#lists.columns;
  }

  /** Throws `recommendations.no-lists` for a run without them. */
  static async open(run: string, folder: string, artifacts: readonly Artifact[]): Promise<RunLists> {
    const files: Record<string, MatrixFile> = {};
    for (const artifact of artifacts) {
      if (!['top50', 'top50-scores', 'users', 'items', 'item-shares'].includes(artifact.name)) continue;
      const opening = openMatrix(join(folder, artifact.file), artifact);
      // Without vectors or scores a list is still a list.
      const file = artifact.name === 'top50' ? await opening : await opening.catch(() => undefined);
      if (file !== undefined) files[artifact.name] = file;
    }
    if (files['top50'] === undefined)
      throw new ProblemError({
        kind: 'config',
        code: 'recommendations.no-lists',
        message: `Run ${run} has no lists of recommendations`,
        values: { run },
        fix: 'Lists are written when a run finishes or is stopped and kept. Resume it, or choose another run.',
      });
    return new RunLists(run, folder, artifacts, files);
  }

  /** Item vectors, for neighbours. */
  get itemVectors(): MatrixFile | undefined {
    return this.#vectors?.items;
  }

  /** A user's items, best first, without the −1 after the last candidate. */
  async list(user: number): Promise<Int32Array> {
    const items = (await readRows(this.#lists, user, 1)) as Int32Array;
    const end = items.indexOf(-1);
    return end < 0 ? items : items.subarray(0, end);
  }

  /** Scores of a user's list: kept beside it, or dot products of the vectors that gave them. */
  async scores(user: number, items: Int32Array): Promise<{ from: 'stored' | 'computed' | 'none'; values: readonly number[] }> {
    if (this.#scores !== undefined) {
      const values = await readRows(this.#scores, user, 1);
      return { from: 'stored', values: Array.from(values.subarray(0, items.length)) };
    }
    const computed = await this.score(user, items);
    return computed === undefined ? { from: 'none', values: [] } : { from: 'computed', values: computed };
  }

  /** Scores of any items for a user; undefined where the run's scores are no dot products. */
  async score(user: number, items: Int32Array): Promise<number[] | undefined> {
    if (this.#vectors === undefined) return undefined;
    const { users, items: table } = this.#vectors;
    const own = await readRows(users, user, 1);
    const scores: number[] = [];
    for (const item of items) {
      const vector = await readRows(table, item, 1);
      let sum = 0;
      for (let c = 0; c < own.length; c++) sum += own[c]! * vector[c]!;
      scores.push(sum);
    }
    return scores;
  }

  /** What each source of the item vectors adds to the scores of items for a user, [items][sources]; undefined where the run does not tell. */
  async shares(user: number, items: Int32Array): Promise<number[][] | undefined> {
    if (this.#vectors === undefined || this.#shares === undefined) return undefined;
    const own = await readRows(this.#vectors.users, user, 1);
    const width = own.length;
    const shares: number[][] = [];
    for (const item of items) {
      const row = await readRows(this.#shares, item, 1);
      const sums = Array.from({ length: row.length / width }, () => 0);
      row.forEach((value, column) => (sums[Math.floor(column / width)]! += value * own[column % width]!));
      shares.push(sums);
    }
    return shares;
  }

  /** Lists of all users, row-major; read once, for who gets an item. */
  all(): Promise<Int32Array> {
    this.#all ??= readWhole(this.#lists) as Promise<Int32Array>;
    return this.#all;
  }

  perUser(part: Part): Promise<PerUser> {
    let known = this.#perUser.get(part);
    if (known === undefined) this.#perUser.set(part, (known = this.#readPerUser(part)));
    return known;
  }

  async #readPerUser(part: Part): Promise<PerUser> {
    const rowOf = new Int32Array(this.users).fill(-1);
    const artifact = this.#artifacts.find(({ name }) => name === `per-user-${part}`);
    if (artifact === undefined) return { rowOf, users: new Int32Array(0), values: new Float64Array(0), columns: 1 };
    const file = await openMatrix(join(this.#folder, artifact.file), artifact);
    const values = (await readWhole(file)) as Float64Array;
    const users = Int32Array.from({ length: file.rows }, (_, row) => values[row * file.columns]!);
    users.forEach((user, row) => (rowOf[user] = row));
    return { rowOf, users, values, columns: file.columns };
  }
}

/** A user's value of a metric such as "recall@20"; undefined where the user is not evaluated. */
export function valueOf({ rowOf, values, columns }: PerUser, user: number, metric: string): number | undefined {
  const row = rowOf[user] ?? -1;
  const column = metricColumn.get(metric);
  return row < 0 || column === undefined ? undefined : values[row * columns + column];
}
