/**
 * Series of a run: all metrics of a stage over its epochs, in chunks of up to {@link chunkEpochs} epochs a row. An attempt writes its
 * own chunks; where a later attempt repeats an epoch, its values are the ones read.
 */
import { addTo } from '#contract/grouped.ts';
import type { Series } from '#contract/run.ts';
import type { Database } from './database.ts';

export const chunkEpochs = 256;

/** One finished epoch: values by series key. */
export interface SeriesPoint {
  readonly seq: number;
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
}

interface ChunkRow {
  seq: number;
  keys: string;
  epochs: Uint8Array;
  points: Uint8Array;
}

interface Chunk {
  readonly seq: number;
  readonly keys: readonly string[];
  readonly epochs: Int32Array;
  /** Series by series: value of key k at epoch index e is points[k * epochs.length + e]. */
  readonly points: Float64Array;
}

/** Blobs may lie unaligned in a shared buffer: copy. */
const copied = (bytes: Uint8Array): ArrayBuffer => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
const bytesOf = (array: Int32Array | Float64Array): Uint8Array => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

function decode(row: ChunkRow): Chunk {
  return {
    seq: row.seq,
    keys: JSON.parse(row.keys) as string[],
    epochs: new Int32Array(copied(row.epochs)),
    points: new Float64Array(copied(row.points)),
  };
}

export class SeriesTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Appends epochs of one stage and attempt, in order. Call inside the transaction that stores their events. */
  append(runId: string, stage: string, attempt: number, points: readonly SeriesPoint[]): void {
    let rest = points;
    while (rest.length > 0) {
      const tail = this.#database.get<ChunkRow>(
        'SELECT seq, keys, epochs, points FROM series_chunk WHERE run_id = ? AND stage = ? AND attempt = ? ORDER BY seq DESC LIMIT 1',
        [runId, stage, attempt],
      );
      const open = tail === undefined ? undefined : decode(tail);
      const joins = open !== undefined && open.epochs.length < chunkEpochs;
      const taken = rest.slice(0, joins ? chunkEpochs - open.epochs.length : chunkEpochs);
      rest = rest.slice(taken.length);
      this.#write(runId, stage, attempt, extend(joins ? open : undefined, taken));
    }
  }

  #write(runId: string, stage: string, attempt: number, chunk: Chunk): void {
    const record = {
      runId,
      stage,
      attempt,
      seq: chunk.seq,
      keys: JSON.stringify(chunk.keys),
      lastEpoch: chunk.epochs[chunk.epochs.length - 1]!,
      epochs: bytesOf(chunk.epochs),
      points: bytesOf(chunk.points),
    };
    this.#database.insert('series_chunk', record, true);
  }

  /** Last recorded epoch of a stage over the attempts before `attempt`; 0 where there is none. */
  lastEpochBefore(runId: string, stage: string, attempt: number): number {
    const row = this.#database.get<{ last: number | null }>(
      'SELECT max(last_epoch) AS last FROM series_chunk WHERE run_id = ? AND stage = ? AND attempt < ?',
      [runId, stage, attempt],
    );
    return row?.last ?? 0;
  }

  /** Every series of a run (or those with the given keys), epochs rising, one value per epoch. */
  of(runId: string, keys: readonly string[] = [], admits: (key: string) => boolean = () => true): Series[] {
    const rows = this.#database.all<ChunkRow & { stage: string; attempt: number }>(
      'SELECT stage, attempt, seq, keys, epochs, points FROM series_chunk WHERE run_id = ? ORDER BY stage, attempt, seq',
      [runId],
    );
    const stages = new Map<string, Map<string, Piece[]>>();
    for (const row of rows) {
      const chunk = decode(row);
      let series = stages.get(row.stage);
      if (series === undefined) stages.set(row.stage, (series = new Map()));
      for (const [k, key] of chunk.keys.entries()) {
        if ((keys.length > 0 && !keys.includes(key)) || !admits(key)) continue;
        const count = chunk.epochs.length;
        const piece = { epochs: chunk.epochs, values: chunk.points.subarray(k * count, (k + 1) * count) };
        addTo(series, key, piece);
      }
    }
    return [...stages].flatMap(([stage, series]) => [...series].map(([key, pieces]) => joined(stage, key, pieces)));
  }

  /** Values of some series over all recorded epochs of a stage, in the order of the keys. */
  values(runId: string, stage: string, keys: readonly string[]): Float64Array[] {
    const found = new Map(this.of(runId, keys).flatMap((series) => (series.stage === stage ? [[series.key, series.values] as const] : [])));
    return keys.map((key) => found.get(key) ?? new Float64Array(0));
  }
}

