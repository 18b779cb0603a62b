/** Runs that there is work of, with what says how much: lists of thousands are asked again and again while one of them is at work. */
import type { LaneId } from '#contract/lane.ts';
import type { Progress, RunConfig, RunState } from '#contract/run.ts';
import type { Database } from './database.ts';
import { hasProgress } from './run-rows.ts';

export interface OpenRun {
  readonly id: string;
  readonly config: RunConfig;
  /** Hash of its configuration, and of the data it is to be trained on. */
  readonly configuration: string;
  readonly dataHash: string;
  /** The device it is bound to. */
  readonly pin?: LaneId;
  /** Absent while it waits for its turn and while it is prepared. */
  readonly progress?: Progress;
  /** Of all its attempts. */
  readonly elapsedSeconds: number;
  /** As it was planned. */
  readonly estimatedSeconds?: number;
}

/** Those of these ids that are known; without ids all that are at work or wait for their turn unheld, outside the trash. Those at work first, then in the order of the queue. */
export function openRuns(database: Database, ids?: readonly string[]): OpenRun[] {
  const [where, values] =
    ids === undefined
      ? ["state IN ('preparing', 'running', 'queued') AND held = 0 AND trashed_at IS NULL", []]
      : ['id IN (SELECT value FROM json_each(?))', [JSON.stringify(ids)]];
  return database
    .all<{
      id: string;
      state: RunState;
      config: string;
      configuration: string;
      dataHash: string;
      progress: string | null;
      elapsedMs: number;
      estimatedSeconds: number | null;
      pin: LaneId | null;
    }>(
      `SELECT id, state, config, configuration, data_hash, progress, elapsed_ms, estimated_seconds, pin FROM run WHERE ${where} ORDER BY state = 'queued', queue_position, number`,
      values,
    )
    .map(({ id, state, config, configuration, dataHash, progress, elapsedMs, estimatedSeconds, pin }) => ({
      id,
      config: JSON.parse(config) as RunConfig,
      configuration,
      dataHash,
      ...(progress === null || !hasProgress(state) ? {} : { progress: JSON.parse(progress) as Progress }),
      elapsedSeconds: elapsedMs / 1000,
      ...(estimatedSeconds === null ? {} : { estimatedSeconds }),
      ...(pin === null ? {} : { pin }),
    }));
}
