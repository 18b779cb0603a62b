/** Cells of experiments with what a tile of the matrix shows of each run, and nothing else: lists draw those of many experiments. */
import type { Progress, RunState } from '#contract/run.ts';
import { verdictWords } from '#contract/search.ts';
import type { Database } from './database.ts';
import type { MatrixRow } from './experiments.ts';
import type { RunTable } from './runs.ts';

export interface Tile {
  /** Of the run; `experimentId` is its own experiment, which a known cell reuses it from. */
  readonly id: string;
  readonly experimentId: string;
  readonly dataset: string;
  readonly datasetName: string;
  readonly configuration: string;
  readonly model: string;
  readonly seed: number;
  /** The run belongs to an earlier experiment and is reused. */
  readonly known: boolean;
  readonly state: RunState;
  readonly elapsedSeconds: number;
  readonly masked: boolean;
  readonly progress?: Progress;
  /** Why it failed. */
  readonly reason?: string;
  /** Ended by successive halving. */
  readonly halted?: boolean;
  /** It gives no result, whatever it was. */
  readonly trashed?: boolean;
}

type Flags = 'known' | 'elapsedSeconds' | 'masked' | 'progress' | 'reason' | 'halted' | 'trashed';
type StoredTile = Omit<Tile, Flags> & {
  readonly shownIn: string;
  readonly known: number;
  readonly elapsedMs: number;
  readonly masked: number;
};

export class TileTable {
  readonly #database: Database;
  readonly #runs: RunTable;

  constructor(database: Database, runs: RunTable) {
    this.#database = database;
    this.#runs = runs;
  }

  /** Tiles by experiment, in the order of its matrix: by dataset, configuration in grid order, seed. */
  of(experimentIds: readonly string[]): ReadonlyMap<string, readonly Tile[]> {
    // A finished run has test values; only of the others that must be looked up.
    const rows = this.#database.plain<StoredTile>(
      `SELECT c.experiment_id AS shownIn, r.id, r.experiment_id AS experimentId, c.dataset, r.dataset_name AS datasetName, c.configuration,
         c.model, c.seed, c.known, r.state, r.elapsed_ms AS elapsedMs, r.test_shown = 0
         AND (r.state = 'finished' OR EXISTS (SELECT 1 FROM metric m WHERE m.run = r.number AND m.part = 'test')) AS masked
       FROM experiment_cell c JOIN run r INDEXED BY run_tile ON r.id = c.run_id
       WHERE c.experiment_id IN (SELECT value FROM json_each(?)) ORDER BY c.experiment_id, c.position`,
      [JSON.stringify(experimentIds)],
    );
    // Few, and not in the index that the tiles of thousands of runs are read from.
    const trashed = new Set(
      this.#database.plain<{ id: string }>('SELECT id FROM run INDEXED BY run_list WHERE trashed_at IS NOT NULL').map(({ id }) => id),
    );
    const names = new Map(
      this.#database.all<{ id: string; name: string }>('SELECT id, name FROM dataset').map(({ id, name }) => [id, name]),
    );
    // One that waits has as little to say as one that is finished, and thousands may wait.
    const more = rows.filter(({ state }) => state !== 'finished' && state !== 'queued').map(({ id }) => id);
    const open = new Map(this.#runs.summaries(more).map((row) => [row.id, row]));
    const found = new Map<string, Tile[]>(experimentIds.map((id) => [id, []]));
    for (const row of rows) {
      const { progress, problem, verdict } = open.get(row.id) ?? {};
      // What lies in the trash gives no result, whatever it was.
      const isGone = trashed.has(row.id);
      found.get(row.shownIn)!.push({
        id: row.id,
        experimentId: row.experimentId,
        dataset: row.dataset,
        datasetName: names.get(row.dataset) ?? row.datasetName,
        configuration: row.configuration,
        model: row.model,
        seed: row.seed,
        known: row.known === 1,
        state: isGone ? 'stopped' : row.state,
        elapsedSeconds: row.elapsedMs / 1000,
        masked: row.masked === 1,
        ...(progress === undefined ? {} : { progress }),
        ...(isGone ? { trashed: true } : {}),
        ...(problem === undefined || isGone ? {} : { reason: problem.message }),
        ...(verdict === undefined || isGone ? {} : { reason: verdictWords(verdict), halted: true }),
      });
    }
    return found;
  }

  /** Configurations by experiment, in grid order. */
  rows(experimentIds: readonly string[]): ReadonlyMap<string, readonly MatrixRow[]> {
    const found = new Map<string, MatrixRow[]>(experimentIds.map((id) => [id, []]));
    const stored = this.#database.all<Omit<MatrixRow, 'inferred'> & { readonly experimentId: string; readonly inferred: number }>(
      `SELECT experiment_id, configuration, model, title, differences, inferred FROM experiment_row
       WHERE experiment_id IN (SELECT value FROM json_each(?)) ORDER BY experiment_id, position`,
      [JSON.stringify(experimentIds)],
    );
    for (const { experimentId, inferred, ...row } of stored) found.get(experimentId)!.push({ ...row, inferred: inferred === 1 });
    return found;
  }
}
