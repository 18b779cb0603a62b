import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';

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
// Single reads and writes of 2 GiB and more are refused.
const atOnce = 1 << 30;

/** Replaces `file` as a whole; returns its size in bytes. Errors of the file system pass through (ENOSPC …). */
export async function writeSealed(file: string, content: Sealed): Promise<number> {
  const arrays = [...content.arrays].map(([name, values]) => ({ name, length: values.length }));
  const json = Buffer.from(JSON.stringify({ head: content.head, arrays }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const padding = Buffer.alloc(paddingAfter(magic.length + length.length + json.length));
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

/** The content of a sealed file, or undefined where there is none or its seal does not fit. Read in parts: it may exceed 2 GiB. */
export async function readSealed(file: string): Promise<Sealed | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return await readParts(handle);
  } finally {
    await handle.close();
  }
}

async function readParts(handle: FileHandle): Promise<Sealed | undefined> {
  const { size } = await handle.stat();
  const hash = createHash('sha256');
  let offset = 0;
  const take = async (target: Uint8Array): Promise<void> => {
    await readFully(handle, target, offset);
    hash.update(target);
    offset += target.length;
  };
  const begin = Buffer.alloc(magic.length + 4);
  if (size < begin.length + sealBytes) return undefined;
  await take(begin);
  const jsonLength = begin.readUInt32LE(magic.length);
  if (!begin.subarray(0, magic.length).equals(magic) || begin.length + jsonLength + sealBytes > size) return undefined;
  const json = Buffer.alloc(jsonLength + paddingAfter(begin.length + jsonLength));
  if (begin.length + json.length + sealBytes > size) return undefined;
  await take(json);
  const content = parseHead(json.toString('utf8', 0, jsonLength));
  // Nothing is allocated on the word of a head that the size of the file does not bear out.
  const valueBytes = content?.arrays.reduce((sum, { length }) => sum + 4 * length, 0);
  if (content === undefined || offset + valueBytes! + sealBytes !== size) return undefined;
  const arrays = new Map<string, Float32Array>();
  for (const { name, length } of content.arrays) {
    const values = new Float32Array(length);
    await take(new Uint8Array(values.buffer));
    arrays.set(name, values);
  }
  const seal = Buffer.alloc(sealBytes);
  await readFully(handle, seal, offset);
  return hash.digest().equals(seal) ? { head: content.head, arrays } : undefined;
}

const headSchema = v.object({
  head: v.unknown(),
  arrays: v.array(v.object({ name: v.string(), length: v.pipe(v.number(), v.integer(), v.minValue(0)) })),
});

function parseHead(json: string): v.InferOutput<typeof headSchema> | undefined {
  try {
    const parsed = v.safeParse(headSchema, JSON.parse(json));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function paddingAfter(length: number): number {
  return (8 - (length % 8)) % 8;
}

async function readFully(handle: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await handle.read(target, done, Math.min(target.length - done, atOnce), position + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
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
    const { bytesWritten } = await handle.write(chunk, done, Math.min(chunk.length - done, atOnce));
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
