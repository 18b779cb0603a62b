/** TAR archives (ustar, with the long names of GNU and pax), plain or in gzip. Links and devices are passed over. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { checkAmount, checkContents, damagedArchive, writePacked } from './packed.ts';

const block = 512;
const longestName = 64 * 1024;

/** Unpacks everything below `target`, which is there; returns how many files. @throws ProblemError archive.* */
export async function unpackTar(path: string, isGzip: boolean, target: string): Promise<number> {
  const bytes = new Bytes(source(path, isGzip));
  const all = { files: 0, bytes: 0 };
  let name: string | undefined;
  try {
    for (;;) {
      const header = await bytes.take(block);
      if (header === undefined || header.every((byte) => byte === 0)) return all.files;
      const size = sizeOf(header);
      if (!isHeader(header) || !Number.isFinite(size)) throw damagedArchive(path, 'a header in it is damaged');
      const type = String.fromCharCode(header[156]!);
      const padding = (block - (size % block)) % block;
      if (type === 'L' || type === 'x') {
        if (size > longestName) throw damagedArchive(path, 'a name in it is too long');
        const text = (await bytes.whole(size + padding)).toString('utf8', 0, size);
        name = type === 'L' ? text.replace(/\0.*$/s, '') : (/\d+ path=([^\n]*)\n/.exec(text)?.[1] ?? name);
        continue;
      }
      const file = { name: plain(name ?? nameOf(header)), bytes: size };
      name = undefined;
      if ((type === '0' || type === '\0') && file.name !== '') {
        checkContents([file], path);
        all.files += 1;
        all.bytes += size;
        checkAmount(all.files, all.bytes, path);
        await writePacked(file, bytes.next(size), target, path);
        await bytes.pass(padding);
      } else await bytes.pass(size + padding);
    }
  } catch (error) {
    if (error instanceof Cut || (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true)
      throw damagedArchive(path, error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    bytes.close();
  }
}

/** True where the first block is a header of a TAR archive: its checksum is right. */
export function isTarHeader(head: Uint8Array): boolean {
  return head.length >= block && isHeader(Buffer.from(head.buffer, head.byteOffset, block));
}

function isHeader(header: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < block; at++) sum += at >= 148 && at < 156 ? 32 : header[at]!;
  return sum === parseInt(textAt(header, 148, 8), 8);
}

function sizeOf(header: Buffer): number {
  // Sizes beyond 8 GB are binary, with the first bit set.
  if ((header[124]! & 0x80) !== 0) return Number(header.readBigUInt64BE(128));
  return parseInt(textAt(header, 124, 12) || '0', 8);
}

const textAt = (header: Buffer, at: number, length: number) =>
  header
    .toString('utf8', at, at + length)
    .replace(/\0.*$/s, '')
    .trim();

function nameOf(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textAt(header, 345, 155) : '';
  return prefix === '' ? textAt(header, 0, 100) : `${prefix}/${textAt(header, 0, 100)}`;
}

const plain = (name: string) => name.replace(/^(?:\.\/)+/, '');

function source(path: string, isGzip: boolean): AsyncIterator<Buffer> & { close(): void } {
  const file = createReadStream(path);
  const stream = isGzip ? file.pipe(createGunzip()) : file;
  if (isGzip) file.on('error', (error) => stream.destroy(error));
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  return Object.assign(iterator, { close: () => (file.destroy(), stream.destroy()) });
}

class Cut extends Error {}

/** Bytes of a stream in the portions that are asked for. */
class Bytes {
  readonly #source: AsyncIterator<Buffer> & { close(): void };
  #rest: Buffer = Buffer.alloc(0);

  constructor(from: AsyncIterator<Buffer> & { close(): void }) {
    this.#source = from;
  }

  /** Undefined at the end of the stream. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for await (const part of this.next(length, true)) parts.push(part as Buffer);
    const all = Buffer.concat(parts);
    if (all.length === 0) return undefined;
    if (all.length < length) throw new Cut('it is cut off');
    return all;
  }

  async whole(length: number): Promise<Buffer> {
    const all = length === 0 ? Buffer.alloc(0) : await this.take(length);
    if (all === undefined) throw new Cut('it is cut off');
    return all;
  }

  async pass(length: number): Promise<void> {
    const passed = this.next(length);
    while ((await passed.next()).done !== true);
  }

  /** The next so many bytes, piece by piece. */
  async *next(length: number, mayEnd = false): AsyncGenerator<Uint8Array, void, void> {
    let left = length;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#source.next();
        if (done === true) {
          if (mayEnd) return;
          throw new Cut('it is cut off');
        }
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  close(): void {
    this.#source.close();
  }
}
