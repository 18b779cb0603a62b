/** Matrices that a run left as `.npy`, read by position: what a screen shows of a user is one row, not the file. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { ProblemError } from '#contract/problem.ts';
import type { Artifact } from '#contract/run.ts';

export interface MatrixFile {
  readonly path: string;
  readonly artifact: Artifact;
  readonly rows: number;
  readonly columns: number;
  /** Bytes before the first value. */
  readonly start: number;
  readonly type: '<f4' | '<f8' | '<i4';
}

type Values = Float32Array | Float64Array | Int32Array;

/** Our own writer's headers are shorter. */
const longestHeader = 256;
const valueBytes = { '<f4': 4, '<f8': 8, '<i4': 4 } as const;

/** Reads the header alone. Throws `artifact.damaged` where the file is gone, has another size than was recorded, or is no matrix of ours. */
export async function openMatrix(path: string, artifact: Artifact): Promise<MatrixFile> {
  const { bytes, size } = await readAt(path, 0, longestHeader, true);
  const start = 10 + (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0);
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, start));
  const type = /'descr': '(<f4|<f8|<i4)'/.exec(header)?.[1] as MatrixFile['type'] | undefined;
  const [rows, columns] = (/'shape': \((\d+), (\d+)\)/.exec(header) ?? []).slice(1).map(Number);
  if (type === undefined || rows === undefined || columns === undefined || size !== start + rows * columns * valueBytes[type])
    throw damaged(path);
  if (size !== artifact.bytes) throw damaged(path);
  return { path, artifact, rows, columns, start, type };
}

/** Rows [from, from + count), row-major, from one read of the file. */
export async function readRows(file: MatrixFile, from: number, count: number): Promise<Values> {
  const width = valueBytes[file.type] * file.columns;
  const { bytes } = await readAt(file.path, file.start + from * width, count * width, false);
  return valuesOf(file, bytes.buffer);
}

/** Every value, once its SHA-256 is what the run recorded. */
export async function readWhole(file: MatrixFile): Promise<Values> {
  const bytes = await readFile(file.path).catch((error: unknown) => {
    throw damaged(file.path, error);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== file.artifact.sha256) throw damaged(file.path);
  return valuesOf(file, Uint8Array.from(bytes.subarray(file.start)).buffer);
}

function valuesOf({ type }: MatrixFile, bytes: ArrayBuffer): Values {
  if (type === '<i4') return new Int32Array(bytes);
  return type === '<f4' ? new Float32Array(bytes) : new Float64Array(bytes);
}

/** The handle is not kept: an open file could not be deleted on every system. */
async function readAt(path: string, from: number, length: number, mayBeShorter: boolean) {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw damaged(path, error);
  });
  try {
    const bytes = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const { bytesRead } = await handle.read(bytes, at, length - at, from + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    if (at < length && !mayBeShorter) throw damaged(path);
    return { bytes, size: (await handle.stat()).size };
  } finally {
    await handle.close();
  }
}

function damaged(path: string, error?: unknown): ProblemError {
  const isGone = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  return new ProblemError({
    kind: 'disk',
    code: 'artifact.damaged',
    message: isGone ? 'A file of the run is gone' : 'A file of the run is not what the run wrote',
    where: path,
    fix: 'Run it again with the same settings and seed (Clone): the result is the same.',
  });
}
