/** The last, lowest and highest value of each validation series of a run's training, beside the reading at its best epoch (`metric`). */
import type { Database } from './database.ts';

interface Point {
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
}

interface Extremes {
  lastEpoch: number;
  last: number;
  low: number;
  high: number;
}

/** Metrics have a cut-off in their name; those over the test part are read once, at the selected epoch. */
const isValidation = (key: string) => key.includes('@') && !key.startsWith('test/');

/** Adds epochs of the training stage. Epochs repeated by a later attempt bring the same values, so nothing is taken back. */
export function putReadings(database: Database, run: number, points: readonly Point[]): void {
  for (const [key, { lastEpoch, last, low, high }] of extremesOf(points))
    database.run(
      `INSERT INTO reading (run, key, last_epoch, last, low, high) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (run, key) DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high),
         last = CASE WHEN excluded.last_epoch >= last_epoch THEN excluded.last ELSE last END,
         last_epoch = max(last_epoch, excluded.last_epoch)`,
      [run, key, lastEpoch, last, low, high],
    );
}

function extremesOf(points: readonly Point[]): Map<string, Extremes> {
  const found = new Map<string, Extremes>();
  for (const { epoch, values } of points) {
    for (const [key, value] of Object.entries(values)) {
      if (!isValidation(key) || !Number.isFinite(value)) continue;
      const known = found.get(key);
      if (known === undefined) found.set(key, { lastEpoch: epoch, last: value, low: value, high: value });
      else {
        known.low = Math.min(known.low, value);
        known.high = Math.max(known.high, value);
        if (epoch >= known.lastEpoch) Object.assign(known, { lastEpoch: epoch, last: value });
      }
    }
  }
  return found;
}

/** Readings of the runs of a store that was written before they were kept. Later attempts come later and so have the last word. */
export function readStoredSeries(database: Database): void {
  const runs = database.all<{ number: number; id: string; stage: string }>(
    'SELECT r.number, r.id, s.id AS stage FROM run r JOIN stage s ON s.run_id = r.id WHERE s.position = (SELECT max(position) FROM stage WHERE run_id = r.id)',
  );
  for (const { number, id, stage } of runs) {
    const chunks = database.all<{ keys: string; epochs: Uint8Array; points: Uint8Array }>(
      'SELECT keys, epochs, points FROM series_chunk WHERE run_id = ? AND stage = ? ORDER BY attempt, seq',
      [id, stage],
    );
    for (const chunk of chunks) putReadings(database, number, pointsOf(chunk));
  }
}

function pointsOf(chunk: { keys: string; epochs: Uint8Array; points: Uint8Array }): Point[] {
  const keys = JSON.parse(chunk.keys) as string[];
  const epochs = new Int32Array(copied(chunk.epochs));
  const values = new Float64Array(copied(chunk.points));
  return Array.from(epochs, (epoch, at) => ({
    epoch,
    values: Object.fromEntries(keys.map((key, k) => [key, values[k * epochs.length + at]!])),
  }));
}

const copied = (bytes: Uint8Array): ArrayBuffer => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
