/** Curves for a generated store: many of a thousand epochs, and one run with a series of a million points and one planted spike. */
import type { Database } from '#store/database.ts';

/** The run with the long series, its length, and where one sample of its loss stands out, among values between 11 and 13. */
export const longRun = 'run-0';
export const longPoints = 1_000_000;
export const spikeAt = 654_321;
const spikeValue = 80;
/** Epochs a row of the store holds of a long series: what brings them in bulk packs them wider than a worker that tells epoch by epoch. */
const longChunk = 50_000;

/** Of run-1 … run-`runs` − 1 curves of `epochs` epochs, of run-0 the long one. */
export function writeCurves(database: Database, runs: number, epochs: number): void {
  writeSeries(database, longRun, longPoints, longChunk, ['loss', 'recall@20'], (key, epoch) => {
    if (key === 'loss') return epoch === spikeAt ? spikeValue : 12 + Math.sin(epoch * 12.9898);
    return 0.05 * (1 - Math.exp(-epoch / (longPoints / 8))) + 0.002 * Math.sin(epoch * 78.233);
  });
  database.update('run', { id: longRun }, { epochs: longPoints, bestEpoch: longPoints - 1000, state: 'finished', problem: undefined });
  for (let run = 1; run < runs; run++) {
    writeSeries(database, `run-${run}`, epochs, epochs, ['loss', 'train-seconds', 'recall@20', 'ndcg@20'], (key, epoch) =>
      key === 'train-seconds'
        ? 0.5
        : key === 'loss'
          ? 40 * Math.exp(-epoch / 200) + 12 + (run % 7)
          : (0.05 + (run % 13) / 400) * (1 - Math.exp(-epoch / 150)) + 0.001 * Math.sin(epoch * (run + 1)),
    );
  }
}

function writeSeries(
  database: Database,
  runId: string,
  length: number,
  chunk: number,
  keys: readonly string[],
  value: (key: string, epoch: number) => number,
): void {
  for (let from = 0; from < length; from += chunk) {
    const count = Math.min(chunk, length - from);
    const epochs = Int32Array.from({ length: count }, (_, at) => from + at + 1);
    const points = new Float64Array(keys.length * count);
    for (const [k, key] of keys.entries()) for (let at = 0; at < count; at++) points[k * count + at] = value(key, from + at + 1);
    database.insert('series_chunk', {
      runId,
      stage: 'train',
      attempt: 1,
      seq: from + 1,
      keys: JSON.stringify(keys),
      lastEpoch: from + count,
      epochs: new Uint8Array(epochs.buffer),
      points: new Uint8Array(points.buffer),
    });
  }
}