/** Epochs of one chunk with the values of one series, NaN where it has none. */
interface Piece {
  readonly epochs: Int32Array;
  readonly values: Float64Array;
}

/** Pieces in the order they were written. Where epochs rise throughout, as in one attempt, a million of them are copied, not looked up. */
function joined(stage: string, key: string, pieces: readonly Piece[]): Series {
  const total = pieces.reduce((sum, piece) => sum + piece.epochs.length, 0);
  const epochs = new Int32Array(total);
  const values = new Float64Array(total);
  let count = 0;
  let last = -Infinity;
  for (const piece of pieces) {
    for (let at = 0; at < piece.epochs.length; at++) {
      const epoch = piece.epochs[at]!;
      const value = piece.values[at]!;
      if (Number.isNaN(value)) continue;
      if (epoch <= last) return overwritten(stage, key, pieces);
      epochs[count] = last = epoch;
      values[count++] = value;
    }
  }
  return count === total ? { key, stage, epochs, values } : { key, stage, epochs: epochs.slice(0, count), values: values.slice(0, count) };
}

/** What a later attempt says of an epoch counts. */
function overwritten(stage: string, key: string, pieces: readonly Piece[]): Series {
  const points = new Map<number, number>();
  for (const { epochs, values } of pieces)
    for (let at = 0; at < epochs.length; at++) if (!Number.isNaN(values[at]!)) points.set(epochs[at]!, values[at]!);
  return seriesOf(stage, key, points);
}

function seriesOf(stage: string, key: string, points: ReadonlyMap<number, number>): Series {
  const epochs = Int32Array.from(points.keys()).sort();
  return { key, stage, epochs, values: Float64Array.from(epochs, (epoch) => points.get(epoch)!) };
}

function extend(open: Chunk | undefined, points: readonly SeriesPoint[]): Chunk {
  const keys = [...(open?.keys ?? [])];
  for (const point of points) for (const key of Object.keys(point.values)) if (!keys.includes(key)) keys.push(key);
  const before = open?.epochs.length ?? 0;
  const count = before + points.length;
  const epochs = new Int32Array(count);
  const values = new Float64Array(keys.length * count).fill(Number.NaN);
  if (open !== undefined) {
    epochs.set(open.epochs);
    for (let k = 0; k < open.keys.length; k++) values.set(open.points.subarray(k * before, (k + 1) * before), k * count);
  }
  for (const [index, point] of points.entries()) {
    epochs[before + index] = point.epoch;
    for (const [key, value] of Object.entries(point.values)) values[keys.indexOf(key) * count + before + index] = value;
  }
  return { seq: open?.seq ?? points[0]!.seq, keys, epochs, points: values };
}

/** Series of a few new points, for live views. */
export function seriesOfPoints(stage: string, points: readonly SeriesPoint[]): Series[] {
  const series = new Map<string, Map<number, number>>();
  for (const point of points) {
    for (const [key, value] of Object.entries(point.values)) {
      let found = series.get(key);
      if (found === undefined) series.set(key, (found = new Map()));
      found.set(point.epoch, value);
    }
  }
  return [...series].map(([key, found]) => seriesOf(stage, key, found));
}
