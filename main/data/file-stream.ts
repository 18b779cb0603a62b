import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ProblemError } from '#contract/problem.ts';

/** Bytes per read: large enough that the reads cost nothing, small enough that cancelling is prompt. */
const chunkBytes = 4 * 1024 * 1024;

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the share of the file read so far. */
  readonly onFraction?: ((fraction: number) => void) | undefined;
}

/** What was read, for the record. */
export interface FileRecord {
  readonly name: string;
  readonly bytes: number;
  readonly hash: string;
}

/** Throws the problem "cancelled" once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new ProblemError({ kind: 'cancelled', code: 'import.cancelled', message: 'The import was cancelled; nothing was kept.' });
}

/** A failed file operation as a problem that names the file. */
export function diskError(error: unknown, path: string): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const words: Record<string, string> = {
    ENOENT: 'does not exist',
    EACCES: 'may not be read or written',
    EPERM: 'may not be read or written',
    EISDIR: 'is a folder, not a file',
    ENOTDIR: 'is not a folder',
    ENOSPC: 'cannot be written: the disk is full',
  };
  return new ProblemError({
    kind: code === 'ENOSPC' ? 'disk' : 'data',
    code: code === 'ENOSPC' ? 'disk.full' : `file.${code.toLowerCase()}`,
    message: `${basename(path)} ${words[code] ?? `could not be read (${code})`}.`,
    where: path,
    fix: code === 'ENOSPC' ? 'Free some space and try again; nothing was kept.' : 'Check the path and its permissions.',
    detail: error instanceof Error ? error.message : String(error),
  });
}

/**
 * Reads a file in order, hands every chunk to `take` (valid during the call only) and returns name, size and SHA-256 of all
 * bytes. `from` skips a header for `take`; the hash always covers the whole file.
 */
export async function readThrough(
  path: string,
  take: (chunk: Uint8Array, position: number) => void | Promise<void>,
  options: ReadOptions = {},
): Promise<FileRecord> {
  const hash = createHash('sha256');
  let file;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    const buffer = new Uint8Array(Math.min(chunkBytes, Math.max(size, 1)));
    let position = 0;
    for (;;) {
      throwIfCancelled(options.signal);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await take(chunk, position);
      position += bytesRead;
      options.onFraction?.(size === 0 ? 1 : position / size);
    }
    return { name: basename(path), bytes: position, hash: hash.digest('hex') };
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await file?.close();
  }
}

/** The whole file, refused above `limit` bytes. */
export async function readWhole(
  path: string,
  limit: number,
  options: ReadOptions = {},
): Promise<{ bytes: Uint8Array; record: FileRecord }> {
  const parts: Uint8Array[] = [];
  let total = 0;
  const record = await readThrough(
    path,
    (chunk) => {
      total += chunk.length;
      if (total > limit) {
        throw new ProblemError({
          kind: 'data',
          code: 'file.too-large',
          message: `The file is larger than the ${Math.round(limit / 1048576)} MiB read for this kind of file.`,
          where: basename(path),
          fix: 'Remove it from the folder or split it.',
        });
      }
      parts.push(chunk.slice());
    },
    options,
  );
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, record };
}
