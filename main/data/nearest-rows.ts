import { open } from 'node:fs/promises';

/** Float32 rows in a file, row-major from byte `start`. */
export interface RowFile {
  readonly path: string;
  readonly start: number;
  readonly rows: number;
  readonly width: number;
}

export interface NearRow {
  readonly row: number;
  readonly cosine: number;
}

/** Bytes read at once: what is held, and the longest stretch without a look at other work. */
const chunkBytes = 4 << 20;

/**
 * The k rows of largest cosine to one row, itself excluded, ties to the lower number; rows that are all zero, and those that `skip`
 * names, are left out. Sums in double. The file is read once in pieces and never held, so a gigabyte of features takes a second and
 * a few megabytes. Throws what the file system throws; RangeError where the file ends early.
 */
export async function nearestRows(file: RowFile, row: number, k: number, skip: (row: number) => boolean): Promise<NearRow[]> {
  const { path, start, rows, width } = file;
  const rowBytes = 4 * width;
  const perChunk = Math.max(1, Math.floor(chunkBytes / rowBytes));
  const handle = await open(path, 'r');
  const read = async (from: number, count: number): Promise<Float32Array> => {
    const bytes = new Uint8Array(count * rowBytes);
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + from * rowBytes + at);
      if (bytesRead === 0) throw new RangeError(`${path} ends before row ${from + count}`);
      at += bytesRead;
    }
    return new Float32Array(bytes.buffer);
  };
  try {
    const own = await read(row, 1);
    const ownNorm = Math.sqrt(dot(own, 0, own, 0, width));
    const best: NearRow[] = [];
    if (ownNorm === 0) return best;
    for (let from = 0; from < rows; from += perChunk) {
      const count = Math.min(perChunk, rows - from);
      const values = await read(from, count);
      for (let r = 0; r < count; r++) {
        if (from + r === row || skip(from + r)) continue;
        const at = r * width;
        const norm = Math.sqrt(dot(values, at, values, at, width));
        if (norm === 0) continue;
        const cosine = dot(own, 0, values, at, width) / (ownNorm * norm);
        if (best.length === k && cosine <= best[k - 1]!.cosine) continue;
        let place = best.length;
        while (place > 0 && best[place - 1]!.cosine < cosine) place--;
        best.splice(place, 0, { row: from + r, cosine });
        if (best.length > k) best.pop();
      }
    }
    return best;
  } finally {
    await handle.close();
  }
}

function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, width: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += a[fromA + c]! * b[fromB + c]!;
  return sum;
}
