/** What past runs tell a plan: what is known already, what lies in the cache, how long things take, how far seeds spread. */
import { addTo } from '#contract/grouped.ts';
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

  /** A run with the same data, configuration and seed that is finished, else one that is at work or waits for its turn. A reproduction stands for nothing but itself. `device`: one that computed there alone, as what is taken over must have. */
  equal(dataset: string, dataHash: string, configuration: string, seed: number, device?: string): EqualRun | undefined {
    return this.#database.get<EqualRun>(
      `SELECT id, state FROM run WHERE dataset = ? AND configuration = ? AND seed = ? AND data_hash = ? ${device === undefined ? '' : 'AND device = ? '}AND state NOT IN ('failed', 'stopped') AND trashed_at IS NULL AND coalesce(origin, '') <> 'reproduction' ORDER BY state <> 'finished', number LIMIT 1`,
      [dataset, configuration, seed, dataHash, ...(device === undefined ? [] : [device])],
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

  /**
   * By run, the earlier stages that nothing finished supplies yet: no equal stage, and no run of that model with the run's seed. Asked for
   * a whole queue several times a second, so what supplies stages is looked up once for all of them.
   */
  missingStages(runIds: readonly string[]): Map<string, { readonly model: string; readonly key: string }[]> {
    const place = (run: string) => `${run}.model || char(10) || ${run}.dataset || char(10) || ${run}.seed`;
    const rows = this.#database.all<{ runId: string; model: string; key: string }>(
      `WITH asked AS MATERIALIZED (
           SELECT s.run_id, s.position, s.model, s.key, r.dataset, r.seed FROM json_each(?) a JOIN run r ON r.id = a.value
           JOIN stage s ON s.run_id = r.id WHERE s.key <> ''),
         finished AS MATERIALIZED (SELECT DISTINCT ${place('r')} AS place FROM run r WHERE r.state = 'finished' AND r.model IN (SELECT model FROM asked))
       SELECT a.run_id, a.model, a.key FROM asked a
       WHERE NOT EXISTS (SELECT 1 FROM stage o WHERE o.key = a.key AND o.state IN ('done', 'reused'))
         AND ${place('a')} NOT IN (SELECT place FROM finished)
       ORDER BY a.run_id, a.position`,
      [JSON.stringify(runIds)],
    );
    const found = new Map<string, { model: string; key: string }[]>();
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
