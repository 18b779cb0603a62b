/** What past runs tell a plan: what is known already, what lies in the cache, how long things take, how far seeds spread. */
import type { RunState } from '#contract/run.ts';
import type { Database } from './database.ts';
import { threadsOf } from './run-rows.ts';

export interface EqualRun {
  readonly id: string;
  readonly state: RunState;
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

export class PastRuns {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A run with the same data, configuration and seed that is finished, else one that is at work or waits for its turn. A reproduction stands for nothing but itself. */
  equal(dataset: string, dataHash: string, configuration: string, seed: number): EqualRun | undefined {
    return this.#database.get<EqualRun>(
      "SELECT id, state FROM run WHERE dataset = ? AND configuration = ? AND seed = ? AND data_hash = ? AND state NOT IN ('failed', 'stopped') AND trashed_at IS NULL AND coalesce(origin, '') <> 'reproduction' ORDER BY state <> 'finished', number LIMIT 1",
      [dataset, configuration, seed, dataHash],
    );
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

  /** True where a stage with this key was trained already, so that its result lies in the cache. */
  hasStage(key: string): boolean {
    return this.#database.get("SELECT 1 AS found FROM stage WHERE key = ? AND state IN ('done', 'reused') LIMIT 1", [key]) !== undefined;
  }

  /** Models of a run's earlier stages that nothing finished supplies yet: no equal stage, and no run of that model with the run's seed. */
  missingStages(runId: string): { readonly model: string; readonly key: string }[] {
    return this.#database.all<{ model: string; key: string }>(
      `SELECT s.model, s.key FROM stage s JOIN run r ON r.id = s.run_id WHERE r.id = ? AND s.key <> ''
         AND NOT EXISTS (SELECT 1 FROM stage o WHERE o.key = s.key AND o.state IN ('done', 'reused'))
         AND NOT EXISTS (SELECT 1 FROM run o WHERE o.dataset = r.dataset AND o.seed = r.seed AND o.model = s.model AND o.state = 'finished')
         ORDER BY s.position`,
      [runId],
    );
  }

  /** Sample variances of validation Recall@20 over seeds on a dataset, one per configuration with two or more finished runs. */
  seedVariances(dataset: string): { readonly variance: number; readonly n: number }[] {
    return this.#database.all<{ variance: number; n: number }>(
      "SELECT (sum(m.value * m.value) - sum(m.value) * sum(m.value) / count(*)) / (count(*) - 1) AS variance, count(*) AS n FROM run r JOIN metric m ON m.run = r.number AND m.part = 'validation' AND m.key = 'recall@20' WHERE r.dataset = ? AND r.state = 'finished' AND r.trashed_at IS NULL AND coalesce(r.origin, '') <> 'reproduction' GROUP BY r.configuration HAVING count(*) > 1",
      [dataset],
    );
  }
}
