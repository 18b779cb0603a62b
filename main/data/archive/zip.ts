/** ZIP archives on disk, stored or deflated, read by position: the table of contents first, then the files that are asked for. */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { checkContents, damagedArchive, writePacked, type PackedFile } from './packed.ts';

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const longestComment = 0xffff;
const mostContents = 64 * 1024 * 1024;

export interface ZipFile extends PackedFile {
  readonly method: number;
  readonly packedBytes: number;
  /** Where its local header begins. */
  readonly at: number;
}

/** Files of an archive in the order of its table of contents; folders are left out. @throws ProblemError archive.damaged */
export async function zipContents(path: string): Promise<ZipFile[]> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const tail = await bytesAt(handle, Math.max(0, size - endBytes - longestComment), Math.min(size, endBytes + longestComment));
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (end < 0 || end + endBytes > tail.length || tail.readUInt32LE(end) !== endSignature)
      throw damagedArchive(path, 'it has no end record, so it is cut off');
    const count = tail.readUInt16LE(end + 10);
    const contentsBytes = tail.readUInt32LE(end + 12);
    const start = tail.readUInt32LE(end + 16);
    if (count === 0xffff || start === 0xffffffff || contentsBytes > mostContents || start + contentsBytes > size)
      throw damagedArchive(path, 'it is larger than 4 GB, or its table of contents is damaged');
    return entriesOf(await bytesAt(handle, start, contentsBytes), count, path);
  } finally {
    await handle.close();
  }
}

function entriesOf(contents: Buffer, count: number, path: string): ZipFile[] {
  const files: ZipFile[] = [];
  for (let entry = 0, at = 0; entry < count; entry++) {
    if (at + 46 > contents.length || contents.readUInt32LE(at) !== centralSignature)
      throw damagedArchive(path, 'its table of contents is damaged');
    const nameBytes = contents.readUInt16LE(at + 28);
    const name = contents.toString('utf8', at + 46, at + 46 + nameBytes);
    if ((contents.readUInt16LE(at + 8) & 1) !== 0) throw damagedArchive(path, `“${name.slice(0, 120)}” is encrypted`);
    if (!name.endsWith('/'))
      files.push({
        name,
        method: contents.readUInt16LE(at + 10),
        packedBytes: contents.readUInt32LE(at + 20),
        bytes: contents.readUInt32LE(at + 24),
        at: contents.readUInt32LE(at + 42),
      });
    at += 46 + nameBytes + contents.readUInt16LE(at + 30) + contents.readUInt16LE(at + 32);
  }
  return files;
}

/** Content of one file, piece by piece. */
export async function* zipContent(path: string, file: ZipFile): AsyncGenerator<Uint8Array, void, void> {
  if (file.method !== 0 && file.method !== 8) throw damagedArchive(path, `“${file.name.slice(0, 120)}” is packed by method ${file.method}`);
  const handle = await open(path, 'r');
  let start: number;
  try {
    const header = await bytesAt(handle, file.at, 30);
    if (header.length < 30 || header.readUInt32LE(0) !== localSignature)
      throw damagedArchive(path, `“${file.name.slice(0, 120)}” is not where the table of contents says`);
    start = file.at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await handle.close();
  }
  if (file.packedBytes === 0) return;
  const packed = createReadStream(path, { start, end: start + file.packedBytes - 1 });
  if (file.method === 0) return yield* packed as AsyncIterable<Buffer>;
  const unpacked = createInflateRaw();
  packed.on('error', (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  try {
    yield* unpacked as AsyncIterable<Buffer>;
  } catch (error) {
    throw damagedArchive(path, error instanceof Error ? error.message : String(error));
  } finally {
    packed.destroy();
  }
}

/** Unpacks everything below `target`, which is there. @throws ProblemError archive.* */
export async function unpackZip(path: string, files: readonly ZipFile[], target: string): Promise<void> {
  checkContents(files, path);
  for (const file of files) await writePacked(file, zipContent(path, file), target, path);
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const block = Buffer.alloc(length);
  const { bytesRead } = await handle.read(block, 0, length, at);
  return block.subarray(0, bytesRead);
}
