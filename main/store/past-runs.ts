/** What past runs tell a plan: what is known already, what lies in the cache, how long things take, how far seeds spread. */
import { addTo } from '#contract/grouped.ts';
import type { RunState } from '#contract/run.ts';
import type { Database } from './database.ts';
import { threadsOf } from './run-rows.ts';

export interface EqualRun {
  readonly id: string;
  readonly state: RunState;
}

/** A run that may have trained what a stage of another asks for. */
export interface Supplier {
  readonly state: RunState;
  readonly dataHash: string;
  readonly seed: number;
  readonly device: string;
  readonly threads: number;
  /** Of the program that trained it; null before it begins. */
  readonly codeVersion: string | null;
}

export interface PastRun {
  readonly secondsPerEpoch: number;
  /** Training and evaluation alone, as a run at work tells them. */
  readonly measuredSeconds: number;
  readonly epochs: number;
  readonly isWhole: boolean;
  readonly threads: number | null;
}

export interface PastMemory {
  readonly peakMemoryBytes: number;
  readonly batchSize: number;
  readonly width: number;
}

const mayStandIn = "state NOT IN ('failed', 'stopped') AND trashed_at IS NULL AND coalesce(origin, '') <> 'reproduction'";

/** When the caches were last emptied: what had ended by then lies in none. */
export const clearedAt = "coalesce((SELECT CAST(value AS REAL) FROM preference WHERE key = 'caches.clearedAt'), 0)";
/** Whether a stage `o` lies in the cache. */
const isCached = `o.state IN ('done', 'reused') AND NOT EXISTS (SELECT 1 FROM run e WHERE e.id = o.run_id AND e.ended_at <= ${clearedAt})`;

