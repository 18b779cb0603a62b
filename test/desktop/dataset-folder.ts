import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a small MMRec folder: 60 users, 40 items, one modality of width 8. Every user has train, validation and test rows. */
export function writeDatasetFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const rows = ['userID\titemID\tx_label'];
  for (let user = 0; user < 60; user++) {
    for (let step = 0; step < 8; step++) rows.push(`${user}\t${(user * 7 + step * 5) % 40}\t${step < 6 ? 0 : step - 5}`);
  }
  writeFileSync(join(folder, 'small.inter'), `${rows.join('\n')}\n`);
  writeFileSync(join(folder, 'image_feat.npy'), npy(40, 8));
}

/** A float32 .npy of the shape given, values drawn from a sine so that no two rows are equal. */
function npy(rows: number, width: number): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n';
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  const values = Float32Array.from({ length: rows * width }, (_, at) => Math.sin(at * 1.7 + 1));
  return Buffer.concat([start, Buffer.from(padded, 'latin1'), Buffer.from(values.buffer)]);
}
