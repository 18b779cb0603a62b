/** Where the work time of a run went, from its curves of seconds. Pure. */
import { stagesOf, type SeriesMap } from './live-series.ts';

export interface TimeShare {
  readonly what: 'earlier' | 'train' | 'evaluate' | 'rest';
  readonly label: string;
  readonly seconds: number;
  /** Of all work time, 0 … 1. */
  readonly share: number;
}

/**
 * Stages before training, training, evaluation, and the rest of the elapsed time: starting the process, reading data, building graphs,
 * checkpoints, the test, final files.
 * A stage that was reused took its time in an earlier run.
 */
export function timeShares(series: SeriesMap, elapsedSeconds: number, reused: readonly string[]): readonly TimeShare[] {
  const sum = (stage: string, key: string) => [...(series.get(`${stage}/${key}`)?.values ?? [])].reduce((total, value) => total + value, 0);
  const train = sum('train', 'train-seconds');
  const evaluate = sum('train', 'evaluation-seconds');
  if (train + evaluate === 0) return [];
  const earlier = stagesOf(series)
    .filter((stage) => stage !== 'train' && !reused.includes(stage))
    .reduce((total, stage) => total + sum(stage, 'train-seconds') + sum(stage, 'evaluation-seconds'), 0);
  const spent = earlier + train + evaluate;
  const total = Math.max(elapsedSeconds, spent);
  const rows: Omit<TimeShare, 'share'>[] = [
    { what: 'earlier', label: 'Stages before training', seconds: earlier },
    { what: 'train', label: 'Training steps', seconds: train },
    { what: 'evaluate', label: 'Validation after each epoch', seconds: evaluate },
    { what: 'rest', label: 'Start, data, graphs, checkpoints, test and final files', seconds: total - spent },
  ];
  return rows.filter(({ seconds }) => seconds > 0).map((row) => ({ ...row, share: row.seconds / total }));
}
