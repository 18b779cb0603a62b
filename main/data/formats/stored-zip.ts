import { crc32 } from '#contract/crc32.ts';
import { dataError } from '../issue-log.ts';

/** One file of the archive; `bytes` is a view into the archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const mostEntries = 10_000;

/**
 * Entries of a ZIP whose files are stored, not compressed, as `.pt` files are. Every offset and size is checked against the
 * archive, names may not leave the folder, and each CRC is verified. Throws ProblemError `zip.*` naming `file`.
 */
export function readStoredZip(bytes: Uint8Array, file: string): ZipEntry[] {
  const fail = (code: string, message: string, fix = 'Copy the file again from its source.'): never => {
    throw dataError({ code: `zip.${code}`, message, where: file, fix });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 22 || view.getUint32(0, true) !== localSignature) {
    return fail(
      'not-zip',
      'The file is not a ZIP archive, as .pt files are since PyTorch 1.6.',
      'Load and save it once with a current PyTorch, or delete it: Avocet computes the graph.',
    );
  }
  const end = findEnd(view);
  if (end < 0) return fail('truncated', 'The archive has no end record: it is cut off.');
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === 0xffffffff || count > mostEntries)
    return fail('zip64', 'The archive uses ZIP64 or has too many entries.', 'Save the graph as a sparse tensor.');
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = start;
  for (let e = 0; e < count; e++) {
    if (at + 46 > end || view.getUint32(at, true) !== centralSignature)
      return fail('directory', 'The archive’s table of contents is damaged.');
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const crc = view.getUint32(at + 16, true);
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const local = view.getUint32(at + 42, true);
    if (next > end) return fail('directory', 'The archive’s table of contents is damaged.');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    at = next;
    if (leavesFolder(name))
      return fail(
        'path-outside',
        `The archive holds “${name.slice(0, 120)}”, a path outside its folder.`,
        'Do not unpack this file. Get it again from a source you trust.',
      );
    if (names.has(name)) return fail('duplicate-entry', `The archive holds “${name.slice(0, 120)}” twice.`);
    names.add(name);
    if ((flags & 1) !== 0) return fail('encrypted', `“${name.slice(0, 120)}” is encrypted.`, 'Save the file without encryption.');
    if (method !== 0 || packed !== size)
      return fail(
        'compressed',
        `“${name.slice(0, 120)}” is compressed; entries of a .pt file are stored.`,
        'Save the file with torch.save.',
      );
    if (local + 30 > bytes.length || view.getUint32(local, true) !== localSignature)
      return fail('directory', `“${name.slice(0, 120)}” is not where the table of contents says.`);
    const dataStart = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (dataStart + size > bytes.length) return fail('truncated', `“${name.slice(0, 120)}” is cut off.`);
    const data = bytes.subarray(dataStart, dataStart + size);
    if (crc32(data) !== crc) return fail('checksum', `“${name.slice(0, 120)}” does not have its stored checksum: the file is damaged.`);
    entries.push({ name, bytes: data });
  }
  return entries;
}

function findEnd(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= lowest; at--) if (view.getUint32(at, true) === endSignature) return at;
  return -1;
}

function leavesFolder(name: string): boolean {
  return (
    name === '' ||
    name.startsWith('/') ||
    name.includes('\\') ||
    name.includes('\0') ||
    /^[A-Za-z]:/.test(name) ||
    name.split('/').includes('..')
  );
}
