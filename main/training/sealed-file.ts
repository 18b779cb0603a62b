import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Files that are whole or not there: a JSON head and named float arrays, sealed by a SHA-256 over everything before it.
 * Written beside the target, flushed to the disk and renamed, so a kill at any moment leaves the old file or the new one; a
 * disk that tears one all the same is noticed when the seal does not fit.
 *
 * Layout: "AVOCET1\n", u32 length of the head, the head as UTF-8 JSON { head, arrays: [{ name, length }] }, padding to 8 bytes,
 * the arrays as little-endian float32, 32 bytes SHA-256.
 */
export interface Sealed {
  readonly head: unknown;
  readonly arrays: ReadonlyMap<string, Float32Array>;
}

const magic = Buffer.from('AVOCET1\n', 'latin1');
const sealBytes = 32;

/** Replaces `file` as a whole; returns its size in bytes. Errors of the file system pass through (ENOSPC …). */
export async function writeSealed(file: string, content: Sealed): Promise<number> {
  const arrays = [...content.arrays].map(([name, values]) => ({ name, length: values.length }));
  const json = Buffer.from(JSON.stringify({ head: content.head, arrays }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const padding = Buffer.alloc((8 - ((magic.length + 4 + json.length) % 8)) % 8);
  return await replaceFile(file, async (handle) => {
    const hash = createHash('sha256');
    let bytes = 0;
    const put = async (chunk: Uint8Array): Promise<void> => {
      hash.update(chunk);
      await writeFully(handle, chunk);
      bytes += chunk.length;
    };
    for (const chunk of [magic, length, json, padding]) await put(chunk);
    for (const values of content.arrays.values()) await put(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    await writeFully(handle, hash.digest());
    return bytes + sealBytes;
  });
}

/** The content of a sealed file, or undefined where there is none or its seal does not fit. */
export async function readSealed(file: string): Promise<Sealed | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (bytes.length < magic.length + 4 + sealBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const body = bytes.subarray(0, bytes.length - sealBytes);
  if (
    !createHash('sha256')
      .update(body)
      .digest()
      .equals(bytes.subarray(bytes.length - sealBytes))
  )
    return undefined;
  const headEnd = magic.length + 4 + body.readUInt32LE(magic.length);
  const { head, arrays } = JSON.parse(body.toString('utf8', magic.length + 4, headEnd)) as {
    head: unknown;
    arrays: { name: string; length: number }[];
  };
  const values = new Map<string, Float32Array>();
  let offset = headEnd + ((8 - (headEnd % 8)) % 8);
  for (const { name, length } of arrays) {
    const own = new Uint8Array(4 * length);
    own.set(body.subarray(offset, offset + own.length));
    values.set(name, new Float32Array(own.buffer));
    offset += own.length;
  }
  return { head, arrays: values };
}

/** Writes a file through `write` under a passing name, flushes it, renames it and flushes the folder. Returns what `write` returned. */
export async function replaceFile<T>(file: string, write: (handle: FileHandle) => Promise<T>): Promise<T> {
  // Two processes may write the same file (a worker that outlives its owner for a moment): each under a name of its own.
  const passing = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(passing, 'wx');
  try {
    const result = await write(handle);
    await handle.sync();
    await handle.close();
    await rename(passing, file);
    await flushFolder(dirname(file));
    return result;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(passing, { force: true });
    throw error;
  }
}

/** Writes the whole chunk; a single write may stop short. */
export async function writeFully(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done);
    done += bytesWritten;
  }
}

async function flushFolder(folder: string): Promise<void> {
  // Windows cannot open folders; its rename is durable enough without.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
