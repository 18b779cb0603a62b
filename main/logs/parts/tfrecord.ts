/**
 * Records of a TFRecord file: length (uint64, little endian), its masked CRC-32C, the data, their masked CRC-32C. A file that a
 * writer was still at, or that was copied while it grew, ends inside a record: that is tolerated and said. Anything else is damage.
 */
import { open } from 'node:fs/promises';
import { maskedCrc32c } from './crc32c.ts';
import { damaged } from './damaged.ts';

const header = 12;
const footer = 4;
const blockBytes = 4 * 1024 * 1024;
/** A longer one is a wrong length: events are scalars, pictures and graphs. */
const longest = 512 * 1024 * 1024;

/**
 * Calls `take` with each record (valid until it returns) and its place. Returns the place of a last record that is cut short.
 * @throws ProblemError logs.damaged with file and byte
 */
export async function readRecords(path: string, take: (record: Uint8Array, at: number) => void): Promise<number | undefined> {
  const file = await open(path, 'r');
  try {
    let buffer: Uint8Array = new Uint8Array(0);
    let start = 0;
    let hasMore = true;
    while (hasMore) {
      const block = new Uint8Array(Math.max(blockBytes, needed(buffer) - buffer.length));
      const { bytesRead } = await file.read(block, 0, block.length);
      hasMore = bytesRead > 0;
      buffer = buffer.length === 0 ? block.subarray(0, bytesRead) : Buffer.concat([buffer, block.subarray(0, bytesRead)]);
      const used = takeWhole(buffer, start, path, take);
      start += used;
      buffer = buffer.subarray(used);
    }
    return buffer.length === 0 ? undefined : start;
  } finally {
    await file.close();
  }
}

function takeWhole(bytes: Uint8Array, start: number, path: string, take: (record: Uint8Array, at: number) => void): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + header <= bytes.length) {
    if (maskedCrc32c(bytes, at, at + 8) !== view.getUint32(at + 8, true)) throw torn(path, start + at, 'the length of a record');
    const length = lengthAt(view, at);
    if (length > longest) throw torn(path, start + at, `a record of ${length} bytes`);
    const end = at + header + length + footer;
    if (end > bytes.length) break;
    if (maskedCrc32c(bytes, at + header, at + header + length) !== view.getUint32(at + header + length, true))
      throw torn(path, start + at, 'the content of a record');
    take(bytes.subarray(at + header, at + header + length), start + at);
    at = end;
  }
  return at;
}

const lengthAt = (view: DataView, at: number) => view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;

/** Bytes of the record that a buffer begins with. */
function needed(buffer: Uint8Array): number {
  if (buffer.length < header) return 0;
  return header + footer + Math.min(longest, lengthAt(new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength), 0));
}

/** What to do with an event file that is not as it was written. */
export const copyAnew = 'Copy the file anew from where it was written; what stands in it cannot be trusted.';

const torn = (path: string, at: number, what: string) => damaged(`${path}: byte ${at}`, `The checksum of ${what} does not fit`, copyAnew);