export class PastRuns {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A run with the same data, configuration and seed that is finished, else one that is at work or waits for its turn. A reproduction stands for nothing but itself. */
  equal(dataset: string, dataHash: string, configuration: string, seed: number): EqualRun | undefined {
    return this.#database.get<EqualRun>(
      `SELECT id, state FROM run WHERE dataset = ? AND configuration = ? AND seed = ? AND data_hash = ? AND ${mayStandIn} ORDER BY state <> 'finished', number LIMIT 1`,
      [dataset, configuration, seed, dataHash],
    );
  }

  /** Runs of a configuration on a dataset that have finished and lie in the cache, are at work or wait for their turn, with what decides whether another takes over what they trained. */
  suppliers(dataset: string, configuration: string): Supplier[] {
    return this.#database.all<Supplier>(
      `SELECT state, data_hash, seed, device, json_extract(config, '$.threads') AS threads, json_extract(provenance, '$.codeVersion') AS code_version
       FROM run WHERE dataset = ? AND configuration = ? AND ${mayStandIn} AND (state <> 'finished' OR ended_at > ${clearedAt})`,
      [dataset, configuration],
    );
  }

  /** The caches are empty: what has ended supplies no stage any more, and what goes on later trains its own once more. */
  cachesCleared(at: number): void {
    this.#database.transaction(() => {
      this.#database.insert('preference', { key: 'caches.clearedAt', value: String(at) }, true);
      this.#database.run(
        "UPDATE stage SET state = 'waiting' WHERE key <> '' AND state IN ('done', 'reused') AND run_id IN (SELECT id FROM run WHERE state IN ('queued', 'paused', 'lost'))",
      );
    });
  }

  /**
   * Speed and length of the newest finished runs of a model on a dataset and device, at most 20. Seconds are those of an epoch with all
   * that goes with it (evaluation, checkpoint, waits): the time of the run without its earlier stages, over its epochs. A trial of a few
   * epochs is mostly start-up, so only its measured epochs count. `isWhole`: patience ended it, so its length tells about others.
   * `threads`: those it had; null where no record says.
   */
  history(model: string, dataset: string, device: string): PastRun[] {
    const earlier = "(SELECT coalesce(sum(s.seconds), 0) FROM stage s WHERE s.run_id = run.id AND s.state = 'done' AND s.id <> 'train')";
    const measured = 'seconds_per_epoch + coalesce(evaluation_seconds, 0)';
    return this.#database
      .all<{ secondsPerEpoch: number; measuredSeconds: number; epochs: number; stopReason: string | null; threads: number | null }>(
        `SELECT CASE WHEN epochs < 20 THEN ${measured} ELSE max(${measured}, (elapsed_ms / 1000.0 - ${earlier}) / epochs) END AS seconds_per_epoch, ${measured} AS measured_seconds, epochs, stop_reason, ${threadsOf('run')} AS threads
       FROM run WHERE model = ? AND dataset = ? AND device = ? AND state = 'finished' AND seconds_per_epoch IS NOT NULL AND epochs > 0 ORDER BY number DESC LIMIT 20`,
        [model, dataset, device],
      )
      .map(({ stopReason, ...run }) => ({ ...run, isWhole: stopReason === 'early-stopping' }));
  }

  /** Peaks of the newest runs of a model on a dataset and device that told theirs, at most 20, with what they depend on. */
  memory(model: string, dataset: string, device: string): PastMemory[] {
    return this.#database.all<PastMemory>(
      `SELECT peak_memory_bytes, json_extract(config, '$.budget.batchSize') AS batch_size, json_extract(config, '$.budget.width') AS width
       FROM run WHERE model = ? AND dataset = ? AND device = ? AND peak_memory_bytes > 0 AND state IN ('finished', 'stopped') ORDER BY number DESC LIMIT 20`,
      [model, dataset, device],
    );
  }

  /** What the files of the newest finished runs of a model on a dataset take, at most 20, with vectors of this width. */
  bytes(model: string, dataset: string, width: number): number[] {
    return this.#database
      .all<{ bytes: number | null }>(
        `SELECT (SELECT sum(a.bytes) FROM artifact a WHERE a.run_id = run.id) AS bytes FROM run
         WHERE model = ? AND dataset = ? AND state = 'finished' AND json_extract(config, '$.budget.width') = ? ORDER BY number DESC LIMIT 20`,
        [model, dataset, width],
      )
      .flatMap(({ bytes }) => bytes ?? []);
  }

  /** True where a stage with this key was trained already, so that its result lies in the cache. */
  hasStage(key: string): boolean {
    return this.#database.get(`SELECT 1 AS found FROM stage o WHERE o.key = ? AND ${isCached} LIMIT 1`, [key]) !== undefined;
  }

  /** True where a run at work or waiting asks for a stage with this key, so that it is trained before whatever is started now. */
  awaitsStage(key: string): boolean {
    return (
      this.#database.get(
        `SELECT 1 AS found FROM stage s JOIN run ON run.id = s.run_id WHERE s.key = ? AND run.state <> 'finished' AND run.${mayStandIn} LIMIT 1`,
        [key],
      ) !== undefined
    );
  }

  /** By run, the earlier stages that no equal stage supplies yet. Asked for a whole queue several times a second, so all are looked up at once. */
  missingStages(runIds: readonly string[]): Map<string, { readonly id: string; readonly model: string; readonly key: string }[]> {
    const rows = this.#database.all<{ runId: string; id: string; model: string; key: string }>(
      `SELECT s.run_id, s.id, s.model, s.key FROM json_each(?) a JOIN stage s ON s.run_id = a.value
       WHERE s.key <> '' AND NOT EXISTS (SELECT 1 FROM stage o WHERE o.key = s.key AND ${isCached})
       ORDER BY s.run_id, s.position`,
      [JSON.stringify(runIds)],
    );
    const found = new Map<string, { id: string; model: string; key: string }[]>();
    for (const { runId, ...stage } of rows) addTo(found, runId, stage);
    return found;
  }

  /** Sample variances of validation Recall@20 over seeds on a dataset, one per configuration with two or more finished runs. */
  seedVariances(dataset: string): { readonly variance: number; readonly n: number }[] {
    return this.#database.all<{ variance: number; n: number }>(
      "SELECT (sum(m.value * m.value) - sum(m.value) * sum(m.value) / count(*)) / (count(*) - 1) AS variance, count(*) AS n FROM run r JOIN metric m ON m.run = r.number AND m.part = 'validation' AND m.key = 'recall@20' WHERE r.dataset = ? AND r.state = 'finished' AND r.trashed_at IS NULL AND coalesce(r.origin, '') <> 'reproduction' GROUP BY r.configuration HAVING count(*) > 1",
      [dataset],
    );
  }
}
