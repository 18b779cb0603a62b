import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NeighbourMemory } from './dataset.ts';
import type { Neighbours } from './knn.ts';

/** What the lists depend on beside features and k; another way to find them is another number. */
const method = 'cosine, self included, 1';
const sealBytes = 32;

/**
 * The nearest neighbours of a modality's items, kept beside its features: every run with this k would find the same ones, on any
 * device. A file is SHA-256 over features' hash, shape and what follows; then ids (int32) and cosines (float32), [rows, k] each. A file
 * that does not fit, of other features or torn, is as good as none.
 */
export function neighbourMemory(
  folder: string,
  modality: { readonly name: string; readonly hash: string; readonly rows: number },
): NeighbourMemory {
  const { name, hash, rows } = modality;
  const file = (k: number) => join(folder, `neighbours.${name}.k${k}.bin`);
  const seal = (k: number, content: Uint8Array) =>
    createHash('sha256').update(JSON.stringify({ method, hash, rows, k })).update(content).digest();
  return {
    find: (k) => {
      let stored: Uint8Array;
      try {
        stored = readFileSync(file(k));
      } catch {
        return undefined;
      }
      const content = Uint8Array.from(stored.subarray(sealBytes));
      if (content.length !== 8 * rows * k || seal(k, content).compare(stored, 0, sealBytes) !== 0) return undefined;
      return { rows, k, ids: new Int32Array(content.buffer, 0, rows * k), cosines: new Float32Array(content.buffer, 4 * rows * k) };
    },
    keep: ({ k, ids, cosines }) => {
      const content = Buffer.concat([bytesOf(ids), bytesOf(cosines)]);
      const aside = join(folder, `.neighbours.${randomBytes(4).toString('hex')}`);
      try {
        writeFileSync(aside, Buffer.concat([seal(k, content), content]));
        renameSync(aside, file(k));
      } catch {
        // A folder that takes no file, a full disk: the next run computes them again.
        rmSync(aside, { force: true });
      }
    },
  };
}

function bytesOf(values: Neighbours['ids'] | Neighbours['cosines']): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
