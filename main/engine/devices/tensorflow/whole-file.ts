import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Whether a shared library is all there. Loading one that was cut off (a broken download, a full disk) ends the process with SIGBUS
 * and no message. An ELF file names its section table, which the linker writes last, so the file must reach to its end. Formats of
 * other systems are taken as whole. Returns what is wrong, or undefined.
 */
export function whatIsCut(file: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const header = Buffer.alloc(64);
    if (readSync(descriptor, header, 0, 64, 0) < 64) return `${file} has only ${size} bytes`;
    if (header.readUInt32BE(0) !== 0x7f454c46)
      return process.platform === 'linux' ? `${file} is not a shared library (no ELF header)` : undefined;
    if (header[4] !== 2 || header[5] !== 1) return `${file} is not for a 64-bit little-endian system`;
    const table = Number(header.readBigUInt64LE(40));
    const end = table + header.readUInt16LE(58) * header.readUInt16LE(60);
    return size >= end ? undefined : `${file} is cut off: ${size} of at least ${end} bytes`;
  } finally {
    closeSync(descriptor);
  }
}
