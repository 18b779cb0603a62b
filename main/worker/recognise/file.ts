/** Files that their first bytes name: archives, arrays, and what is none of ours. Tables and logs of other tools are text or SQLite. */
import { open } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { Layout } from '#contract/opening.ts';
import { isTarHeader, unpackTar } from '#data/archive/tar.ts';
import { unpackZip, zipContent, zipContents, type ZipFile } from '#data/archive/zip.ts';
import { unknown } from './unknown.ts';
import { vectorsWith } from './vectors.ts';

/** A folder for the content of an archive, and what that is once it is there. */
export type Unpack = () => Promise<{ readonly target: string; readonly filled: () => Promise<readonly Layout[]> }>;

const headBytes = 1024;
const longestManifest = 64 * 1024 * 1024;

/** Undefined where the first bytes say nothing. */
export async function layoutsOfFile(path: string, size: number, unpack: Unpack): Promise<readonly Layout[] | undefined> {
  if (size === 0) throw unknown({ where: path, found: 'it is empty' });
  const head = await headOf(path);
  if (startsWith(head, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])) return [await vectorsWith(path)];
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return zipped(path, unpack);
  if (isTarHeader(head)) return tarred(path, false, unpack);
  if (startsWith(head, [0x1f, 0x8b]) && isTarHeader(await unzippedHead(path))) return tarred(path, true, unpack);
  const name = binaries.find(({ bytes }) => startsWith(head, bytes))?.name;
  if (name !== undefined) throw unknown({ where: path, found: name });
  return undefined;
}

const binaries: readonly { readonly bytes: readonly number[]; readonly name: string }[] = [
  { bytes: [0x89, 0x50, 0x4e, 0x47], name: 'a picture' },
  { bytes: [0xff, 0xd8, 0xff], name: 'a picture' },
  { bytes: [0x25, 0x50, 0x44, 0x46], name: 'a PDF' },
  { bytes: [0x50, 0x41, 0x52, 0x31], name: 'a Parquet file; save it as CSV' },
  { bytes: [0x89, 0x48, 0x44, 0x46], name: 'an HDF5 file; save it as CSV or .npy' },
  { bytes: [0x80, 0x02], name: 'a pickle, which could run code and is never opened' },
  { bytes: [0x80, 0x04], name: 'a pickle, which could run code and is never opened' },
];

async function zipped(path: string, unpack: Unpack): Promise<readonly Layout[]> {
  const files = await zipContents(path);
  if (await isBundle(path, files)) return [{ kind: 'bundle', path }];
  const names = files.map(({ name }) => name);
  if (names.includes('[Content_Types].xml')) throw unknown({ where: path, found: 'an Office document; save its table as CSV' });
  if (names.some((name) => /(?:^|\/)data\.pkl$/.test(name))) throw unknown({ where: path, found: 'weights or tensors of PyTorch' });
  const { target, filled } = await unpack();
  await unpackZip(path, files, target);
  return filled();
}

async function tarred(path: string, isGzip: boolean, unpack: Unpack): Promise<readonly Layout[]> {
  const { target, filled } = await unpack();
  await unpackTar(path, isGzip, target);
  return filled();
}

async function isBundle(path: string, files: readonly ZipFile[]): Promise<boolean> {
  const manifest = files.find(({ name }) => name === 'manifest.json');
  if (manifest === undefined || manifest.bytes > longestManifest) return false;
  let text = '';
  for await (const piece of zipContent(path, manifest)) {
    text += Buffer.from(piece).toString('latin1');
    if (text.length >= headBytes) break;
  }
  return /"format":\s*"avocet-bundle"/.test(text.slice(0, headBytes));
}

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const block = Buffer.alloc(headBytes);
    return block.subarray(0, (await handle.read(block, 0, headBytes, 0)).bytesRead);
  } finally {
    await handle.close();
  }
}

async function unzippedHead(path: string): Promise<Buffer> {
  const file = createReadStream(path);
  const unzipped = file.pipe(createGunzip());
  file.on('error', (error) => unzipped.destroy(error));
  let head = Buffer.alloc(0);
  try {
    for await (const piece of unzipped as AsyncIterable<Buffer>) {
      head = Buffer.concat([head, piece]);
      if (head.length >= headBytes) break;
    }
  } catch {
    // A table in gzip may be damaged: whoever reads it says so.
  } finally {
    file.destroy();
  }
  return head;
}

const startsWith = (head: Buffer, bytes: readonly number[]) => bytes.every((byte, at) => head[at] === byte);
