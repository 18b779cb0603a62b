import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetDetail } from '#contract/dataset.ts';
import { fileHash } from '../file-hash.ts';

/** True where a folder still holds, byte for byte, every file that a dataset was imported from. */
export async function holdsFiles(folder: string, files: DatasetDetail['files']): Promise<boolean> {
  if (files.length === 0) return false;
  for (const { name, bytes } of files) {
    const size = await stat(join(folder, name)).then(
      (found) => found.size,
      () => undefined,
    );
    if (size !== bytes) return false;
  }
  for (const { name, hash } of files) if ((await fileHash(join(folder, name))) !== hash) return false;
  return true;
}
